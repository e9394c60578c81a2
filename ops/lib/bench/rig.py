"""A private PostgreSQL, the programs under measurement, and what their processes cost."""
import argparse
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from chaos.cluster import Cluster, free_port

from .provider import ACCOUNT

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__)))))
TICK = os.sysconf("SC_CLK_TCK")
TOKEN = "0123456789abcdef0123456789abcdef"
LOGINS = """
do $$ begin
    create role bench_worker login in role outrider_worker;
    create role bench_gateway login in role outrider_gateway;
exception when duplicate_object then null; end $$;
"""
SENDERS = """
do $$ begin  -- A program of an earlier release has no list of countries.
    perform outrider.set_anywhere(true, 'simulated providers');
exception when undefined_function then null; end $$;
do $$ begin  -- Nor does it know that the numbers of a bench do not exist.
    perform outrider.add_number_range('1', 'made up');
exception when undefined_function then null; end $$;
insert into outrider.senders (name, channel, address) values
    ('texts', 'sms', '+15005550006'), ('calls', 'voice', '+15005550006'), ('mail', 'email', 'desk@outrider.example');
"""


def command_line(text):
    """The options that both commands share."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", help="the program to measure; else OUTRIDER_BIN, else a release build of this tree")
    parser.add_argument("--old", help="a program to compare with")
    parser.add_argument("--new", help="the program that is compared; default as for BINARY")
    parser.add_argument("--rounds", type=int, default=3, help="rounds; the median of them is shown (3)")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE", help="a setting of the workers, again for each")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--keep-logs", action="store_true")
    return parser


def programs(options):
    """The programs by the name they have in the tables."""
    named = {}
    if options.old:
        named["old"] = options.old
    named["new" if options.old else "this"] = options.new or options.binary or os.environ.get("OUTRIDER_BIN") or built()
    for name, path in named.items():
        if not os.access(path, os.X_OK):
            sys.exit(f"{name}: no program: {path}")
        named[name] = os.path.realpath(path)
    return named


def built():
    if not shutil.which("swift"):
        sys.exit("No swift on the path: install a Swift 6.3 toolchain from swift.org, or name a program.")
    note("Building outrider; the first time takes some minutes")
    build = ["swift", "build", "--package-path", ROOT, "-c", "release", "--product", "outrider"]
    done = subprocess.run(build, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout[-4000:])
    path = subprocess.run([*build, "--show-bin-path"], capture_output=True, text=True, check=True).stdout.strip()
    return os.path.join(path, "outrider")


def need_packages(*names):
    script = f". '{ROOT}/ops/lib/packages.sh'; need_packages $outrider_packages {' '.join(names)}"
    if subprocess.run(["bash", "-c", script]).returncode != 0:
        sys.exit(2)


def note(text):
    """Progress goes to standard error, so that figures can be piped."""
    print(text, file=sys.stderr, flush=True)


def process_ticks(process_id, with_children=False):
    """CPU time of a process in ticks; of its ended children too when asked."""
    try:
        with open(f"/proc/{process_id}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15 if with_children else 13])


def children(process_id):
    try:
        with open(f"/proc/{process_id}/task/{process_id}/children") as file:
            return file.read().split()
    except OSError:
        return []


class Session:
    """One psql that stays connected, so that a statement costs no new connection."""

    def __init__(self, program, url):
        self.process = subprocess.Popen([program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, start_new_session=True)

    def ask(self, statement):
        """Runs one statement and returns its rows."""
        self.process.stdin.write(statement.rstrip().rstrip(";") + ";\n\\echo .\n")
        self.process.stdin.flush()
        rows = []
        while (line := self.process.stdout.readline()) != ".\n":
            if not line:
                raise RuntimeError("psql: the statement was refused")
            rows.append(line.rstrip("\n"))
        return rows

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class Rig:
    """Everything of one run, in a directory of its own that is gone afterwards."""

    def __init__(self, options):
        self.options = options
        self.databases = 0
        self.workers = []
        self.others = []
        self.sessions = []
        self.cluster = None

    def __enter__(self):
        for name in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, lambda *_: sys.exit(130))
        self.directory = tempfile.mkdtemp(prefix="outrider-bench.")
        try:
            self.start_cluster()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start_cluster(self):
        os.chmod(self.directory, 0o755)  # The cluster in it belongs to another user.
        self.cluster = Cluster(os.path.join(self.directory, "postgres"))
        self.cluster.create()
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        recommended = os.path.join(self.cluster.directory, "recommended.conf")
        shutil.copy(os.path.join(ROOT, "ops", "postgresql.conf"), recommended)
        os.chmod(recommended, 0o644)
        with open(os.path.join(self.cluster.data, "postgresql.conf"), "a") as file:
            file.write(f"\ninclude '{recommended}'\nshared_buffers = {min(4096, memory // 6)}MB\nsynchronous_commit = on\n")
        self.cluster.start()

    def __exit__(self, *_):
        self.stop_workers(patience=0)
        for process in self.others:
            process.kill()
            process.wait()
        for session in self.sessions:
            session.process.kill()
            session.process.wait()
        if self.cluster:
            self.cluster.stop()
        if self.options.keep_logs:
            note(f"Logs: {self.directory}")
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

    # MARK: Databases

    def database(self, program):
        """A new database at this program's schema, and a session in it."""
        self.databases += 1
        name = f"bench{self.databases}"
        self.cluster.sql(f"create database {name}")
        database = Database(self, name)
        done = subprocess.run([program, "migrate"], env=self.environment({"OUTRIDER_DATABASE_URL": database.url("postgres")}),
                              capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError("migrate: " + done.stderr[-400:])
        self.cluster.sql(LOGINS, url=database.url("postgres"))
        self.cluster.sql(SENDERS, url=database.url("postgres"))
        return database

    # MARK: Processes

    def environment(self, more):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "SENDGRID_", "OUTRIDER_", "PG"))}
        return {**clean, "OUTRIDER_LOG_LEVEL": "notice", **more}

    def accounts(self, provider, with_mail):
        found = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_BASE_URL": provider.url}
        if with_mail:
            found |= {"SENDGRID_API_KEY": "SG.benchbenchbenchbench.benchbenchbenchbenchbenchbench", "SENDGRID_API_BASE_URL": provider.url}
        return found

    def spawn(self, name, command, environment):
        with open(os.path.join(self.directory, name + ".log"), "ab") as log:
            return subprocess.Popen(command, env=self.environment(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    start_new_session=True)

    def start_workers(self, program, database, provider, count=1, slots=64, with_mail=False, more=None):
        settings = dict(setting.split("=", 1) for setting in self.options.setting)
        for _ in range(count):
            self.workers.append(self.spawn("worker", [program, "work"], {
                "OUTRIDER_DATABASE_URL": database.url("bench_worker"), "OUTRIDER_WORKER_CONCURRENCY": str(slots),
                # As many questions in all, however many processes ask.
                "OUTRIDER_POLLS_PER_SECOND": str(max(1, 20 // count)),
                "OUTRIDER_DRAIN_SECONDS": "2", **self.accounts(provider, with_mail), **(more or {}), **settings}))

    def start_gateway(self, program, database, provider):
        """Returns the gateway's process and its URL, once it answers."""
        port = free_port(30000, 32767)
        url = f"http://127.0.0.1:{port}"
        gateway = self.spawn("gateway", [program, "gateway"], {
            "OUTRIDER_DATABASE_URL": database.url("bench_gateway"), "OUTRIDER_PUBLIC_URL": url,
            "OUTRIDER_LISTEN": f"127.0.0.1:{port}", **self.accounts(provider, with_mail=False)})
        self.others.append(gateway)
        end = time.monotonic() + 30
        while subprocess.run(["curl", "-fsS", "-m", "2", "-o", "/dev/null", url + "/readyz"], capture_output=True).returncode:
            if time.monotonic() > end or gateway.poll() is not None:
                raise RuntimeError("the gateway did not start: " + self.last_words("gateway"))
            time.sleep(0.1)
        return gateway, url

    def check_workers(self):
        for worker in self.workers:
            if worker.poll() is not None:
                raise RuntimeError("a worker ended: " + self.last_words("worker"))

    def last_words(self, name):
        with open(os.path.join(self.directory, name + ".log"), errors="replace") as file:
            return "".join(file.readlines()[-5:])

    def stop_workers(self, patience=20):
        """Lets them finish what is under way, and ends them after so many seconds."""
        for worker in self.workers:
            worker.terminate() if patience else worker.kill()
        end = time.monotonic() + patience
        for worker in self.workers:
            try:
                worker.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self.workers = []

    # MARK: What they cost

    def ticks(self):
        """CPU time so far, in ticks: of the workers, and of everything that the private PostgreSQL has run."""
        postmaster = self.cluster.postmaster
        server = process_ticks(postmaster, with_children=True) + sum(process_ticks(child) for child in children(postmaster))
        return sum(process_ticks(worker.pid) for worker in self.workers), server


class Database:
    """One database of the cluster, with a session in it."""

    def __init__(self, rig, name):
        self.rig = rig
        self.name = name
        self.session = Session(os.path.join(rig.cluster.bin, "psql"), self.url("postgres"))
        rig.sessions.append(self.session)

    def url(self, login):
        return f"postgresql://{login}@127.0.0.1:{self.rig.cluster.port}/{self.name}"

    def new_session(self):
        session = Session(os.path.join(self.rig.cluster.bin, "psql"), self.url("postgres"))
        self.rig.sessions.append(session)
        return session

    def ask(self, statement):
        return self.session.ask(statement)

    def fill(self, count, first=0, columns="", values=""):
        """Texts of 120 characters, each to another person; their receipts are not waited for within a run."""
        for start in range(first, first + count, 100_000):
            end = min(start + 100_000, first + count)
            self.ask(f"""
                insert into outrider.jobs (channel, address, body, wait_seconds {columns})
                select 'sms', '+1500' || lpad(n::text, 7, '0'), rpad('Your order ' || n || ' is on its way. ', 120, 'We will write again. '),
                       36000 {values}
                  from generate_series({start}, {end - 1}) n""")

    def drop(self):
        self.session.close()
        self.rig.sessions.remove(self.session)
        self.rig.cluster.sql(f"drop database {self.name} with (force)")
