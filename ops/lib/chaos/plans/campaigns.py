"""Campaigns are loaded, paused, resumed, cancelled and given other rates at random moments, while a worker dies every second."""
import threading
import time

from ..cluster import DatabaseDown
from ..plan import Plan
from ..traffic import phone

SET_UP = """
create schema crm;
create table crm.members (campaign text, key integer, phone text);
insert into crm.members select * from unnest(array[{names}]::text[], array[{keys}]::integer[], array[{phones}]::text[]);
grant usage on schema crm to outrider_worker, chaos_application;
"""
# Each person is in the audience twice: by key and by address that is one person.
AUDIENCE = """
create table crm.{name} as
select key, phone, key as number from crm.members where campaign = '{name}'
union all select key, '+49301' || lpad(key::text, 7, '0'), 0 from crm.members where campaign = '{name}' and key % 10 = 0;
grant select on crm.{name} to outrider_worker, chaos_application;
"""
STEADY = 4
# None is no limit; the sender has one of its own.
RATES = (10, 30, 50, 100, 200, None)


class Campaigns(Plan):
    name = "campaigns"
    about = "N people in campaigns that are loaded, paused, resumed, cancelled and given other rates at random; a kill a second"
    count, short = 20_000, 600

    fleet, rate = 8, 400

    def run(self, stack):
        stack.start(rate=self.rate, time_scale=10, seed=self.seed)
        workers = [stack.start_worker() for _ in range(self.fleet)]
        stack.wait_for_registration(*workers)
        steering = []
        names = self.ask(stack, steering)
        differences, stop = [], threading.Event()
        threads = [threading.Thread(target=self.kill, args=(stack, workers, stop), daemon=True),
                   threading.Thread(target=self.conserve, args=(stack, names, differences, stop), daemon=True)]
        for thread in threads:
            thread.start()
        try:
            self.steer(stack, names, steering)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            stack.append("steering.jsonl", steering)
        stack.figures |= {"kills": len(stack.killed), "pauses": sum(s["what"] == "pause" for s in steering),
                          "changes of a rate": sum(s["what"] == "rate" for s in steering),
                          "cancelled campaigns": sum(s["what"] == "cancel" for s in steering)}
        stack.bound("counts that differ from a full scan, at any of the looks", len(differences), 0)
        stack.quiet()
        stack.wait_for(lambda: stack.cluster.value(
            "select count(*) from outrider.campaigns where ended_at is null") == "0", "the end of every campaign", 30)

    def ask(self, stack, steering):
        """Campaigns of two kinds: a few large ones, and small ones that are cancelled. All begin at once, none is loaded."""
        people = {f"steady{number}": self.size * 6 // (10 * STEADY) for number in range(STEADY)}
        people |= {f"doomed{number}": max(1, self.size // 20) for number in range(8)}
        rows, serial = [], 0
        for name, count in people.items():
            for key in range(1, count + 1):
                rows.append((name, key, phone(serial)))
                serial += 1
        names, keys, phones = ([row[place] for row in rows] for place in range(3))
        stack.cluster.sql(SET_UP.format(names=", ".join(f"'{name}'" for name in names), keys=", ".join(map(str, keys)),
                                        phones=", ".join(f"'{phone}'" for phone in phones)), timeout=120)
        stack.append("audience.jsonl", [{"campaign": name, "key": str(key)} for name, key, _ in rows])
        for name in people:
            stack.cluster.sql(AUDIENCE.format(name=name))
            stack.cluster.sql(f"select outrider.create_campaign('{name}', channel => 'sms', body => 'Note {{{{number}}}} {name}', "
                              f"audience => 'crm.{name}')", url=stack.cluster.url("chaos_application"))
            self.change_rate(stack, name, self.random.choice(RATES[:-1]), steering)
            self.say(stack, f"start_campaign('{name}')")
        return list(people)

    @staticmethod
    def say(stack, call):
        return stack.cluster.value(f"select outrider.{call}", url=stack.cluster.url("chaos_application"))

    def change_rate(self, stack, name, rate, steering):
        """From when it was asked for the new rate may be in force, and the one before until that was answered."""
        asked = time.time()
        try:
            self.say(stack, f"set_campaign_rate('{name}', {rate or 'null'}, 'chaos')")
        except DatabaseDown as refusal:
            if "campaign_must_not_be_over" not in str(refusal):
                raise
            return
        steering.append({"campaign": name, "what": "rate", "rate": rate, "asked": asked, "at": time.time()})

    def steer(self, stack, names, steering):
        """Pauses, resumes and changes rates at random; cancels each of the doomed once. A time is when the answer was there, or before the question."""
        paused, doomed = set(), [name for name in names if name.startswith("doomed")]
        acts = max(40, self.size // 100)
        for number in range(acts):
            time.sleep(self.random.uniform(0.05, 0.6))
            name = self.random.choice(names)
            if doomed and number % 2:
                name = doomed.pop()
                self.note(f"  {name}: " + self.say(stack, f"cancel_campaign('{name}', 'chaos')"))
                steering.append({"campaign": name, "what": "cancel", "at": time.time()})
                names = [one for one in names if one != name]
                paused.discard(name)
            elif number % 6 == 0:
                self.change_rate(stack, name, self.random.choice(RATES), steering)
            elif name in paused:
                steering.append({"campaign": name, "what": "resume", "at": time.time()})
                self.say(stack, f"resume_campaign('{name}')")
                paused.discard(name)
            else:
                self.say(stack, f"pause_campaign('{name}', 'chaos')")
                steering.append({"campaign": name, "what": "pause", "at": time.time()})
                paused.add(name)
            if number % 25 == 0:
                self.note(f"  {number} of {acts} acts, {len(paused)} paused: {stack.progress()}")
        for name in paused:
            steering.append({"campaign": name, "what": "resume", "at": time.time()})
            self.say(stack, f"resume_campaign('{name}')")
        running = stack.cluster.sql("select name from outrider.campaigns where state = 'running'")
        for name in (row[0] for row in running):
            self.change_rate(stack, name, None, steering)

    def conserve(self, stack, names, differences, stop):
        """Once a second: what is counted is what is there. Each look is one snapshot."""
        looks = 0
        while not stop.wait(1):
            for name in names:
                for what, counted, found in stack.cluster.sql(f"select what, counted, found from outrider.check_campaign_counts('{name}')"):
                    if counted != found:
                        differences.append({"campaign": name, "what": what, "counted": counted, "found": found})
            looks += 1
        stack.figures["looks at the counts"] = looks

    def kill(self, stack, workers, stop):
        while not stop.wait(1):
            stack.kill(workers.pop(0))
            workers.append(stack.start_worker())
