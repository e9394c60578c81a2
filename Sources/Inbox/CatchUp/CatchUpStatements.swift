import Postgres

extension Statement {
    /// Notes the numbers that people can write to. A Messaging Service picks its numbers itself, so with one of those the
    /// whole account is listed. A number is looked at from when it was added, but no further back than a day.
    ///
    /// $1 account.
    static let watchNumbers = Statement(
        name: "catch_up.watch",
        sql: """
            insert into outrider.catch_ups (account, channel, address, seen_until, listed_until)
            select $1, channel, address, since, since
              from (select channel, address, greatest(min(created_at), clock_timestamp() - interval '1 day') as since
                      from (\(numbers)) n group by channel, address) w
             order by channel, address
            on conflict do nothing
            """)

    /// Takes the number that has waited longest for a look. One that every gateway has covered all along needs none: what
    /// they could bring is known up to their last heartbeats. One of several that fails is a gap, as a balancer goes on
    /// sending it its share for a while. Now and then it is listed all the same: a way from the provider to the gateways that
    /// is closed looks to them like nobody writing; and soon when somebody's last word is in doubt, until lists cannot be late.
    ///
    /// $1 account, $2 seconds between looks, $3 seconds of the lease, $4 seconds a list begins earlier, $5 seconds after
    /// which a gateway is gone, $6 seconds after which it is listed all the same.
    static let claimCatchUp = Statement(
        name: "catch_up.claim",
        sql: """
            with free as materialized (
                select c.account, c.channel, c.address from outrider.catch_ups c
                 where c.account = $1 and c.look_at <= clock_timestamp()
                   and (c.channel, c.address) in (select channel, address from (\(numbers)) n)
                 order by c.look_at limit 1 for update of c skip locked
            ), covering as materialized (
                select f.*, (select case when bool_and(g.beat_at > clock_timestamp() - make_interval(secs => $5)
                                                       and g.up_since <= c.seen_until - make_interval(secs => $4)
                                                       and c.listed_until > clock_timestamp() - make_interval(secs => $6)
                                                       and c.listed_until >= coalesce(c.asked_at + interval '1 minute', c.listed_until)
                                                       and c.pass_from is null) then min(g.beat_at) end
                               from outrider.gateways g
                              where g.beat_at > c.seen_until - make_interval(secs => $4)) as covered_until
                  from free f join outrider.catch_ups c using (account, channel, address)
            )
            update outrider.catch_ups c
               set seen_until = greatest(c.seen_until, v.covered_until),
                   look_at = clock_timestamp() + make_interval(secs => case when v.covered_until is null then $3 else $2 end::double precision),
                   holder = case when v.covered_until is null then gen_random_uuid() end,
                   pass_from = case when v.covered_until is null then coalesce(c.pass_from, clock_timestamp()) end
              from covering v
             where (c.account, c.channel, c.address) = (v.account, v.channel, v.address)
            returning c.channel, c.address, c.holder, c.next_page, c.failures, v.covered_until is not null as is_covered,
                      (extract(epoch from least(c.seen_until, c.listed_until) - make_interval(secs => $4)) * 1000000)::bigint as since_us
            """)

    /// Keeps how far the list was read, once what it showed is stored. Nothing comes back when the lease was lost.
    ///
    /// $1 holder, $2 the next page; null: that was the last, $3 seconds to the next look, or of the lease.
    static let keepCatchUp = Statement(
        name: "catch_up.keep",
        sql: """
            update outrider.catch_ups
               set next_page = $2, failures = 0, look_at = clock_timestamp() + make_interval(secs => $3),
                   seen_until = case when $2::text is null then greatest(seen_until, pass_from) else seen_until end,
                   listed_until = case when $2::text is null then greatest(listed_until, pass_from) else listed_until end,
                   pass_from = case when $2::text is not null then pass_from end
             where holder = $1 returning 1
            """)

    /// Gives the lease up; the list goes on where it was, or begins again. $1 holder, $2 seconds to the next look, $3 whether
    /// the provider could not be asked, $4 whether to begin again.
    static let putOffCatchUp = Statement(
        name: "catch_up.put_off",
        sql: """
            update outrider.catch_ups
               set look_at = clock_timestamp() + make_interval(secs => $2), holder = null,
                   failures = case when $3 then failures + 1 else failures end,
                   next_page = case when not $4 then next_page end,
                   pass_from = case when not $4 then pass_from end
             where holder = $1
            """)

    /// After a gateway came back, asks early about attempts whose receipts it may have missed: their wake-ups are moved, so
    /// that each keeps exactly one. A look before its wait is over asks the provider and waits on.
    ///
    /// $1 seconds after which a gateway is gone, $2 the most wake-ups, $3 how many a second.
    static let hastenReceipts = Statement(
        name: "catch_up.hasten",
        sql: """
            with back as (
                update outrider.gateways set hastened_at = clock_timestamp()
                 where id in (select id from outrider.gateways
                               where (hastened_at is null or hastened_at < up_since)
                                 and beat_at > clock_timestamp() - make_interval(secs => $1)
                               order by id for update skip locked)
                returning id
            ), pick as materialized (
                select ctid, row_number() over (order by at, job_id) as n
                  from (select ctid, at, job_id, reason from outrider.due
                         where exists (select from back) and lane = 0 and at > clock_timestamp() + interval '5 seconds'
                           and reason = 'receipt'
                         order by at, job_id limit (select $2::bigint) for update skip locked) d
            ), moved as (
                delete from outrider.due where ctid = any (array(select ctid from pick)) returning ctid, due.*
            )
            insert into outrider.due (at, job_id, lane, reason, step, generation, ladder_id, cost)
            select least(m.at, clock_timestamp() + make_interval(secs => p.n / $3::double precision)),
                   m.job_id, m.lane, m.reason, m.step, m.generation, m.ladder_id, m.cost
              from moved m join pick p on p.ctid = m.ctid
            """)

    private static let numbers = """
        select case when is_service then '*' else channel end as channel,
                           case when is_service then '*' else address end as address, created_at
                      from (select channel, address, created_at, address like 'MG%' as is_service from outrider.senders
                             where channel in ('sms', 'whatsapp') and (address like 'MG%' or address ~ '^[+]?[0-9]+$')) s
        """
}
