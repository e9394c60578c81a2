"""Schedules fire every minute while workers die all the time, by clocks that are wrong, and the database fails over."""
import os
import subprocess
import threading
import time

from ..cluster import DatabaseDown
from ..traffic import phone
from .failover import Failover
from .resources import CLOCK

AUDIENCE = """
create schema crm;
create table crm.members as select n as key, '+4930900' || lpad(n::text, 5, '0') as phone from generate_series(1, 3) n;
grant usage on schema crm to outrider_worker, chaos_application;
grant select on crm.members to outrider_worker, chaos_application;
"""
JOB = """
select count(outrider.create_schedule('job' || n, '* * * * *', 'Europe/Warsaw', jsonb_build_object('job', jsonb_build_object(
           'channel', 'sms', 'category', 'alert', 'address', address, 'body', 'Schedule ' || n)),
           missed => 'all', missed_limit => 1000, catch_up => '1 day', jitter => make_interval(secs => n % 55)))
  from unnest(array[{phones}]) with ordinality as u (address, n);
"""
CAMPAIGN = """
select count(outrider.create_schedule('campaign' || n, '* * * * *', 'UTC',
           '{"campaign": {"channel": "sms", "category": "alert", "body": "Campaign", "audience": "crm.members"}}',
           missed => 'all', missed_limit => 1000, catch_up => '1 day', overlap => 'allow', jitter => make_interval(secs => n * 5)))
  from generate_series(1, 5) n;
"""
# Each time from the first on, and what there is of it.
TIMES = """
with times as (
    select s.id, s.action, t as nominal
      from outrider.schedules s cross join lateral generate_series(date_trunc('minute', s.created_at) + interval '1 minute', {until}, interval '1 minute') t
), found as (
    select t.*, f.outcome, f.campaign_id, f.job_id,
           (select count(*) from outrider.jobs j where j.idempotency_key = format('outrider.schedule/%s/%s', t.id, (extract(epoch from t.nominal) * 1000000)::bigint)) as jobs,
           (select count(*) from outrider.campaigns c join outrider.schedules s on s.id = t.id and s.tenant = c.tenant
             where c.name like s.name || '/' || to_char(t.nominal at time zone s.time_zone, 'YYYY-MM-DD"T"HH24:MI') || '%') as campaigns
      from times t left join outrider.schedule_fires f on f.schedule_id = t.id and f.nominal_at = t.nominal
)
select count(*), count(*) filter (where outcome is null), count(*) filter (where outcome is not null and outcome <> 'fired'),
       count(*) filter (where jobs + campaigns > 1), count(*) filter (where outcome = 'fired' and jobs + campaigns = 0) from found;
"""


class Schedules(Failover):
    """`count` is the number of workers that are killed in the first arm."""

    name = "schedules"
    about = "N workers are killed while hundreds of schedules fire each minute, by clocks an hour off; and the database fails over"
    count, short = 10_000, 40

    fleet, jobs, pause = 8, 100, 0.1

    def arms(self):
        arms = [("kills, by clocks an hour off", True, self.killed), ("failovers", True, self.failed_over)]
        return arms if self.size >= 100 else arms[:1]

    def killed(self, stack):
        stack.start(seed=self.seed)
        library = os.path.join(stack.directory, "clock.so")
        subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-o", library, CLOCK], check=True)  # Swift brings it along.
        self.clocks = [{"LD_PRELOAD": library, "CLOCK_OFFSET": offset} for offset in ("3600", "-3600", "0")]
        workers = [self.work(stack, number) for number in range(self.fleet)]
        stack.wait_for_registration(*workers)
        self.make(stack)
        begun, shown = time.monotonic(), 0
        # Whatever the number of kills, some minutes must begin.
        while len(stack.killed) < self.size or time.monotonic() - begun < 130:
            stack.kill(workers.pop(self.random.randrange(len(workers))))
            workers.append(self.work(stack, stack.workers_started))
            time.sleep(self.random.uniform(0, 2 * self.pause) if len(stack.killed) < self.size else 1)
            if time.monotonic() - shown > 20:
                shown = time.monotonic()
                self.note(f"  {len(stack.killed)} kills, " + self.progress(stack))
        stack.figures["kills"] = len(stack.killed)
        self.end(stack)

    def failed_over(self, stack):
        primary, standby = self.pair(stack, is_synchronous=True, rate=400)
        stack.wait_for_registration(*[stack.start_worker() for _ in range(3)])
        self.make(stack)
        count = max(2, min(20, self.size // 500))
        for number in range(count):
            time.sleep(self.random.uniform(20, 45))
            primary, standby, old = self.switch(stack, primary, standby)
            stack.wait_for(lambda: primary.sql("select 1"), "the standby", 30)
            standby = self.next_standby(stack, primary, old, number, is_synchronous=True)
            self.note(f"  {number + 1} failovers, " + self.progress(stack))
        stack.judges_takeover = False  # Nobody was killed.
        stack.figures["failovers"] = count
        self.end(stack)
        standby.stop()

    def work(self, stack, number):
        return stack.start_worker(self.clocks[number % len(self.clocks)])

    def make(self, stack):
        stack.cluster.sql(AUDIENCE)
        phones = ", ".join(f"'{phone(serial)}'" for serial in range(self.jobs))
        url = stack.inserts_url or stack.cluster.url("chaos_application")
        stack.cluster.sql(JOB.format(phones=phones), url=url)
        stack.cluster.sql(CAMPAIGN, url=url)

    def progress(self, stack):
        try:
            fired, campaigns = stack.cluster.sql("""select count(*) filter (where outcome = 'fired'), count(campaign_id) from outrider.schedule_fires""")[0]
            return f"{fired} times fired, {campaigns} campaigns"
        except DatabaseDown:
            return "the database is down"

    def end(self, stack):
        """Every time up to a minute ago was decided, fired, and made one thing."""
        until = float(stack.cluster.value("select extract(epoch from date_trunc('minute', clock_timestamp()) - interval '1 minute')"))
        stack.wait_for(lambda: stack.cluster.value(f"select bool_and(decided_until >= to_timestamp({until})) from outrider.schedule_clocks") == "t",
                       "every schedule", 120)
        stack.cluster.sql("select outrider.pause_schedules('the end')")
        times, missed, other, twice, empty = map(int, stack.cluster.sql(TIMES.format(until=f"to_timestamp({until})"))[0])
        stack.figures["times of schedules"] = times
        for what, count in {"missed": missed, "did not fire": other, "made twice": twice, "fired and made nothing": empty}.items():
            stack.bound(f"times of schedules that {'were ' if what == 'missed' else ''}{what}", count, 0)
        stack.append("audience.jsonl", [{"campaign": name, "key": str(key)} for name, in stack.cluster.sql("select name from outrider.campaigns")
                                        for key in range(1, 4)])
        stack.quiet()
