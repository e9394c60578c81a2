"""The disk is full, connections run out, a pooler sits between, a worker's clock is wrong by an hour."""
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from ..cluster import Cluster, DatabaseDown, free_port
from ..plan import Plan
from ..traffic import mixed
from ..webhook import Poster

CLOCK = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "clock.c")

# How many webhooks come together while there is no connection, and how many answers of 503 they must get at least.
HAMMERS, REFUSED = 8, 20

# Twice an outage. While nobody takes its callbacks the sandbox moves on late, so a message may be under way for as long as
# the outage; once the wait is over it is asked for its state, which makes up for every receipt that was missed.
WAIT_SECONDS = 45

# Statement timeouts belong to the roles, as ops/roles.sql has them; a pooler cannot take them at connect.
BOUNCER = """[databases]
postgres = host=127.0.0.1 port={port} dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
auth_type = trust
auth_file = {directory}/bouncer.users
pool_mode = transaction
default_pool_size = 20
max_client_conn = 500
query_wait_timeout = 8
unix_socket_dir =
ignore_startup_parameters = extra_float_digits
logfile = {directory}/bouncer.log
pidfile = {directory}/bouncer.pid
"""


class Resources(Plan):
    name = "resources"
    about = "disk full, connections exhausted, pgbouncer in transaction mode, worker clocks an hour off; N jobs each"
    count, short = 2000, 0
    packages = ("pgbouncer",)

    def arms(self):
        return [("pgbouncer", True, self.bouncer), ("clocks", True, self.clocks), ("connections", True, self.connections),
                ("disk", True, self.disk)]

    def work(self, stack, environments=({}, {}, {}), name="resources"):
        workers = [stack.start_worker(environment) for environment in environments]
        self.jobs = mixed(f"{name}-{self.seed}", self.size, self.random, wait_seconds=WAIT_SECONDS)
        return workers

    def bouncer(self, stack):
        stack.start(rate=100, seed=self.seed, gateway=False)
        directory = stack.directory
        own = free_port(31000, 32767)
        settings = os.path.join(directory, "bouncer.ini")
        with open(settings, "w") as file:
            file.write(BOUNCER.format(port=stack.cluster.port, own=own, directory=os.path.join(directory, "postgres")))
        os.chmod(settings, 0o644)
        with open(os.path.join(directory, "postgres", "bouncer.users"), "w") as file:
            file.writelines(f'"{login}" ""\n' for login in ("chaos_worker", "chaos_gateway"))
        stack.cluster.sql("alter role chaos_worker set statement_timeout = '8s'; alter role chaos_gateway set statement_timeout = '8s';")
        as_postgres = stack.cluster.as_postgres
        stack.spawn("bouncer", [*as_postgres, "/usr/sbin/pgbouncer", settings])
        stack.worker_environment["OUTRIDER_DATABASE_PGBOUNCER"] = "true"
        stack.environment["OUTRIDER_DATABASE_PGBOUNCER"] = "true"
        stack.worker_url = stack.cluster.url("chaos_worker", port=own)
        stack.wait_for(lambda: stack.cluster.sql("select 1", url=stack.worker_url), "pgbouncer", 20)
        stack.start_gateway(stack.cluster.url("chaos_gateway", port=own))
        workers = self.work(stack)
        stack.wait_for_registration(*workers)
        for start in range(0, len(self.jobs), 200):
            stack.insert(self.jobs[start:start + 200])
            stack.kill(workers.pop(0))
            workers.append(stack.start_worker())
            time.sleep(0.5)
        stack.figures["kills"] = len(stack.killed)
        stack.quiet()
        self.no_crash(stack, workers)

    def clocks(self, stack):
        """One worker an hour ahead, one an hour behind, one right: only the database's clock may count."""
        stack.start(rate=100, seed=self.seed)
        library = os.path.join(stack.directory, "clock.so")
        subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-o", library, CLOCK], check=True)  # Swift brings it along.
        off = [{"LD_PRELOAD": library, "CLOCK_OFFSET": offset} for offset in ("3600", "-3600")]
        workers = self.work(stack, (*off, {}), name="clocks")
        stack.wait_for_registration(*workers)
        self.are_off(library, workers[:2])
        stack.insert(self.jobs[:len(self.jobs) // 2])
        time.sleep(3)
        stack.kill(workers[2])  # The others take it over by a clock that is not theirs.
        stack.insert(self.jobs[len(self.jobs) // 2:])
        stack.wait_for(lambda: stack.progress()[0] == 0, "the end, with wrong clocks", 300)
        stack.figures["intents by clocks that are off"] = int(stack.cluster.value(
            "select count(*) from outrider.events where kind = 'intent' and worker like any "
            f"(array['%:{workers[0].pid}:%', '%:{workers[1].pid}:%'])"))
        stack.quiet(workers=2)
        self.no_crash(stack, workers[:2])  # The third was killed.

    @staticmethod
    def are_off(library, workers):
        """The library sets a clock wrong, and the workers have it."""
        ahead = subprocess.run(["date", "+%s"], env={**os.environ, "LD_PRELOAD": library, "CLOCK_OFFSET": "3600"}, check=True,
                               capture_output=True, text=True).stdout
        if not 3590 < int(ahead) - time.time() < 3610 or not all(library in open(f"/proc/{w.pid}/maps").read() for w in workers):
            raise RuntimeError("the clocks are not off")

    def hammer(self, stack, number, count=20):
        """Genuine inbound messages, and what they were answered."""
        poster, answers = Poster(stack), []
        for index in range(count):
            sid, status = poster.hello(number * 1000 + index)
            answers.append({"id": sid, "status": status, "ok": (status or 500) // 100 == 2})
        return answers

    def settle(self, stack, answers):
        """Which of the webhooks the database has."""
        stored = {row[0] for row in stack.cluster.sql("select provider_id from outrider.inbound_messages")}
        stack.append("answers.jsonl", [{**answer, "stored": answer["id"] in stored} for answer in answers])
        statuses = sorted({str(answer["status"]) for answer in answers})
        stack.figures["webhooks"] = {status: sum(str(a["status"]) == status for a in answers) for status in statuses}
        refused = stack.figures["webhooks"].get("503", 0)
        if refused < REFUSED:
            raise RuntimeError(f"only {refused} webhooks were answered 503: there was no lack of anything")
        if others := set(statuses) - {"200", "204", "503"}:
            raise RuntimeError(f"webhooks were answered {sorted(others)}")

    def no_crash(self, stack, workers):
        gone = [worker.returncode for worker in workers if worker.poll() is not None]
        stack.figures["workers that ended by themselves"] = len(gone)
        if gone or stack.processes["gateway"].poll() is not None:
            raise RuntimeError(f"a part ended by itself: {gone}")

    def connections(self, stack):
        """Somebody takes every connection there is, for 20 s, when workers and gateway have just lost theirs."""
        stack.start(rate=100, seed=self.seed, settings={"max_connections": "60", "superuser_reserved_connections": "5"})
        workers = self.work(stack, name="connections")
        stack.wait_for_registration(*workers)
        stack.insert(self.jobs[:len(self.jobs) // 2])
        answers = self.hammer(stack, 0)
        hogs = self.take_every_connection(stack)
        end, number = time.monotonic() + 20, 0
        with ThreadPoolExecutor(max_workers=HAMMERS) as together:
            while time.monotonic() < end:
                # Each waits for a connection as long as the gateway does.
                parts = together.map(lambda n: self.hammer(stack, n, 1), range(number + 1, number + 1 + HAMMERS))
                answers += [answer for part in parts for answer in part]
                number += HAMMERS
        for hog in hogs:
            hog.send_signal(signal.SIGKILL)
            hog.wait()
        stack.cluster.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'chaos_application'")
        freed = time.monotonic()
        stack.insert(self.jobs[len(self.jobs) // 2:])
        stack.wait_for(lambda: self.hammer(stack, 9000 + int(time.monotonic() - freed), 1)[0]["ok"], "the gateway's recovery", 60)
        stack.figures["gateway recovered after, s"] = round(time.monotonic() - freed, 1)
        stack.quiet()
        self.no_crash(stack, workers)
        stack.judges_takeover = False
        self.settle(stack, answers)

    def take_every_connection(self, stack):
        """Workers and gateway may not connect until others have every slot; then they may, and find none."""
        logins = ("chaos_worker", "chaos_gateway")
        stack.cluster.sql("".join(f"alter role {login} connection limit 0;" for login in logins)
                          + f"select pg_terminate_backend(pid) from pg_stat_activity where usename in {logins}")
        hogs = [subprocess.Popen([os.path.join(stack.cluster.bin, "psql"), "-X", "-q", "-d", stack.cluster.url("chaos_application"),
                                  "-c", "select pg_sleep(120)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(60)]
        stack.wait_for(lambda: stack.cluster.value("select count(*) from pg_stat_activity where usename = 'chaos_application'") == "55",
                       "every connection", 30)
        stack.cluster.sql("".join(f"alter role {login} connection limit -1;" for login in logins))
        return hogs

    def disk(self, stack):
        """The database's disk is a small one, and something fills it for a while."""
        if os.geteuid() != 0:
            raise RuntimeError("a small disk is mounted by root only")
        mount = os.path.join(stack.directory, "small")
        os.makedirs(mount)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m,mode=0777", "tmpfs", mount], check=True)
        try:
            cluster = Cluster(os.path.join(mount, "postgres"), {"max_wal_size": "64MB", "min_wal_size": "32MB"})
            cluster.create()
            cluster.start()
            stack.start(rate=100, seed=self.seed, cluster=cluster)
            self.fill_and_free(stack, mount)
            stack.dump()  # Before the disk is gone.
        finally:
            stack.stop()
            subprocess.run(["umount", "-l", mount], check=False)

    def fill_and_free(self, stack, mount):
        workers = self.work(stack, name="disk")
        stack.wait_for_registration(*workers)
        stack.insert(self.jobs[:len(self.jobs) // 2])
        filler, answers = os.path.join(mount, "filler"), self.hammer(stack, 0)
        try:
            with open(filler, "wb") as file:
                while True:
                    file.write(b"x" * 1_000_000)
        except OSError:
            pass
        refused = 0
        end = time.monotonic() + 20
        while time.monotonic() < end:
            answers += self.hammer(stack, len(answers), 20)
            try:
                stack.cluster.sql("create table if not exists outrider_filler as select repeat('x', 1000) from generate_series(1, 20000)")
            except DatabaseDown:
                refused += 1
            time.sleep(0.2)
        os.unlink(filler)
        freed = time.monotonic()
        # PostgreSQL stops itself when its log has no room; whoever watches over it starts it again.
        try:
            stack.cluster.wait_until_up(10)
        except DatabaseDown:
            stack.cluster.stop()
            stack.cluster.start()
            stack.figures["PostgreSQL had stopped itself"] = 1
        stack.insert(self.jobs[len(self.jobs) // 2:])
        stack.wait_for(lambda: self.hammer(stack, 9000 + int(time.monotonic() - freed), 1)[0]["ok"], "the gateway's recovery", 60)
        stack.figures.update({"statements refused": refused, "gateway recovered after, s": round(time.monotonic() - freed, 1)})
        stack.judges_takeover = False
        stack.quiet()
        self.no_crash(stack, workers)
        self.settle(stack, answers)
