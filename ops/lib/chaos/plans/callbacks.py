"""Callbacks come three times, shuffled, early, late, not at all, and for messages nobody sent."""
import time

from ..plan import Plan
from ..traffic import send
from ..webhook import Poster

# What a single message must come to, by its fate; a receipt that never comes leaves only what polling shows.
ORACLE = {
    "sms": {"delivered": "delivered", "unreachable": "exhausted", "landline": "exhausted", "filtered": "exhausted",
            "silent": "unconfirmed", "invalid": "exhausted", "opted_out": "opted_out", "throttled": "delivered", "slow": "delivered",
            "unknown": "delivered"},
    "voice": {"answered": "delivered", "busy": "exhausted", "throttled": "delivered", "unknown": "delivered"},
    "whatsapp": {"read": "delivered", "not_user": "exhausted", "throttled": "delivered", "slow": "delivered",
                 "unknown": "delivered"},
    "email": {"delivered": "delivered", "bounce": "exhausted", "dropped": "exhausted", "unknown": "delivered",
              "slow": "delivered"},
}


class Callbacks(Plan):
    name = "callbacks"
    about = "callbacks tripled, shuffled, 30 % lost, early, late, for unknown ids: N final states equal the oracle"
    count, short = 20_000, 200

    def run(self, stack):
        stack.start(rate=300, time_scale=10, seed=self.seed)
        stack.fault("duplicate_callbacks", probability=0.6)
        stack.fault("reorder_callbacks", probability=0.5)
        stack.fault("lose_callbacks", fraction=0.3)
        stack.fault("early_callbacks", probability=0.3)
        stack.fault("delay", seconds=0.3, probability=0.2)
        workers = [stack.start_worker() for _ in range(2)]
        stack.wait_for_registration(*workers)
        jobs = []
        # Long enough that a busy sandbox has said its last word before the wait is over.
        wait = 120 if self.size > 2000 else 20
        for number in range(self.size):
            # Chances such that no fate of the block runs out of its 9,700 numbers.
            channel = self.random.choices(("sms", "voice", "whatsapp", "email"), (5, 1, 1, 2))[0]
            fate = self.random.choice(list(ORACLE[channel]))
            job = send(f"callbacks-{self.seed}-{number}", channel, number % 9700, self.random, fate, wait_seconds=wait)
            job["expect"] = [ORACLE[channel][fate]]
            jobs.append(job)
        for start in range(0, len(jobs), 1000):
            stack.insert(jobs[start:start + 1000])
            while stack.progress()[0] > 3000:
                time.sleep(0.2)
            self.note(f"  {start} asked, " + str(stack.progress()))
        stack.quiet()
        self.a_day_later(stack)
        stack.quiet()

    def a_day_later(self, stack):
        """Genuine callbacks for what has ended long ago, saying the opposite, and for jobs that never were."""
        attempts = stack.cluster.sql("""
            select i.job_id, i.generation, i.token, coalesce(max(a.provider_id), 'SM00000000000000000000000000000000')
              from outrider.events i join outrider.events a using (job_id, generation)
             where i.kind = 'intent' and i.channel in ('sms', 'whatsapp') group by 1, 2, 3 order by random() limit 500""")
        poster, answers = Poster(stack), []
        for number, (job, generation, token, sid) in enumerate(attempts):
            for status in self.random.sample(("sent", "delivered", "undelivered", "failed"), 4):
                form = {"MessageSid": sid, "MessageStatus": status, "ErrorCode": "30003"}
                answers.append(poster.post(f"/webhooks/twilio/status?job={job}&generation={generation}&token={token}", form))
            form = {"MessageSid": f"SM{number:032d}", "MessageStatus": "delivered"}
            answers.append(poster.post(f"/webhooks/twilio/status?job={90_000_000 + number}&generation=1&token={token}", form))
        stack.figures["late and unknown callbacks"] = len(answers)
        stack.figures["of them answered 2xx"] = sum((status or 500) // 100 == 2 for status in answers)
