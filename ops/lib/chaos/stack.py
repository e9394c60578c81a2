"""A whole Outrider beside a sandbox in a directory of its own: PostgreSQL, sandbox, gateway, workers."""
import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from .cluster import Cluster, DatabaseDown, free_port

SET_UP = """
select outrider.set_anywhere(true, 'simulated providers'), outrider.add_number_range('1', 'made up');
create role chaos_application login in role outrider_app;
create role chaos_worker login in role outrider_worker;
create role chaos_gateway login in role outrider_gateway;
insert into outrider.senders (name, channel, address, rate_per_second) values
    ('text', 'sms', '+15005550006', {rate}), ('call', 'voice', '+15005550016', {rate}),
    ('whatsapp', 'whatsapp', '+15005550026', {rate}), ('mail', 'email', 'desk@outrider.example', {rate});
insert into outrider.templates (name, channel, body, subject, content_sid, content_variables) values
    ('note', 'sms', 'Note {{{{number}}}}', null, null, '{{}}'), ('note', 'voice', 'Note {{{{number}}}}', null, null, '{{}}'),
    ('note', 'email', 'Note {{{{number}}}}', 'Note {{{{number}}}}', null, '{{}}'),
    ('note', 'whatsapp', null, null, 'HX00000000000000000000000000000001', '{{number}}');
"""


