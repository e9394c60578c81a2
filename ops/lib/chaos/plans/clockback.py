"""The database's clock steps, back or forward by an hour, while workers run; and steps again when it is put right."""
import os
import struct
import subprocess
import time
from collections import Counter, defaultdict

from ..checker import Accept, read
from ..cluster import Cluster
from ..plan import Plan
from ..traffic import mixed, send
from ..witness import Witness, share
from .resources import CLOCK

HOUR = 3600
# How a message may end whose time was over at once.
CUT_SHORT = ("expired", "unconfirmed")
# A new one-time password goes out within so many milliseconds, whatever the clock says.
MOST_MILLISECONDS = 5_000
# What was asked for so long before a step may have been in the middle of something.
AT_THE_STEP_SECONDS = 10


class ClockBack(Plan):
    """`count` is the number of messages of each arm, a third between two steps."""

    name = "clockback"
    about = "the database's clock steps by an hour, back or forward, and is put right, while N messages go out and workers are killed"
    count, short = 1_500, 0

    rate, stage_seconds = 25, 30

    def arms(self):
        return [("an hour back", True, lambda stack: self.step_and_back(stack, -HOUR)),
                ("an hour forward", True, lambda stack: self.step_and_back(stack, HOUR))]

    def step_and_back(self, stack, offset):
        self.started = time.time()
        self.start(stack)
        stack.wait_for_registration(*[stack.start_worker() for _ in range(3)])
        name = "an hour back" if offset < 0 else "an hour ahead"
        self.jobs = mixed(f"clockback-{self.seed}", self.size, self.random, wait_seconds=20)
        witness = Witness(stack, f"witness-{self.seed}", self.random, every=0.25)
        if offset > 0:
            # An hour that is left out ends the wait of whatever is under way, and the ten minutes of a one-time password.
            witness.promise = {"expect": ["delivered", *CUT_SHORT]}
            self.jobs = [{**job, "expect": [job["oracle"], "unknown", *CUT_SHORT]} for job in self.jobs]
        witness.start("the right time")
        self.stage(stack, witness, 0)
        # Whoever dies at the step has said by the old clock that it was alive.
        self.kill_at_work(stack, "before")
        self.stepped_at = time.time()
        self.set_clock(stack, offset)
        witness.enter(name)
        self.stage(stack, witness, 1)
        self.kill_at_work(stack, "after")
        stack.wait_for(lambda: not self.held_by_dead(stack), "the takeover by the new clock", 90)
        self.went_back_at = self.stepped_at if offset < 0 else time.time()
        self.set_clock(stack, 0)
        witness.enter("the right time again")
        self.stage(stack, witness, 2)
        witness.stop()
        self.settle(stack)
        stack.quiet(workers=3)
        self.measure(stack, witness)
        self.cut_short(stack, name)
        self.put_right(stack)

    # MARK: Steps

    def start(self, stack):
        library, self.file = (os.path.join(stack.directory, name) for name in ("clock.so", "clock"))
        subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-o", library, CLOCK], check=True)  # Swift brings it along.
        with open(self.file, "wb") as file:
            file.write(struct.pack("q", 0))
        cluster = Cluster(os.path.join(stack.directory, "postgres"))
        cluster.create()
        cluster.environment = {"LD_PRELOAD": library, "CLOCK_FILE": self.file}
        cluster.start()
        stack.start(rate=self.rate, seed=self.seed, cluster=cluster)

    def set_clock(self, stack, offset):
        with open(self.file, "r+b") as file:
            file.write(struct.pack("q", offset))
        ahead = float(stack.cluster.value("select extract(epoch from clock_timestamp())")) - time.time()
        if abs(ahead - offset) > 5:
            raise RuntimeError(f"the database's clock is {ahead:.0f} s ahead, not {offset}")
        self.note(f"  the database's clock is {offset} s ahead, " + str(stack.progress()))

    def stage(self, stack, witness, number):
        third, portions = self.jobs[number::3], 10
        for portion in range(portions):
            stack.insert(third[portion::portions])
            witness.watch(self.stage_seconds / portions)
        self.note(f"  {stack.progress()}")

    def kill_at_work(self, stack, when):
        """Kills a worker that has begun something: the provider takes its time with the answer."""
        workers = [process for name, process in stack.processes.items() if name.startswith("worker")]
        busy = [send(f"slow-{self.seed}-{when}-{n}", "sms", n + (200 if when == "after" else 0) + 9_000, self.random, "slow", wait_seconds=20)
                for n in range(60)]
        stack.fault("delay", match={"to": busy[0]["address"][:8]}, seconds=4)
        stack.insert([{**job, "oracle": "delivered"} for job in busy])
        victims = []

        def is_busy():
            holders = {row[0].split(":")[1] for row in stack.cluster.sql("select distinct worker from outrider.leases")}
            victims[:] = [worker for worker in workers if str(worker.pid) in holders]
            return victims

        stack.wait_for(is_busy, "a worker at work", 20)
        # Its takeover is measured by whoever looks once a second: it must have been seen to hold something.
        time.sleep(1.2)
        stack.kill(victims[0])
        stack.clear_faults()
        stack.start_worker()

    @staticmethod
    def held_by_dead(stack):
        dead = ",".join(f"'%:{pid}:%'" for pid in stack.killed)
        return stack.cluster.sql(f"select id from outrider.leases where worker like any (array[{dead}])")

    def settle(self, stack):
        """What was put off by a clock that was ahead is due when the right one gets there."""
        end = time.monotonic() + 45
        while stack.progress()[0] and time.monotonic() < end:
            time.sleep(1)
        late = int(stack.cluster.value("select count(*) from outrider.due where at > clock_timestamp() + interval '30 minutes'"))
        stack.figures["due rows that the right clock reaches an hour later"] = late
        stack.figures["of them of jobs that had not ended"] = stack.progress()[0]
        if late:
            self.set_clock(stack, HOUR)

    def cut_short(self, stack, name):
        """What ended early was under way when the clock stepped ahead, and nothing else."""
        ended = [(code, float(asked)) for code, asked in stack.cluster.sql(f"""
            select o.code, extract(epoch from j.created_at) from outrider.jobs j
              join outrider.events o on o.job_id = j.id and o.kind = 'outcome' and o.code = any (array{list(CUT_SHORT)})
             where j.address not like '+15003%'""")]  # Whose receipt never comes is unconfirmed, rightly.
        stack.figures[f"ended early by the step to {name}"] = dict(Counter(code for code, _ in ended))
        if any(not self.stepped_at - 2 * self.stage_seconds < at < self.stepped_at + 1 for _, at in ended):
            raise RuntimeError("a message ended early that was not under way when the clock stepped")

    # MARK: Figures

    def measure(self, stack, witness):
        # What waited for its turn when the clock went back waits until the clock is there again.
        for name, (_, accepts) in witness.waits((self.went_back_at - AT_THE_STEP_SECONDS, self.went_back_at)).items():
            what = f"one-time password, {name}: insert to acceptance"
            stack.figures[what] = f"p50 {share(accepts, 0.5)}, p99 {share(accepts, 0.99)} ms of {len(accepts)}"
            stack.bound(f"{what}, max ms", share(accepts, 1), MOST_MILLISECONDS)
        late = sum(wait > MOST_MILLISECONDS for wait in witness.aside)
        stack.figures["one-time passwords that waited when the clock went back, and for it"] = f"{late} of {len(witness.aside)}"
        stack.figures["one-time passwords that a killed worker took along, looked up"] = witness.lost
        times = defaultdict(list)
        for entry in read(stack.directory, "ledger.jsonl"):
            times[entry["from"]].append(Accept(entry).at)
        most = max(sum(1 for other in sorted(at) if start <= other < start + 1) for at in times.values() for start in at)
        # Two windows may touch.
        stack.bound("accepted by one sender in any second", most, 2 * self.rate)

    def put_right(self, stack):
        """The superuser dates what happened by the right clock, which the ledger has."""
        stack.cluster.sql(f"""
            update outrider.events set at = at + interval '1 hour' where at < to_timestamp({self.started}) - interval '30 minutes';
            update outrider.events set at = at - interval '1 hour' where at > to_timestamp({time.time()}) + interval '30 minutes';
            """, timeout=300)
