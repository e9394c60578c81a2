"""One-time passwords beside the fault, one after the other: what is wrong with others must not hold them up."""
import threading
import time
from datetime import datetime

from .checker import read
from .traffic import send


class Witness:
    """Inserts one message every so often, each to a person of its own, in a thread. `stages` says what was going on when."""

    def __init__(self, stack, prefix, random, channel="sms", categories=("otp",), every=0.1, first=50_000, expect=None):
        self.stack, self.prefix, self.random, self.channel, self.categories = stack, prefix, random, channel, categories
        self.every, self.first, self.count = every, first, 0
        self.promise = {"expect": expect} if expect else {"oracle": "delivered"}
        self.stages = []         # (name, number of its first message)
        self.asked = []          # When each was asked for, by this host's clock.
        self.stopped = threading.Event()
        self.error = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self, stage):
        self.stages = [(stage, 0)]
        self.thread.start()

    def enter(self, stage):
        """What comes from now on belongs to this stage."""
        self.stages.append((stage, self.count))

    def watch(self, seconds):
        """Lets it go on for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check()
            time.sleep(0.1)

    def stop(self):
        self.stopped.set()
        self.thread.join()
        self.check()

    def check(self):
        if self.error:
            raise RuntimeError(f"the witness stopped: {self.error}")

    def run(self):
        begun = time.monotonic()
        try:
            while not self.stopped.is_set():
                number = self.count
                job = send(f"{self.prefix}-{number}", self.channel, self.first + number, self.random, wait_seconds=60,
                           category=self.categories[number % len(self.categories)])
                self.count += 1
                self.asked.append(time.time())
                self.stack.insert([{**job, **self.promise}])
                # By the clock, so that a database that is slow for a moment is asked for no fewer.
                time.sleep(max(0, begun + self.count * self.every - time.monotonic()))
        except Exception as error:  # noqa: BLE001
            self.error = error

    def waits(self, between=(0, 0)):
        """By stage: the milliseconds from insert to intent by the database's clock, and from before the insert to the provider's
        acceptance by this host's, each in order. Those that a worker took along when it was killed
        are in `lost` instead, and those that were asked for `between` two moments in `aside`."""
        rows = self.stack.cluster.sql(f"""
            select split_part(j.idempotency_key, '-', -1), extract(epoch from j.created_at),
                   extract(epoch from min(i.at) filter (where i.kind = 'intent')), count(*) filter (where i.status = 'lost')
              from outrider.jobs j left join outrider.events i on i.job_id = j.id and i.kind in ('intent', 'answer')
             where j.idempotency_key like '{self.prefix}-%' group by 1, 2""")
        taken = {}
        for entry in read(self.stack.directory, "ledger.jsonl"):
            at = datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()
            taken.setdefault((entry["to"] or "").removeprefix("whatsapp:"), at)
        found = {name: ([], []) for name, _ in self.stages}
        self.lost, self.aside = 0, []
        for number, created, begun, is_lost in rows:
            if is_lost != "0":
                self.lost += 1
                continue
            stage = [name for name, first in self.stages if first <= int(number)][-1]
            address = send(f"{self.prefix}-{number}", self.channel, self.first + int(number), self.random, category="otp")["address"]
            if between[0] < self.asked[int(number)] < between[1]:
                self.aside.append((taken.get(address, float("inf")) - self.asked[int(number)]) * 1000)
                continue
            if begun:
                found[stage][0].append((float(begun) - float(created)) * 1000)
            if address in taken:
                found[stage][1].append((taken[address] - self.asked[int(number)]) * 1000)
        return {name: (sorted(intents), sorted(accepts)) for name, (intents, accepts) in found.items()}


def share(waits, part):
    """The wait that this part of them does not exceed, in whole milliseconds."""
    return round(waits[min(len(waits) - 1, int(len(waits) * part))]) if waits else -1
