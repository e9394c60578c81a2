"""The primary dies, its standby is promoted; workers, gateway and application have both hosts in their URL."""
import os
import shutil
import signal
import time

from ..cluster import Cluster
from ..plan import Plan
from ..traffic import mixed

LAG_SECONDS = 0.3


class Failover(Plan):
    name = "failover"
    about = "the primary is stopped at once and its synchronous standby promoted, N times; and the figure without synchrony"
    count, short = 20, 0

    jobs_a_failover = 120

    def arms(self):
        return [("synchronous", True, lambda stack: self.fail_over(stack, is_synchronous=True)),
                (f"asynchronous and {LAG_SECONDS} s behind, for the figure", None, lambda stack: self.fail_over(stack, is_synchronous=False))]

    def fail_over(self, stack, is_synchronous):
        primary, standby = self.pair(stack, is_synchronous)
        stack.wait_for_registration(*[stack.start_worker() for _ in range(3)])
        count = self.size if is_synchronous else max(2, self.size // 4)
        jobs = mixed(f"failover-{self.seed}", count * self.jobs_a_failover, self.random)
        slowest = 0
        for number in range(count):
            stack.insert(jobs[number * self.jobs_a_failover:(number + 1) * self.jobs_a_failover])
            time.sleep(self.random.uniform(0.2, 2))
            if not is_synchronous:
                self.lag(stack, primary, number)
            primary, standby, old = self.switch(stack, primary, standby)
            promoted = time.time()
            stack.insert(mixed(f"failover-{self.seed}-after-{number}", 4, self.random, fates=False))
            if not is_synchronous:
                self.adopt(stack, primary)
            stack.wait_for(lambda: int(primary.value(
                f"select count(*) from outrider.events where kind = 'intent' and at > to_timestamp({promoted})")), "recovery", 60)
            slowest = max(slowest, time.time() - promoted)
            standby = self.next_standby(stack, primary, old, number, is_synchronous)
            self.note(f"  {number + 1} failovers, slowest recovery {slowest:.1f} s, " + str(stack.progress()))
        stack.figures.update({"failovers": count, "slowest recovery, s": round(slowest, 1)})
        stack.judges_takeover = False  # Nobody was killed.
        if not is_synchronous:
            # The runbook's last step: a batch whose worker believes it recorded has no lease, and its records are gone.
            stack.quiet(stalled_after=20)
            stack.figures["stranded and given back"] = int(primary.value("select outrider.rebuild_due()"))
        stack.quiet(stalled_after=90)
        standby.stop()

    def pair(self, stack, is_synchronous, rate=25):
        """A primary with its standby, a stack whose parts know both, and the gateway."""
        primary = Cluster(os.path.join(stack.directory, "postgres-0"), {"max_connections": "200"})
        primary.create()
        primary.start()
        primary.sql("alter system set wal_level = 'replica'; alter system set max_wal_senders = 10; "
                    "alter system set hot_standby = on;")
        with open(os.path.join(primary.data, "pg_hba.conf"), "a") as file:
            file.write("host replication all 127.0.0.1/32 trust\n")
        primary.sql("select pg_reload_conf()")
        standby = self.standby(stack, primary, 1)
        # Two addresses for ever: each new standby takes the place of the primary that died.
        hosts = "127.0.0.1:{},127.0.0.1:{}".format(primary.port, standby.port)
        urls = {login: f"postgresql://{login}@{hosts}/postgres?target_session_attrs=read-write&connect_timeout=5"
                for login in ("chaos_worker", "chaos_gateway", "chaos_application")}
        stack.worker_url, stack.inserts_url = urls["chaos_worker"], urls["chaos_application"]
        stack.start(rate=rate, seed=self.seed, cluster=primary, gateway=False)
        stack.start_gateway(urls["chaos_gateway"])
        self.synchronise(primary, is_synchronous)
        return primary, standby

    def switch(self, stack, primary, standby):
        """The primary is stopped at once, and its standby takes over; the old one comes last."""
        primary.stop("immediate")
        standby.promote()
        stack.cluster = standby
        # Alone it must not wait for a standby it has not: the operator's decision, taken back with the next one.
        self.synchronise(standby, False)
        return standby, primary, primary

    def next_standby(self, stack, primary, old, number, is_synchronous):
        standby = self.standby(stack, primary, number + 2, port=old.port)
        shutil.rmtree(old.directory, ignore_errors=True)
        self.synchronise(primary, is_synchronous)
        return standby

    def adopt(self, stack, primary):
        """What the standby had not got may have been sent: workers go on by themselves, or an operator confirms."""
        stack.wait_for(lambda: primary.value("select outrider.displacement() is distinct from 'promoted'") == "t", "the workers' judgement", 60)
        if primary.value("select outrider.displacement() is not null") == "t":
            stack.figures["adopted by an operator"] = stack.figures.get("adopted by an operator", 0) + 1
            primary.sql("select outrider.adopt('chaos')")

    def lag(self, stack, primary, number):
        """On one host a standby is never behind; over a network it is. Here the process that sends to it stands still."""
        os.kill(int(primary.value("select pid from pg_stat_replication")), signal.SIGSTOP)
        stack.insert(mixed(f"failover-{self.seed}-lag-{number}", 4, self.random, fates=False))
        time.sleep(LAG_SECONDS)

    def synchronise(self, primary, is_synchronous):
        primary.sql(f"alter system set synchronous_standby_names = '{'*' if is_synchronous else ''}';")
        primary.sql("select pg_reload_conf()")
        if not is_synchronous:
            return
        end = time.monotonic() + 30
        while primary.value("select count(*) from pg_stat_replication where sync_state = 'sync'") == "0":
            if time.monotonic() > end:
                raise RuntimeError("the standby does not follow")
            time.sleep(0.1)

    def standby(self, stack, primary, number, port=None):
        standby = Cluster(os.path.join(stack.directory, f"postgres-{number}"), primary.settings, port=port)
        primary.run("pg_basebackup", "-D", standby.data, "-R", "-X", "stream", "-c", "fast", "--no-sync",
                    "-d", primary.url(), timeout=120)
        standby.start()
        return standby
