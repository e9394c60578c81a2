"""The one checker: over what the harness inserted, what the sandbox took, and what the database says.

It reads files only, so that anybody can run it again over a kept directory: `ops/chaos check DIR`.

    inserts.jsonl       what the harness inserted and PostgreSQL confirmed
    ledger.jsonl        what the sandbox accepted, each line synced before its reply
    jobs, events, leases, due, suppressions, inbound (.jsonl)   the database when all was quiet
    optouts.jsonl       opt-outs, with the moment they were known: their webhook was answered 2xx (plan optouts),
                        or the outage was caught up on (plan catchup)
    words.jsonl         what people wrote, oldest first, as the provider lists it (plan catchup)
    answers.jsonl       webhooks and what they were answered (plan resources)
    audience.jsonl      the people of campaigns, by campaign and key (plan campaigns)
    steering.jsonl      pauses, resumptions and cancellations of campaigns; when they had been answered, or before they were
                        asked for. Rates, with both times (plan campaigns)
    figures.json        what the plan measured while it ran; "bounds" has the figures that have one
    fault.json          what went wrong with the plan itself; there is none otherwise
"""
import json
import os
import re
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise

# The fence is 5 s from the claim to the body's first byte. The ledger notes when the sandbox has read the whole request,
# which on a busy host is a little later than when its first byte left: half a second is allowed for that, and no more.
FENCE_SECONDS = 5.0
READING_SECONDS = 0.5
# The ledger counts in milliseconds, the database in microseconds; both by the clock of one host.
CLOCK_SECONDS = 0.002
TAKEOVER_SECONDS = 60.0


def read(directory, name):
    path = os.path.join(directory, name)
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def find(value, name):
    """The first member of this name, at any depth."""
    if isinstance(value, dict):
        if name in value:
            return value[name]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            found = find(part, name)
            if found is not None:
                return found
    return None


class Accept:
    """One line of the ledger, and the attempt it names."""

    def __init__(self, entry):
        self.number, self.to, self.kind = entry["number"], entry["to"], entry["kind"]
        self.at = datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()
        url = entry.get("status_callback") or ""
        job = re.search(r"[?&]job=(\d+)", url)
        generation = re.search(r"[?&]generation=(\d+)", url)
        self.job = int(job.group(1) if job else find(entry, "outrider_job") or 0)
        self.generation = int(generation.group(1) if generation else find(entry, "outrider_generation") or 0)
        self.attempt = (self.job, self.generation)
        self.sid = entry.get("sid")

    def attribute(self, attempts):
        """A text asks for no callback where there is no public URL: then only its id tells whose it is."""
        if not self.job:
            self.job, self.generation = self.attempt = attempts.get(self.sid, (0, 0))


