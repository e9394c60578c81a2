"""People say STOP at random moments around the intents of texts, calls and WhatsApp messages, while a worker dies every second."""
import hashlib
import os
import queue
import threading
import time

from ..plan import Plan
from ..traffic import send
from ..webhook import Poster

BATCH = 200
CHANNELS = ("sms", "voice", "whatsapp")
RETRIED_SECONDS = 15


class OptOuts(Plan):
    name = "optouts"
    about = "N people write STOP, by text or WhatsApp, around their text, call or WhatsApp message; 8 workers, a kill a second"
    count, short = 20_000, 400
    is_heavy = True

    # At this rate each: more than a hundred a second is more than a debug build of the sandbox reads in time.
    fleet, posters, rate = 8, 12, 25

    def run(self, stack):
        stack.start(rate=self.rate, time_scale=10, seed=self.seed)
        workers = [stack.start_worker() for _ in range(self.fleet)]
        stack.wait_for_registration(*workers)
        jobs = [self.ask(n) for n in range(self.size)]
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
                # Each channel has a sender of its own, which goes at that rate.
                turn = max(0, waiting - len(part) + index) / (self.rate * len(CHANNELS))
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
             where exists (
                   select from outrider.jobs j join outrider.events e on e.job_id = j.id and e.kind = 'intent'
                    where j.address = s.address and j.channel = s.channel and abs(extract(epoch from e.at - s.created_at)) < 1)""")
        by_channel = stack.cluster.value("""
            select string_agg(channel || ' ' || n, ', ' order by channel)
              from (select channel, count(*) as n from outrider.events where kind = 'answer' and status = 'skipped' group by 1) s""")
        stack.figures.update({"kills": len(stack.killed), "skipped because of a STOP": int(raced), "of these": by_channel,
                              "STOPs within 1 s of their intent": int(near)})
        stack.quiet()
        with open(os.path.join(stack.directory, "optouts.jsonl")) as file:
            acknowledged = sum(1 for _ in file)
        stack.figures["STOPs answered 2xx"] = acknowledged
        if acknowledged < self.size:
            raise RuntimeError(f"{self.size - acknowledged} STOPs were never answered 2xx")

    def ask(self, number):
        """An offer by text, or something else by call or WhatsApp: an offer by those needs a consent."""
        channel = CHANNELS[number % len(CHANNELS)]
        category = "marketing" if channel == "sms" else "transactional"
        return send(f"optouts-{self.seed}-{number}", channel, number, self.random, category=category)

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
            form = {"MessageSid": f"SM{hashlib.md5(f'{self.seed} {number}'.encode()).hexdigest()}", "NumMedia": "0"}
            if number % 2:
                # A button of a WhatsApp message. It binds texts and calls as well.
                form |= {"From": "whatsapp:" + address, "To": "whatsapp:+15005550026", "Body": "No more", "ButtonPayload": "STOP"}
            else:
                form |= {"From": address, "To": "+15005550006", "Body": "STOP", "OptOutType": "STOP"}
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
