"""The provider refuses a sender: for one recipient, which is nobody else's concern; or for all, in its answer or long after it."""
import json
import os
import time
import urllib.parse
from datetime import datetime

from ..cluster import free_port
from ..http_proxy import HTTPProxy
from ..plan import Plan
from ..traffic import send
from ..webhook import signature
from ..witness import Witness, share

# Refusals of one pair of sender and recipient.
PAIRS = {"21606": "The 'From' phone number is not a valid, SMS-capable number for this destination",
         "21703": "The Messaging Service has no phone number for this recipient",
         "21659": "'From' is not a phone number or short code of this country"}
# Refusals of a sender, whoever the recipient is: the channel, and how a refused message ends. One that a country has not
# registered may serve others, so its message goes on to the next step; the others wait for the operator.
FAULTS = {"30034": ("sms", "text", "exhausted"), "30032": ("sms", "text-2", "exhausted"), "63007": ("whatsapp", "whatsapp", "delivered")}
ADDRESSES = {"text": "+15005550006", "text-2": "+15005550036", "whatsapp": "whatsapp:+15005550026"}


class Choosy(HTTPProxy):
    """A provider that refuses chosen senders to chosen recipients, in its answer. `refusals`: (sender, recipient or None) → code."""

    def __init__(self, upstream):
        super().__init__(upstream)
        self.refusals, self.refused = {}, []

    def answer(self, connection, request, served):
        to = self.recipient(request[0], request[1], request[3])
        if to is not None and request[3][:1] != b"{":
            sender = urllib.parse.parse_qs(request[3].decode()).get("From", [""])[0]
            code = self.refusals.get((sender, to)) or self.refusals.get((sender, None))
            if code:
                with self.lock:
                    self.refused.append((time.time(), to))
                content = {"code": int(code), "message": PAIRS.get(code, "refused"), "status": 400}
                self.reply(connection, 400, [("Content-Type", "application/json")], json.dumps(content).encode())
                return self.keeps
        return super().answer(connection, request, served)


class Carrier(HTTPProxy):
    """Stands before the gateway. While a sender has a fault, what was delivered is told as undelivered, signed anew.
    `says_sent`: whether the carrier is said to have taken the message first."""

    def __init__(self, stack, port, upstream):
        super().__init__(upstream, port)
        self.token, self.base = stack.environment["TWILIO_AUTH_TOKEN"], stack.gateway_url
        self.faults, self.says_sent, self.failed = {}, False, []

    def answer(self, connection, request, served):
        method, target, headers, body = request
        if target.startswith("/webhooks/twilio/status"):
            form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
            code = self.faults.get(form.get("From"))
            if code:
                status = form["MessageStatus"]
                if status == "sent" and not self.says_sent or status == "read":
                    self.reply(connection, 204, [], b"")
                    return self.keeps
                if status == "delivered":
                    form.update({"MessageStatus": "undelivered", "SmsStatus": "undelivered", "ErrorCode": code})
                    with self.lock:
                        self.failed.append((time.time(), form["To"].removeprefix("whatsapp:")))
                del headers["X-Twilio-Signature"]
                headers["X-Twilio-Signature"] = signature(self.token, self.base + target, form)
                request = (method, target, headers, urllib.parse.urlencode(form).encode())
        return super().answer(connection, request, served)


