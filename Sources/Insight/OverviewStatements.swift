import Postgres

extension Statement {
    /// Jobs with a wake-up, by its reason, told apart by whether its time has come. The timers that an ended job leaves
    /// behind do not count. Reads at most 100,000 wake-ups, so that a campaign of many millions does not make looking at
    /// it expensive; more show as 100,000.
    static let dueCounts = Statement(
        name: "overview.due",
        sql: """
            select reason, at > clock_timestamp() as is_later, count(distinct job_id) as count
              from (select reason, at, job_id from outrider.due limit 100000) d
             where not exists (select from outrider.events o
                                where o.job_id = d.job_id and o.generation = 0 and o.kind = 'outcome')
             group by 1, 2 order by 1, 2
            """)

    /// The oldest wake-up whose time has come. Steps from lane to lane along the index instead of reading all rows.
    static let oldestOverdue = Statement(
        name: "overview.oldest_overdue",
        sql: """
            with recursive lanes as (
                select (select lane from outrider.due order by lane limit 1) as lane
                union all
                select (select d.lane from outrider.due d where d.lane > l.lane order by d.lane limit 1)
                  from lanes l where l.lane is not null
            )
            select greatest(0, extract(epoch from clock_timestamp() - min(first.at)))::float8 as age_seconds
              from lanes
              cross join lateral (
                   select at from outrider.due d where d.lane = lanes.lane order by d.lane, d.at, d.job_id limit 1) first
             where lanes.lane is not null and first.at <= clock_timestamp()
            """)

    /// How jobs ended in the last 24 hours, by outcome and the channel that ended them.
    static let outcomeCounts = Statement(
        name: "overview.outcomes",
        sql: """
            select coalesce(code, status) as outcome, coalesce(channel, '') as channel, count(*) as count
              from outrider.events
             where kind = 'outcome' and at > clock_timestamp() - interval '24 hours'
             group by 1, 2 order by 1, 2
            """)

    /// Jobs that wait for a person: held, not released, not ended.
    static let heldCount = Statement(
        name: "overview.held",
        sql: """
            select count(*) as count
              from outrider.events h
             where h.kind = 'held'
               and not exists (select from outrider.events r
                                where r.job_id = h.job_id and r.generation = h.generation and r.kind = 'released')
               and not exists (select from outrider.events o
                                where o.job_id = h.job_id and o.generation = 0 and o.kind = 'outcome')
            """)

    /// Sends nobody could account for at first, what became of them, and what was learnt too late, all in the last 24 hours;
    /// at most 100,000 of each are read.
    static let doubtCounts = Statement(
        name: "overview.doubts",
        sql: """
            select 'unknown' as finding, status as word, coalesce(channel, '') as channel, count(*) as count
              from (select status, channel from outrider.events
                     where kind = 'answer' and status in ('unknown', 'lost') and at > clock_timestamp() - interval '24 hours'
                     limit 100000) e
             group by 1, 2, 3
            union all
            select status, coalesce(code, ''), '', count(*)
              from (select status, code from outrider.events
                     where kind = 'reconciled' and at > clock_timestamp() - interval '24 hours' limit 100000) e
             where status in ('resolved', 'duplicate', 'late delivery')
             group by 1, 2
             order by 1, 2, 3
            """)

    /// Attempts a worker is at right now.
    static let leasedCount = Statement(
        name: "overview.leased",
        sql: "select coalesce(sum(cardinality(job_ids)), 0)::bigint as count from outrider.leases")

    /// How far back the number goes of which it is longest unknown what people wrote to it. One that nobody has looked at for
    /// hours is no number of ours any more, or no worker lives.
    static let unheard = Statement(
        name: "overview.unheard",
        sql: """
            select extract(epoch from clock_timestamp() - min(seen_until))::float8 as age_seconds
              from outrider.catch_ups where look_at > clock_timestamp() - interval '2 hours'
            """)

    static let suppressionCounts = Statement(
        name: "overview.suppressions",
        sql: """
            select channel, count(*) as count from outrider.suppressions where lifted_at is null group by 1 order by 1
            """)

    /// Workers whose heartbeat is younger than a minute: after that the others take over their leases.
    static let liveWorkers = Statement(
        name: "overview.workers",
        sql: """
            select id, host, version, state,
                   greatest(0, extract(epoch from clock_timestamp() - heartbeat_at))::float8 as heartbeat_age_seconds
              from outrider.workers
             where heartbeat_at > clock_timestamp() - interval '60 seconds'
             order by id limit 1000
            """)

    /// The newest jobs. The ids are picked first, so that the view reads these jobs' events and no others.
    static let recentJobs = Statement(
        name: "overview.recent_jobs",
        sql: """
            select id, kind, category, coalesce(ladder, '') as ladder, coalesce(channel, '') as channel, state, attempts,
                   coalesce(reason, '') as reason,
                   to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
                   to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ended_at
              from outrider.job_status
             where id = any (array(select id from outrider.jobs order by id desc limit $1::integer))
             order by id desc
            """)

    static let jobByID = Statement(
        name: "overview.job",
        sql: """
            select id, kind, category, coalesce(ladder, '') as ladder, coalesce(channel, '') as channel, state, attempts,
                   coalesce(reason, '') as reason,
                   to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as created_at,
                   to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ended_at
              from outrider.job_status where id = $1::bigint
            """)

    static let timeline = Statement(
        name: "overview.timeline",
        sql: """
            select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
                   attempt, step, coalesce(channel, '') as channel, event, coalesce(detail, '') as detail
              from outrider.timeline($1::bigint) limit 10000
            """)

    static let databaseAnswers = Statement(
        name: "overview.ping", sql: "select count(*) as count from (select from outrider.workers limit 1) w")
}
