"""Rows that no worker can read, and rows as large as they may be, come beside ordinary messages."""
import json
import threading
import time

from ..plan import Plan
from ..traffic import mixed, send

# A row that breaks one thing, as a newer release, a restore or a hand in the database leaves it; and what becomes of its job.
POISONS = {
    "a word of a newer release": ("update outrider.jobs set category = 'divine' where id = any (array({ids}))", "held"),
    "a ladder that is not there": ("update outrider.due set ladder_id = 2000000000 where job_id = any (array({ids}))", "held"),
    "an event of a newer release": ("""insert into outrider.events (job_id, generation, kind, status, detail)
        select id, 1, 'deferred', 'strange', '{{"until": [1e300, null], "why": {{}}}}' from unnest(array({ids})) id;
        update outrider.due set reason = 'resume' where job_id = any (array({ids}))""", "delivered"),
    "the largest data": ("""update outrider.jobs set data = jsonb_build_object('a', repeat('x', 65520)),
        metadata = jsonb_build_object('a', repeat('x', 65520)) where id = any (array({ids}))""", "delivered"),
}


class Poison(Plan):
    name = "poison"
    about = "N rows that cannot be read, or are as large as they may be, in batches with ordinary messages"
    count, short = 2_000, 60

    def run(self, stack):
        stack.start(rate=400, seed=self.seed)
        # A newer release, or a hand, may put what this one's rules refuse.
        stack.cluster.sql("alter table outrider.jobs drop constraint category_must_be_otp_alert_transactional_or_marketing")
        workers = [stack.start_worker() for _ in range(2)]
        stack.wait_for_registration(*workers)
        stop, taken = threading.Event(), []
        witness = threading.Thread(target=self.witness, args=(stack, stop, taken), daemon=True)
        witness.start()
        batch = 20
        for number, start in enumerate(range(0, self.size, batch)):
            # Before, between and behind the poison of one commit, so that they share a take.
            stack.insert(mixed(f"beside-{self.seed}-{number}", batch, self.random, fates=False, first=start, wait_seconds=60))
            self.insert(stack, number, min(batch, self.size - start))
            if number % 20 == 0:
                self.note(f"  {start + batch} of {self.size} poison rows, " + str(stack.progress()))
        stop.set()
        witness.join()
        stack.quiet()
        taken.sort()
        stack.figures["one-time password beside it, insert to intent, p99 ms"] = round(taken[int(len(taken) * 0.99)] * 1000)
        unexplained = int(stack.cluster.value("select count(*) from outrider.events where kind = 'held' and coalesce(reason, '') = ''"))
        if unexplained:
            raise RuntimeError(f"{unexplained} jobs are held without a reason")

    def insert(self, stack, number, count):
        """Some of one poison, broken before anybody can see them."""
        name, (change, outcome) = list(POISONS.items())[number % len(POISONS)]
        jobs = [{**send(f"poison-{self.seed}-{number}-{index}", "sms", 50_000 + number * 20 + index, self.random, category="alert"),
                 "poison": name, "expect": [outcome]} for index in range(count)]
        rows = ", ".join(f"('sms', '{job['address']}', '{job['body']}', 'alert', '{job['idempotency_key']}')" for job in jobs)
        ids = "select id from outrider.jobs where idempotency_key like 'poison-{}-{}-%'".format(self.seed, number)
        stack.cluster.sql(f"""
            begin;
            insert into outrider.jobs (channel, address, body, category, idempotency_key) values {rows};
            {change.format(ids=ids)};
            commit;""")
        stack.append("inserts.jsonl", jobs)

    def witness(self, stack, stop, taken):
        """One-time passwords, one after the other: none waits for what is wrong with other people's rows."""
        number = 0
        while not stop.is_set() or number < 20:
            job = send(f"witness-{self.seed}-{number}", "sms", 90_000 + number % 6_000, self.random, category="otp")
            stack.insert([{**job, "oracle": "delivered"}])
            key = json.dumps(job["idempotency_key"]).strip('"')
            stack.wait_for(lambda key=key: stack.cluster.value(
                f"""select count(*) from outrider.events e join outrider.jobs j on j.id = e.job_id
                     where j.idempotency_key = '{key}' and e.kind = 'intent'""") != "0", "a one-time password", 30)
            taken.append(float(stack.cluster.value(
                f"""select extract(epoch from min(e.at) - min(j.created_at)) from outrider.events e join outrider.jobs j on j.id = e.job_id
                     where j.idempotency_key = '{key}' and e.kind = 'intent'""")))
            number += 1
            time.sleep(0.1)
