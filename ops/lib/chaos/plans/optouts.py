"""People say STOP at random moments around the intents of a running campaign, while a worker dies every second."""
import hashlib
import os
import queue
import threading
import time

from ..plan import Plan
from ..traffic import send
from ..webhook import Poster

BATCH = 200
RETRIED_SECONDS = 15


class OptOuts(Plan):
    name = "optouts"
    about = "N people of a campaign write STOP around their intent; 8 workers, a kill a second"
    count, short = 20_000, 400

    fleet, posters, rate = 8, 12, 100

    def run(self, stack):
        stack.start(rate=self.rate, time_scale=10, seed=self.seed)
        workers = [stack.start_worker() for _ in range(self.fleet)]
        stack.wait_for_registration(*workers)
        jobs = [send(f"optouts-{self.seed}-{n}", "sms", n, self.random, category="marketing") for n in range(self.size)]
        stops = queue.PriorityQueue()
        stop = threading.Event()
        threads = [threading.Thread(target=self.write, args=(stack, stops), daemon=True) for _ in range(self.posters)]
        threads.append(threading.Thread(target=self.kill, args=(stack, workers, stop), daemon=True))
        for thread in threads:
            thread.start()
        for start in range(0, len(jobs), BATCH):
            part = jobs[start:start + BATCH]
            stack.insert(part)
            # The campaign goes in order, at the sender's rate; each STOP is aimed at its message's turn, give or take.
            waiting = int(stack.cluster.value("select count(*) from outrider.due where reason = 'dispatch'"))
            for index, job in enumerate(part):
                turn = max(0, waiting - len(part) + index) / self.rate
                stops.put((time.monotonic() + turn + self.random.gauss(-0.5, 1.0), start + index, job["address"]))
            # A STOP that comes late is no race: the campaign goes no faster than people write.
            while start + BATCH < len(jobs) and stops.qsize() > 50:
                time.sleep(0.05)
            if start % 2000 == 0:
                self.note(f"  {start} asked, {stops.qsize()} STOPs to come, " + str(stack.progress()))
        for _ in range(self.posters):
            stops.put((float("inf"), None, None))
        for thread in threads[:-1]:
            thread.join()
        stop.set()
        threads[-1].join()
        raced = stack.cluster.value("select count(*) from outrider.events where kind = 'answer' and status = 'skipped'")
        near = stack.cluster.value("""
            select count(*) from outrider.suppressions s
             where s.channel = 'sms' and exists (
                   select from outrider.jobs j join outrider.events e on e.job_id = j.id and e.kind = 'intent'
                    where j.address = s.address and abs(extract(epoch from e.at - s.created_at)) < 1)""")
        stack.figures.update({"kills": len(stack.killed), "skipped because of a STOP": int(raced),
                              "STOPs within 1 s of their intent": int(near)})
        stack.quiet()
        with open(os.path.join(stack.directory, "optouts.jsonl")) as file:
            acknowledged = sum(1 for _ in file)
        stack.figures["STOPs answered 2xx"] = acknowledged
        if acknowledged < self.size:
            raise RuntimeError(f"{self.size - acknowledged} STOPs were never answered 2xx")

    def kill(self, stack, workers, stop):
        while not stop.wait(1):
            stack.kill(workers.pop(0))
            workers.append(stack.start_worker())

    def write(self, stack, stops):
        """Posts signed inbound messages as Twilio does, and notes when each was answered 2xx."""
        poster = Poster(stack)
        done = []
        while True:
            at, number, address = stops.get()
            if address is None:
                break
            time.sleep(max(0, at - time.monotonic()))
            form = {"MessageSid": f"SM{hashlib.md5(f'{self.seed} {number}'.encode()).hexdigest()}", "From": address,
                    "To": "+15005550006", "Body": "STOP", "OptOutType": "STOP", "NumMedia": "0"}
            if self.is_taken(poster, form):
                done.append({"address": address, "acknowledged_at": time.time()})
            if len(done) >= 200:
                stack.append("optouts.jsonl", done)
                done = []
        stack.append("optouts.jsonl", done)

    @staticmethod
    def is_taken(poster, form):
        """Whether the webhook was answered 2xx; as Twilio does when it is told to, it is repeated for up to 15 s."""
        end, pause = time.monotonic() + RETRIED_SECONDS, 0.5
        while (poster.post("/webhooks/twilio/inbound", form) or 500) // 100 != 2:
            if time.monotonic() + pause > end:
                return False
            time.sleep(pause)
            pause *= 2
        return True
