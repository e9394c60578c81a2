"""PostgreSQL restarts, its backends are terminated or freeze, and answers to COMMIT get lost."""
import os
import signal
import time

from ..plan import Plan
from ..postgres_proxy import PostgresProxy
from ..traffic import mixed

RECOVERY_SECONDS = 15


class Postgres(Plan):
    """`count` is in per cent of the full size: 50 restarts, 1,000 terminations, 20 freezes of 20 s, 100 lost answers."""

    name = "postgres"
    about = "N % of: 50 immediate restarts, 1,000 terminated backends, 20 frozen for 20 s, 100 COMMITs without an answer"
    count, short = 100, 4

    def arms(self):
        return [(f"{title}", True, arm) for title, arm in (
            ("restarts", self.restarts), ("terminations", self.terminations), ("lost answers", self.answers),
            ("freezes", self.freezes))]

    def share(self, full):
        return max(1, full * self.size // 100)

    def begin(self, stack, jobs, rate=25):
        """A stack whose workers have work all the time; `feed` inserts it bit by bit."""
        stack.start(rate=rate, seed=self.seed)
        self.jobs = mixed(f"postgres-{self.seed}", jobs, self.random)
        self.fed = 0
        self.workers = [stack.start_worker() for _ in range(3)]
        stack.wait_for_registration(*self.workers)

    def feed(self, stack, done, of):
        share = len(self.jobs) * (done + 1) // of
        stack.insert(self.jobs[self.fed:share])
        self.fed = share

    def end(self, stack):
        dead = [worker.pid for worker in self.workers if worker.poll() is not None]
        stack.figures["workers that ended"] = len(dead)
        stack.quiet()
        stack.judges_takeover = False  # Nobody was killed.

    def recovery(self, stack, since):
        """Seconds from `since`, when the database was there again, to the next thing a worker did."""
        def acts():
            return int(stack.cluster.value(f"select count(*) from outrider.events where kind = 'intent' and at > to_timestamp({since})"))
        stack.wait_for(acts, "recovery", 60)
        return time.time() - since

    def restarts(self, stack):
        count = self.share(50)
        self.begin(stack, count * 60)
        slowest = 0
        for number in range(count):
            self.feed(stack, number, count)
            time.sleep(self.random.uniform(0.3, 2))
            stack.cluster.stop("immediate")
            time.sleep(self.random.uniform(0, 1.5))
            stack.cluster.start()
            since = time.time()
            self.feed_a_little(stack, number)
            slowest = max(slowest, self.recovery(stack, since))
            if number % 10 == 9:
                self.note(f"  {number + 1} restarts, slowest recovery {slowest:.1f} s")
        stack.figures.update({"restarts": count, "slowest recovery, s": round(slowest, 1)})
        self.end(stack)
        if slowest > RECOVERY_SECONDS:
            raise RuntimeError(f"recovery took {slowest:.1f} s")

    def feed_a_little(self, stack, number):
        """Something due at once, so that recovery shows."""
        stack.insert(mixed(f"postgres-{self.seed}-after-{number}", 5, self.random, fates=False))

    def terminations(self, stack):
        count = self.share(1000)
        self.begin(stack, count * 4)
        done = 0
        while done < count:
            self.feed(stack, min(done, count - 1), count)
            for _ in range(20):
                time.sleep(self.random.uniform(0.02, 0.2))
                done += len(stack.cluster.sql("""
                    select pg_terminate_backend(pid) from pg_stat_activity
                     where usename in ('chaos_worker', 'chaos_gateway') order by (state = 'active') desc, random() limit 2"""))
                if done >= count:
                    break
            self.note(f"  {done} backends terminated, " + str(stack.progress()))
        self.feed(stack, count - 1, count)
        stack.figures["backends terminated"] = done
        self.end(stack)

    def answers(self, stack):
        count = self.share(100)
        self.begin(stack, 0)
        for worker in self.workers:
            stack.kill(worker)
        stack.cluster.sql("delete from outrider.workers")
        proxy = PostgresProxy(stack.cluster.port)
        stack.worker_url = stack.cluster.url("chaos_worker", port=proxy.own_port)
        self.workers = [stack.start_worker() for _ in range(3)]
        stack.wait_for_registration(*self.workers)
        self.jobs = mixed(f"answers-{self.seed}", count * 30, self.random)
        for number in range(count):
            self.feed(stack, number, count)
            proxy.arm(self.random.choice(("jobqueue.claim_sends", "jobqueue.record", "jobqueue.claim_wakes")))
            stack.wait_for(lambda: not proxy.armed, "a statement to swallow", 60)
            time.sleep(self.random.uniform(0, 0.3))
            if number % 20 == 19:
                self.note(f"  {number + 1} answers swallowed")
        for name in set(proxy.swallowed):
            stack.figures[f"swallowed, {name}"] = proxy.swallowed.count(name)
        self.end(stack)
        proxy.close()

    def freezes(self, stack):
        count = self.share(20)
        self.begin(stack, count * 100)
        for number in range(count):
            self.feed(stack, number, count)
            time.sleep(1)
            frozen = []
            while not frozen:
                frozen = stack.cluster.sql("""select pid from pg_stat_activity where usename = 'chaos_worker'
                    order by (state = 'active') desc, random() limit 1""")
            pid = int(frozen[0][0])
            try:
                os.kill(pid, signal.SIGSTOP)
                time.sleep(20)
            except ProcessLookupError:
                continue
            finally:
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    pass
            self.note(f"  {number + 1} backends frozen for 20 s, " + str(stack.progress()))
        stack.figures["backends frozen for 20 s"] = count
        self.end(stack)
