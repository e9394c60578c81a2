"""PostgreSQL restarts, its backends are terminated or freeze, and answers to COMMIT get lost."""
import itertools
import os
import signal
import time

from ..plan import Plan
from ..postgres_proxy import PostgresProxy
from ..traffic import mixed
from ..webhook import Poster

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
        self.fed = self.probes = 0
        self.slowest = 0.0
        self.workers = [stack.start_worker() for _ in range(3)]
        stack.wait_for_registration(*self.workers)

    def feed(self, stack, done, of):
        share = len(self.jobs) * (done + 1) // of
        stack.insert(self.jobs[self.fed:share])
        self.fed = share

    def end(self, stack):
        stack.quiet()
        stack.judges_takeover = False  # Nobody was killed.
        dead = [worker.returncode for worker in self.workers if worker.poll() is not None]
        stack.figures["workers that ended by themselves"] = len(dead)
        if dead:
            raise RuntimeError(f"workers ended by themselves: {dead}")
        if self.slowest > RECOVERY_SECONDS:
            raise RuntimeError(f"recovery took {self.slowest:.1f} s")

    def recover(self, stack):
        """Notes the seconds from now, when the fault is over, until every worker has begun a message and the gateway takes one."""
        since, begun = time.time(), time.monotonic()
        pids = ",".join(str(worker.pid) for worker in self.workers)

        def all_act():
            self.feed_a_little(stack)
            time.sleep(0.1)
            return int(stack.cluster.value(f"""
                select count(distinct split_part(worker, ':', 2)) from outrider.events
                 where kind = 'intent' and at > to_timestamp({since}) and split_part(worker, ':', 2)::integer in ({pids})""")) == len(self.workers)
        stack.wait_for(all_act, "recovery", 60)
        stack.wait_for(lambda: self.is_heard(stack), "the gateway's recovery", 60)
        self.slowest = max(self.slowest, time.monotonic() - begun)
        stack.figures["slowest recovery of all workers and the gateway, s"] = round(self.slowest, 1)

    def is_heard(self, stack):
        self.probes += 1
        return Poster(stack).hello(self.probes)[1] in (200, 204)

    def restarts(self, stack):
        count = self.share(50)
        self.begin(stack, count * 60)
        for number in range(count):
            self.feed(stack, number, count)
            time.sleep(self.random.uniform(0.3, 2))
            stack.cluster.stop("immediate")
            time.sleep(self.random.uniform(0, 1.5))
            stack.cluster.start()
            self.recover(stack)
            if number % 10 == 9:
                self.note(f"  {number + 1} restarts, slowest recovery {self.slowest:.1f} s")
        stack.figures["restarts"] = count
        self.end(stack)

    def feed_a_little(self, stack):
        """Something due at once, so that recovery shows."""
        stack.insert(mixed(f"postgres-{self.seed}-probe-{self.probes}", 4, self.random, fates=False))
        self.probes += 1

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
            self.recover(stack)
            self.note(f"  {done} backends terminated, slowest recovery {self.slowest:.1f} s, " + str(stack.progress()))
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
        stack.kill(stack.processes["gateway"])
        stack.start_gateway(stack.cluster.url("chaos_gateway", port=proxy.own_port))
        self.workers = [stack.start_worker() for _ in range(3)]
        stack.wait_for_registration(*self.workers)
        self.jobs = mixed(f"answers-{self.seed}", count * 30, self.random)
        for number in range(count):
            self.feed(stack, number, count)
            proxy.arm(self.random.choice(("begin_sends", "drop_due", "record", "store_receipts")))
            stack.wait_for(lambda: not proxy.armed, "a statement to swallow", 60)
            self.recover(stack)
            if number % 20 == 19:
                self.note(f"  {number + 1} answers swallowed, slowest recovery {self.slowest:.1f} s")
        for name in set(proxy.swallowed):
            stack.figures[f"swallowed, {name}"] = proxy.swallowed.count(name)
        self.end(stack)
        proxy.close()

    def freezes(self, stack):
        count = self.share(20)
        self.begin(stack, count * 100)
        frozen = 0
        for _ in range(2 * count):
            self.feed(stack, frozen, count)
            frozen += self.freeze(stack)
            self.recover(stack)
            self.note(f"  {frozen} backends frozen for 20 s, slowest recovery {self.slowest:.1f} s, " + str(stack.progress()))
            if frozen == count:
                break
        stack.figures["backends frozen for 20 s"] = frozen
        self.end(stack)
        if frozen < count:
            raise RuntimeError(f"only {frozen} of {count} backends froze")

    def freeze(self, stack):
        """Stops a backend in the middle of a statement, for 20 s. Whether it was there until then."""
        chosen = []
        for tries in itertools.count(1):
            chosen = stack.cluster.sql(
                "select pid from pg_stat_activity where usename = 'chaos_worker' and state = 'active' order by random() limit 1")
            if chosen:
                break
            if tries % 20 == 0:
                self.feed_a_little(stack)
        pid = int(chosen[0][0])
        try:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(20)
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            return False
        return True