class Stack:
    """Starts, breaks and stops the parts. Everything it learns goes into the directory, for the checker."""

    def __init__(self, directory, outrider, note=print):
        os.chmod(directory, 0o755)  # The cluster in it belongs to another user.
        self.directory = directory
        self.outrider = outrider
        self.note = note
        self.cluster = None
        self.processes = {}      # name: Popen
        self.environment = {name: value for name, value in os.environ.items()
                            if not name.startswith(("TWILIO_", "SENDGRID_", "OUTRIDER_", "PG"))}
        self.environment["OUTRIDER_LOG_LEVEL"] = "notice"
        self.worker_environment = {}
        self.worker_url = None   # How workers reach the database, when not directly.
        self.inserts_url = None
        self.workers_started = 0
        self.killed = {}         # process id: when
        self.takeovers = []
        self.judges_takeover = True
        self.figures = {}
        self.lock = threading.Lock()

    # MARK: Starting

    def start(self, rate=400, time_scale=10, seed=1, settings=None, gateway=True, cluster=None, reconcile=(2, 3)):
        self.cluster = cluster or Cluster(os.path.join(self.directory, "postgres"), settings)
        if cluster is None:
            self.cluster.create()
            self.cluster.start()
        done = subprocess.run([self.outrider, "migrate"], env={**self.environment, "OUTRIDER_DATABASE_URL": self.cluster.url()},
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError("migrate: " + done.stderr[-400:])
        self.cluster.sql(SET_UP.format(rate=rate))
        self.worker_environment = {"OUTRIDER_RECONCILE_DELAY_SECONDS": str(reconcile[0]),
                                   "OUTRIDER_RECONCILE_SPACING_SECONDS": str(reconcile[1])}
        port = free_port(30000, 32767)
        self.gateway_url = f"http://127.0.0.1:{port}"
        self.start_sandbox(time_scale, seed)
        self.environment["OUTRIDER_PUBLIC_URL"] = self.gateway_url
        self.environment["OUTRIDER_LISTEN"] = f"127.0.0.1:{port}"
        if gateway:
            self.start_gateway()
        threading.Thread(target=self.watch_takeovers, daemon=True).start()

    def start_sandbox(self, time_scale, seed):
        settings = os.path.join(self.directory, "sandbox.env")
        self.spawn("sandbox", [self.outrider, "sandbox", "--listen", "127.0.0.1:0", "--webhooks", self.gateway_url,
                               "--time-scale", str(time_scale), "--seed", str(seed),
                               "--ledger", os.path.join(self.directory, "ledger.jsonl")], output=settings)
        self.wait_for(lambda: "SENDGRID_WEBHOOK_PUBLIC_KEY=" in open(settings).read(), "the sandbox", 30)
        for line in open(settings).read().split():
            name, _, value = line.partition("=")
            self.environment[name] = value
        self.sandbox_url = self.environment["TWILIO_API_BASE_URL"]

    def start_gateway(self, url=None):
        self.spawn("gateway", [self.outrider, "gateway"],
                   {"OUTRIDER_DATABASE_URL": url or self.cluster.url("chaos_gateway")})
        self.wait_for(lambda: self.get(self.gateway_url + "/readyz"), "the gateway", 30)

    def start_worker(self, environment=None, prefix=()):
        """Starts one more worker and returns its process."""
        self.workers_started += 1
        return self.spawn(f"worker{self.workers_started}", [*prefix, self.outrider, "work"],
                          {"OUTRIDER_DATABASE_URL": self.worker_url or self.cluster.url("chaos_worker"),
                           **self.worker_environment, **(environment or {})})

    def spawn(self, name, command, environment=None, output=None):
        """A process of its own session, so that Ctrl-C reaches the harness alone."""
        log = open(os.path.join(self.directory, name.rstrip("0123456789") + ".log"), "ab")
        out = open(output, "wb") if output else log
        process = subprocess.Popen(command, env={**self.environment, **(environment or {})}, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=log, start_new_session=True)
        log.close()
        if output:
            out.close()
        self.processes[name] = process
        return process

    def wait_for(self, condition, what, seconds):
        end = time.monotonic() + seconds
        while True:
            try:
                if condition():
                    return
            except (OSError, DatabaseDown):
                pass
            if time.monotonic() > end:
                raise RuntimeError(f"{what} did not get there in {seconds} s")
            time.sleep(0.05)

    def wait_for_registration(self, *workers, seconds=180):
        """Waits until these workers are known to the database."""
        pids = ",".join(str(worker.pid) for worker in workers)
        self.wait_for(lambda: int(self.cluster.value(
            f"select count(*) from outrider.workers where process_id in ({pids})")) == len(workers), "a worker", seconds)

    # MARK: The sandbox

    def get(self, url, timeout=5):
        with urllib.request.urlopen(url, timeout=timeout) as reply:
            return reply.read() or b"{}"

    def post(self, path, body, timeout=10):
        request = urllib.request.Request(self.sandbox_url + "/sandbox/" + path, data=json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return json.loads(reply.read() or b"{}")

    def fault(self, kind, **settings):
        return self.post("faults", {"kind": kind, **settings})

    def clear_faults(self):
        request = urllib.request.Request(self.sandbox_url + "/sandbox/faults", method="DELETE")
        urllib.request.urlopen(request, timeout=10).close()

    # MARK: Jobs

    def insert(self, jobs, patience=120, batch=1000, login="chaos_application"):
        """Inserts until the database has said so: a key makes asking twice safe. Logs what was promised."""
        columns = ("kind", "channel", "address", "ladder", "phone", "email", "category", "wait_seconds", "body", "subject",
                   "template", "data", "idempotency_key")
        types = "kind text, channel text, address text, ladder text, phone text, email text, category text, " \
                "wait_seconds integer, body text, subject text, template text, data jsonb, idempotency_key text"
        for start in range(0, len(jobs), batch):
            part = jobs[start:start + batch]
            rows = json.dumps([{"data": {}, **{name: job[name] for name in columns if name in job}} for job in part])
            statement = (f"insert into outrider.jobs ({', '.join(columns)}) select {', '.join(columns)} "
                         f"from jsonb_to_recordset($chaos${rows}$chaos$::jsonb) as j ({types});")
            end = time.monotonic() + patience
            while True:
                try:
                    self.cluster.sql(statement, url=self.inserts_url or self.cluster.url(login))
                    break
                except DatabaseDown as error:
                    if time.monotonic() > end:
                        raise
                    self.figures["inserts repeated"] = self.figures.get("inserts repeated", 0) + 1
                    self.last_error = error
                    time.sleep(0.2)
            self.append("inserts.jsonl", part)

    def add_tenant(self, tenant):
        """Another tenant; the login by which it inserts."""
        self.cluster.sql(f"""create role chaos_{tenant} login in role outrider_app;
            insert into outrider.tenant_roles (role_name, tenant) values ('chaos_{tenant}', '{tenant}')""")
        return f"chaos_{tenant}"

    def bound(self, name, value, most):
        """A figure that may not be above its bound: the checker sees to it."""
        self.figures.setdefault("bounds", {})[name] = [value, most]

    def append(self, name, documents):
        """Writes documents into the directory, synced: the checker believes what is there."""
        with self.lock, open(os.path.join(self.directory, name), "a") as file:
            for document in documents:
                file.write(json.dumps(document) + "\n")
            file.flush()
            os.fsync(file.fileno())

    # MARK: Killing

    def kill(self, worker, by=signal.SIGKILL):
        """SIGKILL, noted for the takeover's measure."""
        with self.lock:
            self.killed[worker.pid] = time.monotonic()
        worker.send_signal(by)
        worker.wait()
        self.forget(worker)

    def forget(self, worker):
        for name, process in list(self.processes.items()):
            if process is worker:
                del self.processes[name]

    def watch_takeovers(self):
        """Notes how long the leases of each killed worker stood."""
        holding = set()
        while self.cluster is not None:
            try:
                now = time.monotonic()
                pids = {int(row[0].split(":")[1]) for row in self.cluster.sql("select distinct worker from outrider.leases")
                        if row[0].count(":") >= 2}
                with self.lock:
                    dead = dict(self.killed)
                for pid in holding - pids:
                    self.takeovers.append(now - dead[pid])
                holding = pids & dead.keys()
                self.held_by_dead = {pid: now - dead[pid] for pid in holding}
            except (DatabaseDown, AttributeError, ValueError, OSError):
                pass
            time.sleep(1)

    # MARK: The end

    def progress(self):
        """Jobs without outcome and not held, due rows, leases."""
        row = self.cluster.sql("""
            select (select count(*) from outrider.jobs j
                     where not exists (select from outrider.events o where o.job_id = j.id and o.generation = 0 and o.kind = 'outcome')
                       and not exists (select from outrider.events h where h.job_id = j.id and h.kind = 'held'
                                          and not exists (select from outrider.events r where r.job_id = h.job_id
                                                             and r.generation = h.generation and r.kind = 'released'))),
                   (select count(*) from outrider.jobs), (select count(*) from outrider.due), (select count(*) from outrider.leases)
        """)[0]
        return [int(value) for value in row]

    def quiet(self, stalled_after=120, workers=2):
        """The quiet phase: nothing is broken any more, and everything must end by itself."""
        alive = [name for name in self.processes if name.startswith("worker") and self.processes[name].poll() is None]
        for _ in range(workers - len(alive)):
            self.start_worker()
        last, changed, shown = None, time.monotonic(), 0
        while True:
            try:
                state = self.progress()
            except DatabaseDown:
                state = None
            now = time.monotonic()
            if state and state[0] == 0 and state[3] == 0:
                self.note(f"  quiet: all {state[1]} jobs have ended or are held")
                return True
            if state != last:
                last, changed = state, now
            if now - changed > stalled_after:
                self.note(f"  quiet phase: nothing moves for {stalled_after} s: {state}")
                return False
            if now - shown > 10 and state:
                shown = now
                self.note(f"  quiet: {state[0]} of {state[1]} jobs to go, {state[2]} due rows, {state[3]} leases")
            time.sleep(0.5)

    def dump(self):
        """Writes the database beside the ledger, so that anybody can check again without it."""
        for name, query in {
            "jobs": "select id, idempotency_key, kind, channel, address, phone, email, category, campaign, metadata ->> 'key' as key "
                    "from outrider.jobs order by id",
            "events": "select job_id, generation, kind, status, extract(epoch from at)::float8 as at, step, channel, code, class, "
                      "level, provider_id, worker, reason from outrider.events order by job_id, at",
            "leases": "select * from outrider.leases",
            "due": "select * from outrider.due",
            "suppressions": "select address, channel, source, extract(epoch from created_at)::float8 as at, lifted_at is not null as is_lifted "
                            "from outrider.suppressions",
            "inbound": "select provider_id, from_address, keyword, is_listed, extract(epoch from received_at)::float8 as at "
                       "from outrider.inbound_messages",
        }.items():
            rows = self.cluster.sql(f"select row_to_json(r) from ({query}) r;", timeout=300)
            with open(os.path.join(self.directory, name + ".jsonl"), "w") as file:
                file.writelines(row[0] + "\n" for row in rows)
        with open(os.path.join(self.directory, "figures.json"), "w") as file:
            takeovers = self.takeovers + list(getattr(self, "held_by_dead", {}).values())
            most = max(takeovers, default=0) if self.judges_takeover else 0
            json.dump({"takeover_seconds": most, "takeovers": len(takeovers), **self.figures}, file)

    def stop(self):
        """Ends everything it started, by number."""
        for process in self.processes.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)  # With what it started itself, stopped or not.
            except ProcessLookupError:
                pass
        for process in self.processes.values():
            process.wait()
        self.processes = {}
        cluster, self.cluster = self.cluster, None
        if cluster:
            cluster.stop()
