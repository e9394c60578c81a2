"""A backup is made, everything is sent, and the backup comes back: nothing may be sent that was sent before."""
import json
import os
import subprocess
import time

from ..cluster import Cluster
from ..plan import Plan
from ..traffic import send

SILENT_SECONDS = 12  # The lanes are looked at four times a second, the identity of the database every two.
PEOPLE = 10


class Restore(Plan):
    """`count` is the number of messages that wait when the backup is made. Each goes to a person of its own."""

    name = "restore"
    about = "N messages wait, a backup is made, all are sent; the backup comes back on another server, beside the first, or by rolling forward"
    count, short = 100, 20

    def arms(self):
        return [("a dump, on another server", True, lambda stack: self.dumped(stack, is_elsewhere=True)),
                ("a dump, beside the database", True, lambda stack: self.dumped(stack, is_elsewhere=False)),
                ("a copy of the database", True, self.copied),
                ("a base backup, promoted", True, self.promoted)]

    # MARK: The arms

    def dumped(self, stack, is_elsewhere):
        self.begin(stack)
        self.program(stack.cluster, "pg_dump", "-Fc", "-f", os.path.join(stack.cluster.directory, "dump"), "-d", stack.cluster.url())
        dump = os.path.join(stack.cluster.directory, "dump")
        self.send_all(stack)
        if is_elsewhere:
            cluster = Cluster(os.path.join(stack.directory, "postgres-2"))
            cluster.create()
            cluster.start()
            cluster.sql("create role outrider_app; create role outrider_worker; create role outrider_gateway; create role outrider_operator;"
                        + self.logins)
            old, stack.cluster = stack.cluster, cluster
            old.stop()
        else:
            cluster = stack.cluster
            cluster.sql("create database restored")
            cluster.database = "restored"
        self.program(cluster, "pg_restore", "--exit-on-error", "-d", stack.cluster.url(), dump)
        self.come_back(stack)

    def copied(self, stack):
        self.begin(stack)
        stack.kill(stack.processes["gateway"])
        # A database in use is not copied, and this harness looks into it now and then.
        stack.wait_for(lambda: stack.cluster.sql("create database restored template postgres", url=stack.cluster.url(database="template1")) == [],
                       "the copy", 30)
        stack.start_gateway()
        self.send_all(stack)
        stack.cluster.database = "restored"
        self.come_back(stack)

    def promoted(self, stack):
        """From inside it looks like a failover: only the providers know what is missing."""
        self.begin(stack, {"wal_level": "replica", "max_wal_senders": "4"})
        with open(os.path.join(stack.cluster.data, "pg_hba.conf"), "a") as file:
            file.write("host replication all 127.0.0.1/32 trust\n")
        stack.cluster.sql("select pg_reload_conf()")
        copy = Cluster(os.path.join(stack.directory, "postgres-2"), stack.cluster.settings)
        stack.cluster.run("pg_basebackup", "-D", copy.data, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", stack.cluster.url())
        self.send_all(stack)
        stack.cluster.stop()
        stack.cluster = copy
        copy.start()
        copy.promote()
        self.come_back(stack)

    # MARK: Steps

    logins = "create role chaos_application login in role outrider_app; create role chaos_worker login in role outrider_worker; " \
             "create role chaos_gateway login in role outrider_gateway;"

    def begin(self, stack, settings=None):
        stack.start(rate=50, seed=self.seed, settings=settings)
        stack.judges_takeover = False
        channels = ("sms", "sms", "voice", "email")
        stack.insert([send(f"restore-{self.seed}-{n}", channels[n % 4], n, self.random, category=("otp", "alert", "transactional")[n % 3],
                           wait_seconds=60) for n in range(self.size)])

    def send_all(self, stack):
        """The fleet sends what waits, and goes."""
        worker = stack.start_worker()
        stack.quiet(workers=1)
        self.sent = self.accepts(stack)
        if self.sent < self.size:
            raise RuntimeError(f"only {self.sent} of {self.size} were sent")
        for name in [name for name in stack.processes if name.startswith(("worker", "gateway"))]:
            process = stack.processes.pop(name)
            process.terminate()
            process.wait()

    def come_back(self, stack):
        """Starts a fleet on what came back, sees that it is silent, adopts, and lets it end."""
        stack.insert([send(f"restore-{self.seed}-new-{n}", "sms", 5000 + n, self.random, category="otp", wait_seconds=60) for n in range(5)])
        self.plan_more(stack)
        begun = time.monotonic()
        stack.start_gateway()
        workers = [stack.start_worker() for _ in range(2)]
        stack.wait_for_registration(*workers)
        stack.wait_for(lambda: b"\noutrider_troubles{cause=\"database_displaced\"} 1" in stack.get(stack.gateway_url + "/metrics"), "the metric", 10)
        stack.wait_for(lambda: "database_displaced" in open(os.path.join(stack.directory, "worker.log")).read(), "the log line", 10)
        stack.figures["said after, s"] = round(time.monotonic() - begun, 1)
        # A base backup goes through "promoted" until the lists are read.
        stack.wait_for(lambda: stack.cluster.value("select finished_at is not null from outrider.witness") == "t", "the lists", 30)
        time.sleep(SILENT_SECONDS)
        if self.accepts(stack) != self.sent:
            raise RuntimeError(f"{self.accepts(stack) - self.sent} messages were sent before anybody adopted the database")
        fed_and_fired = stack.cluster.sql("select (select count(*) from outrider.due d join outrider.lanes l on l.id = d.lane where l.campaign_id is not null), "
                                          "(select count(*) from outrider.schedule_fires)")[0]
        if fed_and_fired != ["0", "0"]:
            raise RuntimeError(f"{fed_and_fired} people were fed and times fired before anybody adopted the database")
        report = json.loads(self.adopt(stack))["report"]
        stack.figures["unknown messages, as reported"] = sum(line["count"] for line in report["lines"] if line["what"].startswith("messages"))
        if stack.figures["unknown messages, as reported"] < self.size:
            raise RuntimeError(f"the report knows of too few messages: {report}")
        self.adopt(stack, "--reason", "chaos")
        stack.wait_for(lambda: stack.cluster.value("select count(*) > 0 from outrider.schedule_fires") == "t", "the schedule, once adopted", 30)
        stack.cluster.sql("select outrider.pause_schedule('restored', 'chaos')", url=stack.cluster.url("chaos_application"))
        stack.quiet(workers=2)
        stack.figures["sent after the adoption"] = self.accepts(stack) - self.sent
        new = 5 + PEOPLE + int(stack.cluster.value("select count(*) from outrider.schedule_fires where outcome = 'fired'"))
        if stack.figures["sent after the adoption"] != new:
            raise RuntimeError(f"{stack.figures['sent after the adoption']} messages were sent, and {new} were new")

    def plan_more(self, stack):
        """A campaign that has started, and a schedule whose time has come: neither may send before the adoption."""
        stack.append("audience.jsonl", [{"campaign": "restored", "key": str(key)} for key in range(PEOPLE)])
        stack.cluster.sql(f"""
            select outrider.create_campaign('restored', channel => 'sms', body => 'Hello');
            insert into outrider.jobs (channel, address, body, campaign, metadata)
            select 'sms', '+4930800' || lpad(n::text, 5, '0'), 'Hello', 'restored', jsonb_build_object('key', n::text) from generate_series(0, {PEOPLE - 1}) n;
            select outrider.start_campaign('restored');
            select outrider.create_schedule('restored', '* * * * *', 'UTC', missed => 'all', catch_up => '1 hour', action =>
                '{{"job": {{"channel": "sms", "address": "+493070000001", "body": "Hello", "category": "alert"}}}}');
            """, url=stack.cluster.url("chaos_application"))
        stack.cluster.sql("update outrider.schedule_clocks set decided_until = clock_timestamp() - interval '2 minutes', due_at = clock_timestamp()")

    def adopt(self, stack, *words):
        done = subprocess.run([self.outrider, "adopt", "--json", *words], capture_output=True, text=True, timeout=120,
                              env={**stack.environment, "OUTRIDER_DATABASE_URL": stack.cluster.url()})
        if done.returncode != 0:
            raise RuntimeError("adopt: " + done.stderr[-400:])
        return done.stdout

    def program(self, cluster, name, *words):
        done = cluster.run(name, *words, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: {done.stdout[-400:]}")

    def accepts(self, stack):
        """How many messages the providers have taken."""
        with open(os.path.join(stack.directory, "ledger.jsonl")) as file:
            return sum(1 for line in file if line.strip())
