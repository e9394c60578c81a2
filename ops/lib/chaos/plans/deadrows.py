"""Suppressed and cancelled rows stand before the living, in the queue of a slow sender."""
import time

from ..plan import Plan
from ..traffic import send


class DeadRows(Plan):
    name = "deadrows"
    about = "N suppressed or cancelled rows before 100 living ones, at 10 a second: the last is begun within 12 s"
    count, short = 90_000, 0

    living, rate, seconds = 100, 10, 12

    def run(self, stack):
        stack.start(rate=self.rate, seed=self.seed)
        half = self.size // 2
        self.note(f"  filling {self.size} dead rows")
        stack.cluster.sql(f"""
            insert into outrider.suppressions (address, channel, reason, source)
            select '+1600' || lpad(n::text, 7, '0'), 'sms', 'stop', 'chaos' from generate_series(1, {half}) n;
            insert into outrider.jobs (channel, address, body, category)
            select 'sms', '+1600' || lpad(n::text, 7, '0'), 'Note ' || n, 'marketing' from generate_series(1, {self.size}) n;
            select count(outrider.cancel(id)) from outrider.jobs where id > {half};
            analyze""", timeout=600)
        jobs = [{**send(f"living-{self.seed}-{n}", "sms", n, self.random, category="marketing", wait_seconds=60), "oracle": "delivered"}
                for n in range(self.living)]
        stack.insert(jobs)
        started = time.time()
        worker = stack.start_worker()
        stack.wait_for_registration(worker)
        begun = f"select count(*) from outrider.events e join outrider.jobs j on j.id = e.job_id where e.kind = 'intent' and j.idempotency_key like 'living-%'"
        stack.wait_for(lambda: int(stack.cluster.value(begun)) >= self.living, "the last of the living", 600)
        last = float(stack.cluster.value(f"select extract(epoch from max(e.at)) from ({begun.replace('count(*)', 'e.at')}) e"))
        stack.figures["from the worker's start to the last of the living, s"] = round(last - started, 1)
        stack.quiet()
        if last - started > self.seconds:
            raise RuntimeError(f"the last of the living was begun after {last - started:.1f} s, not within {self.seconds}")
