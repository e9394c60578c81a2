"""Callbacks come three times, shuffled, early, late, not at all, and for messages nobody sent."""
import time

from ..plan import Plan
from ..traffic import ORACLE, send
from ..webhook import Poster


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
            fate = self.fate(channel)
            job = send(f"callbacks-{self.seed}-{number}", channel, number % 9700, self.random, fate, wait_seconds=wait)
            job["expect"] = [ORACLE[channel][fate]]
            jobs.append(job)
        for start in range(0, len(jobs), 1000):
            stack.insert(jobs[start:start + 1000])
            while stack.progress()[0] > 3000:
                time.sleep(0.2)
            self.note(f"  {start} asked, " + str(stack.progress()))
        stack.quiet()
        self.move_history(stack, "- interval '1 day'", "true")
        self.a_day_later(stack)
        stack.quiet()
        # Back again: the ledger, which the checker holds it against, stays as it is. What came late has its own time.
        self.move_history(stack, "+ interval '1 day'", "at < clock_timestamp() - interval '12 hours'")

    def fate(self, channel):
        """Any fate; few are refused at first because there are too many. A provider that says so of one message in
        seven is sent less by every worker, and slowness would be all that this plan sees."""
        fates = list(ORACLE[channel])
        return self.random.choices(fates, [1 if fate == "throttled" else 20 for fate in fates])[0]

    @staticmethod
    def move_history(stack, by, which):
        """The superuser dates everything that happened a day earlier or later."""
        stack.cluster.sql(f"""begin;
            update outrider.events set at = at {by} where {which};
            update outrider.adopted_sends set at = at {by} where {which};
            update outrider.jobs set created_at = created_at {by} where {which.replace("at <", "created_at <")};
            update outrider.idempotency_keys set created_at = created_at {by} where {which.replace("at <", "created_at <")};
            commit;""", timeout=300)

    def a_day_later(self, stack):
        """Genuine callbacks for what ended a day ago, saying the opposite, and for jobs that never were."""
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
        answered = sum((status or 500) // 100 == 2 for status in answers)
        stack.figures["of them answered 2xx"] = answered
        if answered < len(answers):
            raise RuntimeError(f"{len(answers) - answered} late callbacks were not answered 2xx")