class Check:
    """`broken`: rule → what breaks it. `counts`: what there was."""

    def __init__(self, directory):
        self.inserts = read(directory, "inserts.jsonl")
        self.accepts = [Accept(entry) for entry in read(directory, "ledger.jsonl")]
        self.jobs = {job["id"]: job for job in read(directory, "jobs.jsonl")}
        self.events = read(directory, "events.jsonl")
        self.optouts = read(directory, "optouts.jsonl")
        self.answers = read(directory, "answers.jsonl")
        self.words = read(directory, "words.jsonl")
        self.audience = read(directory, "audience.jsonl")
        self.steering = read(directory, "steering.jsonl")
        self.known = {message["provider_id"] for message in read(directory, "inbound.jsonl")}
        self.suppressed = {s["address"] for s in read(directory, "suppressions.jsonl") if s["channel"] == "sms" and not s.get("is_lifted")}
        self.leases = read(directory, "leases.jsonl")
        path = os.path.join(directory, "figures.json")
        self.figures = json.load(open(path)) if os.path.exists(path) else {}
        self.faults = read(directory, "fault.json")
        attempts = {event["provider_id"]: (event["job_id"], event["generation"]) for event in self.events if event["provider_id"]}
        for accept in self.accepts:
            accept.attribute(attempts)
        self.by_job = defaultdict(list)
        for event in self.events:
            self.by_job[event["job_id"]].append(event)
        self.intents = {(e["job_id"], e["generation"]): e for e in self.events if (e["kind"], e["status"]) == ("intent", "taken")}
        self.outcomes = {}
        self.broken = {}
        self.judge()

    @property
    def holds(self):
        return not any(self.broken.values())

    def rule(self, name, wrong):
        self.broken[name] = list(wrong)

    def judge(self):
        self.nothing_lost()
        self.nothing_doubled()
        self.in_time()
        self.opted_out()
        self.last_words()
        self.as_the_oracle_says()
        self.campaigns()
        self.within_bounds()
        self.rule("the plan itself went through", self.faults)
        self.count()

    def nothing_lost(self):
        ids = defaultdict(list)
        for job in self.jobs.values():
            ids[job["idempotency_key"]].append(job["id"])
        self.rule("an insert that was confirmed is one job",
                  (i["idempotency_key"] for i in self.inserts if len(ids[i["idempotency_key"]]) != 1))
        self.held = set()
        unended = []
        for job in self.jobs:
            events = self.by_job[job]
            outcomes = [e for e in events if e["kind"] == "outcome"]
            if outcomes:
                self.outcomes[job] = outcomes[0]
            released = {e["generation"] for e in events if e["kind"] == "released"}
            is_held = any(e["kind"] == "held" and e["generation"] not in released for e in events)
            if is_held and not outcomes:
                self.held.add(job)
            if len(outcomes) > 1 or not outcomes and not is_held:
                unended.append(job)
        self.rule("every job has one outcome, or is held", unended)
        accepted = {a.job for a in self.accepts}
        self.rule("what counts as delivered was taken by the provider",
                  (j for j, o in self.outcomes.items() if o["code"] == "delivered" and j not in accepted))
        self.rule("no lease is left", (lease["id"] for lease in self.leases))
        self.rule("a webhook answered 2xx is in the database", (a["id"] for a in self.answers if a["ok"] and not a["stored"]))

    def nothing_doubled(self):
        times = Counter(a.attempt for a in self.accepts)
        self.rule("an attempt is accepted once", (attempt for attempt, n in times.items() if n > 1))
        steps = defaultdict(set)
        for accept in self.accepts:
            intent = self.intents.get(accept.attempt)
            if intent:
                steps[(accept.job, intent["step"])].add(accept.generation)
        again = [(job, step, *pair) for (job, step), generations in steps.items() for pair in pairwise(sorted(generations))]
        self.rule("a step is accepted again only after a failure receipt, or marked as resent",
                  (repeat for repeat in again if not self.may_repeat(repeat[0], *repeat[2:])))
        resends = Counter((e["job_id"], e["step"]) for e in self.events if (e["kind"], e["code"]) == ("next", "resend"))
        self.rule("only otp and alert are resent, once a step",
                  (step for step, n in resends.items() if n > 1 or self.jobs.get(step[0], {}).get("category") not in ("otp", "alert")))
        self.twice = sum(self.is_resent(job, first, second) for job, _, first, second in again)

    def is_resent(self, job, first, second):
        return any(event["kind"] == "next" and event["code"] == "resend" and first <= event["generation"] < second
                   for event in self.by_job[job])

    def may_repeat(self, job, first, second):
        if self.is_resent(job, first, second):
            return True
        for event in self.by_job[job]:
            if not first <= event["generation"] < second:
                continue
            if (event["kind"], event["status"]) == ("released", "not_sent"):
                return True
            # The provider said that what it had taken failed: trying again doubles nothing.
            if event["kind"] == "receipt" and event["generation"] == first and event["class"]:
                return True
        return False

    def in_time(self):
        self.rule("an accept has a committed intent", (a.attempt for a in self.accepts if a.attempt not in self.intents))
        lateness = [(a.at - self.intents[a.attempt]["at"], a.attempt) for a in self.accepts if a.attempt in self.intents]
        self.rule("no accept before its intent", (attempt for late, attempt in lateness if late < -CLOCK_SECONDS))
        self.rule("no body later than 5 s after its intent",
                  ((*attempt, round(late, 1)) for late, attempt in lateness if late > FENCE_SECONDS + READING_SECONDS))
        self.latest = max((late for late, _ in lateness), default=0)
        takeover = self.figures.get("takeover_seconds", 0)
        self.rule("the dead are taken over within 60 s", [round(takeover, 1)] if takeover > TAKEOVER_SECONDS else [])

    def opted_out(self):
        """An opt-out is committed when its webhook was answered, at the latest."""
        ended = {}
        for optout in self.optouts:
            key = optout["address"]
            ended[key] = min(ended.get(key, float("inf")), optout["acknowledged_at"])
        wrong = []
        for (job, generation), intent in self.intents.items():
            asked = self.jobs.get(job, {})
            address = asked.get("address") or asked.get("phone")
            if address in ended and intent["at"] > ended[address] + CLOCK_SECONDS:
                wrong.append((job, generation, round(intent["at"] - ended[address], 3)))
        self.rule("no intent after an acknowledged opt-out", wrong)

    def last_words(self):
        """What the provider has of people's words is known, and the last of each person counts."""
        self.rule("what a person wrote is known", (word["id"] for word in self.words if word["id"] not in self.known))
        last = {word["address"]: word for word in self.words if word["word"]}
        self.rule("a STOP is in force until the same person's START",
                  ((address, word["id"]) for address, word in last.items() if word["word"] == "stop" and address not in self.suppressed))
        self.rule("a START lifts the STOP before it",
                  ((address, word["id"]) for address, word in last.items() if word["word"] == "start" and address in self.suppressed))

    def campaigns(self):
        """Each person is one job of the campaign, and gets one message, unless it was cancelled before or nobody knows."""
        people = Counter((person["campaign"], person["key"]) for person in self.audience)
        jobs = Counter((job["campaign"], job["key"]) for job in self.jobs.values() if job.get("campaign") and job.get("key"))
        cancelled = {act["campaign"]: act["at"] for act in self.steering if act["what"] == "cancel"}
        self.rule("nobody is in a campaign twice, or without being in its audience",
                  ((key, count) for key, count in jobs.items() if count != people.get(key)))
        self.rule("everybody of an audience is in the campaign, unless it was cancelled while it was loaded",
                  (key for key in people if key not in jobs and key[0] not in cancelled))
        accepted = Counter(accept.job for accept in self.accepts)
        missed = []
        for job in self.jobs.values():
            outcome = self.outcomes.get(job["id"], {}).get("code")
            if job.get("campaign") and job["campaign"] not in cancelled and outcome != "unknown" and accepted[job["id"]] != 1:
                missed.append((job["id"], outcome, accepted[job["id"]]))
        self.rule("each person of a campaign gets one message, unless its outcome is unknown", missed)
        # When it was paused: from one answer to the next question.
        spans = defaultdict(list)
        for act in self.steering:
            if act["what"] == "rate":
                continue
            if act["what"] == "resume":
                spans[act["campaign"]][-1][1] = act["at"]
            else:
                spans[act["campaign"]].append([act["at"], float("inf")])
        wrong = []
        for (job, generation), intent in self.intents.items():
            for start, end in spans.get(self.jobs.get(job, {}).get("campaign"), ()):
                if start + CLOCK_SECONDS < intent["at"] < end - CLOCK_SECONDS:
                    wrong.append((job, generation, round(intent["at"] - start, 3)))
        self.rule("nothing of a campaign is begun while it is paused or after it was cancelled", wrong)
        self.rates()

    def rates(self):
        """A window is a second of the database's clock. In one in which the rate was changed, the larger one holds."""
        acts = defaultdict(list)
        for act in self.steering:
            if act["what"] == "rate":
                acts[act["campaign"]].append(act)
        begun = Counter((self.jobs.get(job, {}).get("campaign"), int(intent["at"])) for (job, _), intent in self.intents.items())
        wrong = []
        for (campaign, second), count in begun.items():
            its = acts.get(campaign, [])
            rates = [act["rate"] for act, after in zip(its, [*its[1:], None])
                     if act["asked"] < second + 1 and (after is None or after["at"] > second)]
            if rates and None not in rates and count > max(rates):
                wrong.append((campaign, second, count, max(rates)))
        self.rule("no window has more of a campaign begun than its rate", wrong)

    def within_bounds(self):
        """Figures that a plan promises: name → [what was measured, the most that it may be]."""
        self.rule("what was measured is within its bound",
                  (f"{name}: {value}, and at most {most} is right" for name, (value, most) in self.figures.get("bounds", {}).items() if value > most))

    def as_the_oracle_says(self):
        keys = {job["idempotency_key"]: job["id"] for job in self.jobs.values()}
        wrong = []
        for insert in self.inserts:
            job = keys.get(insert["idempotency_key"])
            allowed = self.allowed(insert, job)
            outcome = self.outcomes.get(job, {}).get("code") or ("held" if job in self.held else None)
            if allowed and outcome not in allowed:
                wrong.append((insert["idempotency_key"], insert.get("fate"), outcome))
        self.rule("the final state is what the fate implies", wrong)

    def allowed(self, insert, job):
        """How a job may end; None where nothing is said of it. "expect" is strict; beside an "oracle" there is room for
        'unknown' where nobody could account for one of its attempts."""
        if "expect" in insert or "oracle" not in insert:
            return insert.get("expect")
        # Of a message whose fate it is that the answer gets lost, the provider's list tells: that alone is no doubt.
        doubts = {"lost"} if insert["fate"] == "unknown" else {"lost", "unknown"}
        is_doubted = any(event["kind"] == "answer" and event["status"] in doubts for event in self.by_job[job])
        return [insert["oracle"], "unknown"] if is_doubted else [insert["oracle"]]

    def count(self):
        answers = {}
        for event in self.events:
            if event["kind"] == "answer":
                answers.setdefault((event["job_id"], event["generation"]), set()).add(event["status"])
        settled = {(e["job_id"], e["generation"]) for e in self.events
                   if e["kind"] == "receipt" or (e["kind"], e["status"]) == ("answer", "accepted")}
        unknown = {job for job, outcome in self.outcomes.items() if outcome["code"] == "unknown"}
        doubtful = {attempt for attempt, words in answers.items() if words & {"lost", "unknown"}}
        self.counts = {
            "inserted": len(self.inserts), "jobs": len(self.jobs), "attempts": len(self.intents), "accepted": len(self.accepts),
            "outcomes": dict(Counter(o["code"] for o in self.outcomes.values()).most_common()), "held": len(self.held),
            "lost with their worker": sum("lost" in words for words in answers.values()),
            "unknown answers": sum("unknown" in words for words in answers.values()),
            "unknown, settled as taken": len(doubtful & settled),
            "unknown, never settled": len(doubtful - settled),
            "listings": sum(e["kind"] == "reconciled" for e in self.events),
            "resent and marked": sum(e["kind"] == "next" and e["code"] == "resend" for e in self.events),
            "resends taken twice, marked": self.twice,
            "taken, ended unknown": sum(accept.job in unknown for accept in self.accepts),
            "latest accept after its intent, s": round(self.latest, 2),
            "takeover at most, s": round(self.figures.get("takeover_seconds", 0), 1),
            "opt-outs": len(self.optouts),
            **{name: value for name, value in self.figures.items() if name not in ("takeover_seconds", "bounds")},
            **{name: f"{value} (at most {most})" for name, (value, most) in self.figures.get("bounds", {}).items()},
        }

    def as_json(self):
        return {"holds": self.holds, "counts": self.counts,
                "broken": {name: wrong for name, wrong in self.broken.items() if wrong}}

    def show(self, out=print):
        for name, value in self.counts.items():
            if value not in (0, {}, None):
                out(f"  {name}: {value}")
        for name, wrong in self.broken.items():
            if wrong:
                out(f"  BROKEN  {name}: {len(wrong)}, for example {wrong[:5]}")
        out(f"  {len(self.broken)} rules " + ("hold" if self.holds else "checked, not all hold"))