class Refused(Plan):
    """`count` is the number of messages that wait for each sender that has a fault; a thirtieth of it are refused one by one."""

    name = "refused"
    about = "a provider refuses a sender for one recipient, again and again; or N messages wait for a sender that it refuses for all"
    count, short = 10_000, 0

    rate, slots, quiet_seconds = 200, 80, 10

    def arms(self):
        return [("one recipient", True, self.pairs),
                ("a sender, by callback", True, lambda stack: self.late(stack, says_sent=False)),
                ("a sender, by callback behind sent", True, lambda stack: self.late(stack, says_sent=True, codes=("30034",))),
                ("a sender, by answer", True, self.at_once)]

    # MARK: One recipient

    def pairs(self, stack):
        stack.start(rate=400, time_scale=20, seed=self.seed)
        loud = stack.add_tenant("loud")
        choosy = Choosy(stack.sandbox_url)
        stack.worker_environment["TWILIO_API_BASE_URL"] = choosy.url
        stack.wait_for_registration(stack.start_worker(), stack.start_worker())
        witness = Witness(stack, f"witness-{self.seed}", self.random)
        witness.start("quiet")
        witness.watch(self.quiet_seconds)
        witness.enter("refusals, the only sender")
        self.refuse(stack, witness, choosy, loud, 0, "exhausted")
        # Nobody but the refused needs the second one; who it is that gets it is the worker's choice.
        stack.cluster.sql(f"insert into outrider.senders (name, channel, address, rate_per_second) values ('text-2', 'sms', '{ADDRESSES['text-2']}', 400)")
        witness.enter("refusals, one of two senders")
        self.refuse(stack, witness, choosy, loud, 1, "delivered")
        witness.stop()
        stack.quiet()
        choosy.close()
        paused = stack.cluster.sql("select name, paused_reason from outrider.senders where paused_until is not null or paused_since is not null")
        if paused:
            raise RuntimeError(f"a sender was paused: {paused}")
        stack.figures["requests refused"] = len(choosy.refused)
        for name, (intents, accepts) in witness.waits().items():
            what = f"one-time password, {name}: insert to intent"
            stack.figures[what] = (f"p50 {share(intents, 0.5)}, p90 {share(intents, 0.9)}, max {share(intents, 1)} ms of {len(intents)}; "
                                   f"insert to acceptance p90 {share(accepts, 0.9)} ms")
            if name != "quiet":
                stack.bound(f"{what}, p99 ms", share(intents, 0.99), 250)

    def refuse(self, stack, witness, choosy, loud, part, outcome):
        """The other tenant's offers to people to whom the sender may not write, ten a second."""
        for number in range(max(30, self.size // 60)):
            job = {**send(f"refused-{self.seed}-{part}-{number}", "sms", part * 10_000 + number, self.random, category="marketing", wait_seconds=60),
                   "expect": [outcome]}
            choosy.refusals[(ADDRESSES["text"], job["address"])] = list(PAIRS)[number % len(PAIRS)]
            stack.insert([job], login=loud)
            witness.watch(0.1)

    # MARK: A sender

    def late(self, stack, says_sent, codes=tuple(FAULTS)):
        stack.start(rate=self.rate, time_scale=20, seed=self.seed, gateway=False)
        port = free_port(30000, 32767)
        carrier = Carrier(stack, int(stack.gateway_url.rpartition(":")[2]), f"http://127.0.0.1:{port}")
        carrier.says_sent = says_sent
        stack.spawn("gateway", [stack.outrider, "gateway"],
                    {"OUTRIDER_DATABASE_URL": stack.cluster.url("chaos_gateway"), "OUTRIDER_LISTEN": f"127.0.0.1:{port}"})
        stack.wait_for(lambda: stack.get(stack.gateway_url + "/readyz"), "the gateway", 30)
        self.each_fault(stack, codes, self.size, carrier.faults, lambda: carrier.failed, "accepted")
        carrier.close()

    def at_once(self, stack):
        stack.start(rate=self.rate, time_scale=20, seed=self.seed)
        choosy = Choosy(stack.sandbox_url)
        stack.worker_environment["TWILIO_API_BASE_URL"] = choosy.url

        class Faults(dict):
            """The senders' faults, as the provider that answers with them has them."""

            def __setitem__(self, sender, code):
                choosy.refusals[(sender, None)] = code

            def pop(self, sender):
                return choosy.refusals.pop((sender, None))

        self.each_fault(stack, tuple(FAULTS), max(100, self.size // 10), Faults(), lambda: choosy.refused, "requested")
        choosy.close()

    def each_fault(self, stack, codes, count, faults, failures, verb):
        stack.wait_for_registration(stack.start_worker(), stack.start_worker())
        for number, code in enumerate(codes):
            channel, sender, outcome = FAULTS[code]
            if sender == "text-2":
                stack.cluster.sql(f"update outrider.senders set enabled = false where name = 'text'; "
                                  f"insert into outrider.senders (name, channel, address, rate_per_second) values ('text-2', 'sms', '{ADDRESSES['text-2']}', {self.rate})")
            faults[ADDRESSES[sender]] = code
            fault = Fault(self, stack, code, channel, sender, failures, verb)
            fault.ask(count, number * 20_000, sorted({outcome, "delivered"}))
            fault.watch()
            faults.pop(ADDRESSES[sender])
            fault.mend()


class Fault:
    """One sender that a provider refuses, from its first refusal until it is mended. `verb`: what is counted, messages that the
    provider accepted or that were requested of it."""

    # Over two ends of a pause, at which the sender is tried again.
    watch_seconds = 65

    def __init__(self, plan, stack, code, channel, sender, failures, verb):
        self.plan, self.stack, self.code, self.channel, self.sender, self.verb = plan, stack, code, channel, sender, verb
        self.all_failures, self.before = failures, len(failures())

    @property
    def failures(self):
        return self.all_failures()[self.before:]

    def ask(self, count, first, outcomes):
        # The wait is longer than a busy carrier takes to tell of all that waited.
        self.begun = time.time()
        self.stack.insert([{**send(f"fault-{self.code}-{self.plan.seed}-{n}", self.channel, first + n, self.plan.random,
                                   category="transactional", wait_seconds=900), "expect": outcomes} for n in range(count)], batch=count)

    def watch(self):
        """Waits for the pause and for what says it, and counts what is sent all the same."""
        stack, code = self.stack, self.code
        stack.wait_for(lambda: stack.cluster.value(f"""select count(*) from outrider.senders
            where name = '{self.sender}' and paused_until > now() and paused_reason like '%{code}%'""") == "1", f"the pause for {code}", 60)
        paused = time.time()
        metric = f'outrider_sender_paused{{channel="{self.channel}",code="{code}"}} 1'
        stack.wait_for(lambda: metric in stack.get(stack.gateway_url + "/metrics").decode(), "the metric", 10)
        stack.wait_for(lambda: f'detail="code {code}' in open(os.path.join(stack.directory, "worker.log")).read(), "the log line", 10)
        said = time.time()
        time.sleep(max(0, paused + 20 - time.time()))
        at_first = self.count()
        time.sleep(max(0, paused + self.watch_seconds - time.time()))
        # So many jobs in a row stop a sender; what is on its way then, and the rest of its window, may still go.
        told = sorted(at for at, _ in self.failures)[2 if code == "63007" else 9]
        until_told, sent = self.count(told), self.count()
        stack.figures[f"{code}: paused, said by metric and log, after s"] = [round(at - self.begun, 1) for at in (paused, said)]
        stack.figures[f"{code}: {self.verb} until enough refusals were told, in the first pause, after {self.watch_seconds} s"] = [
            until_told, at_first, sent]
        stack.bound(f"{code}: {self.verb} from then on", sent - until_told, 2 * self.plan.slots + self.plan.rate)
        if self.verb == "accepted":
            people = self.sent()
            stack.bound(f"{code}: {self.verb}, most of one person", max(people.count(person) for person in set(people)), 1)
            # What is on its way fails before anybody mends anything.
            stack.wait_for(lambda: len(self.failures) >= self.count(), "the callbacks of what was sent", 60)
        self.plan.note(f"  {code}: paused after {paused - self.begun:.1f} s, {until_told}, {at_first}, {sent} {self.verb}")

    def mend(self):
        """The operator says so, and all is delivered but for what was refused and had no other way."""
        stack, touched, mended = self.stack, {to for _, to in self.failures}, time.time()
        stack.cluster.sql(f"update outrider.senders set paused_until = null, paused_reason = null where name = '{self.sender}'")
        stack.quiet()
        stack.figures[f"{self.code}: all ended s after it was mended"] = round(time.time() - mended, 1)
        without = [row[0] for row in stack.cluster.sql(f"""select j.address from outrider.jobs j join outrider.events o
            on o.job_id = j.id and o.kind = 'outcome' where j.idempotency_key like 'fault-{self.code}-%' and o.code <> 'delivered'""")]
        stack.figures[f"{self.code}: people whose message was refused, and who got nothing"] = [len(touched), len(without)]
        if wrong := [address for address in without if address not in touched]:
            raise RuntimeError(f"{len(wrong)} people whom {self.code} did not meet got nothing, for example {wrong[:3]}")

    def count(self, until=float("inf")):
        return len(self.sent(until)) if self.verb == "accepted" else sum(at <= until for at, _ in self.failures)

    def sent(self, until=float("inf")):
        """Who got something by this sender, from the provider's own ledger."""
        found = []
        with open(os.path.join(self.stack.directory, "ledger.jsonl")) as file:
            for entry in (json.loads(line) for line in file if line.endswith("\n")):
                if entry["from"] == ADDRESSES[self.sender]:
                    at = datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp()
                    if self.begun <= at <= until:
                        found.append(entry["to"])
        return found
