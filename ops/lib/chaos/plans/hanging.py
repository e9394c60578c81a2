"""One provider takes what it is sent and never answers, or one tenant floods the queue: one-time passwords go on."""
import time

from ..http_proxy import HTTPProxy
from ..plan import Plan
from ..traffic import send
from ..witness import Witness, share

LATE = "what was measured is within its bound"
P99_MILLISECONDS = 250


class Silent(HTTPProxy):
    """A provider that is silent while it `hangs`. Of every other send it has taken nothing either."""

    def __init__(self, upstream):
        super().__init__(upstream)
        self.hangs = False
        self.heard = self.taken = 0

    def answer(self, connection, request, served):
        if not self.hangs:
            return super().answer(connection, request, served)
        if self.recipient(request[0], request[1], request[3]) is not None:
            with self.lock:
                self.heard += 1
                is_taken = self.heard % 2 == 0
                self.taken += is_taken
            if is_taken:
                self.forward(request)
        connection.recv(1)  # Until the client gives up.
        return False


class Hanging(Plan):
    """`count` is the number of offers that wait."""

    name = "hanging"
    about = "a provider takes sends and hangs while N offers wait for it, or a tenant floods: one-time passwords by the other way go on"
    count, short = 3_000, 0

    quiet_seconds, least_seconds, most_seconds = 10, 25, 60

    def arms(self):
        return [("SendGrid hangs", True, lambda stack: self.hang(stack, "SENDGRID", "email", "sms", ("otp",))),
                ("Twilio hangs", True, lambda stack: self.hang(stack, "TWILIO", "sms", "email", ("otp", "alert"))),
                ("a tenant's flood", True, self.flood),
                ("control, passwords by the provider that hangs", LATE,
                 lambda stack: self.hang(stack, "TWILIO", "sms", "sms", ("otp",), is_control=True))]

    def hang(self, stack, provider, channel, other, categories, is_control=False):
        """`channel` is the hanging provider's, `other` that of the witness."""
        stack.start(rate=400, time_scale=20, seed=self.seed)
        silent = Silent(stack.sandbox_url)
        stack.worker_environment[f"{provider}_API_BASE_URL"] = silent.url
        stack.wait_for_registration(stack.start_worker())
        witness = Witness(stack, f"witness-{self.seed}", self.random, other, categories)
        witness.start("quiet")
        witness.watch(self.quiet_seconds)
        # A control arm shows that the figure can be bad: few are enough.
        count = min(self.size, 200) if is_control else self.size
        self.ask(stack, channel, count)
        silent.hangs = True
        witness.enter("hangs")
        witness.watch(self.least_seconds if is_control else max(self.least_seconds, self.most_seconds * self.size // self.count))
        waiting = stack.progress()[0]
        silent.hangs = False
        witness.enter("works again")
        witness.watch(self.quiet_seconds)
        witness.stop()
        stack.figures.update({"sends that hung": silent.heard, "of them taken by the provider": silent.taken})
        self.note(f"  {silent.heard} sends hung, {waiting} jobs waited at the end of it")
        if not silent.heard or waiting < count // 2:
            raise RuntimeError(f"{silent.heard} sends hung, and {waiting} of {count} offers waited: that was no fault")
        begun = time.monotonic()
        stack.quiet(workers=1)
        stack.figures["all was quiet so many seconds after the provider worked again"] = round(time.monotonic() - begun + self.quiet_seconds)
        silent.close()
        self.measure(stack, witness, "hangs")
        self.settled(stack)

    def ask(self, stack, channel, count, login="chaos_application"):
        stack.insert([{**send(f"offer-{self.seed}-{number}", channel, number, self.random, category="marketing", wait_seconds=60),
                       "oracle": "delivered"} for number in range(count)], batch=count, login=login)

    def measure(self, stack, witness, stage):
        for name, (intents, accepts) in witness.waits().items():
            what = f"one-time password, {name}: insert to intent"
            figures = f"p50 {share(intents, 0.5)}, p90 {share(intents, 0.9)}, max {share(intents, 1)} ms of {len(intents)}"
            stack.figures[what] = f"{figures}; insert to acceptance p50 {share(accepts, 0.5)}, p99 {share(accepts, 0.99)} ms"
            if name == stage:
                stack.bound(f"{what}, p99 ms", share(intents, 0.99), P99_MILLISECONDS)

    def settled(self, stack):
        """What the provider had taken is known to be: callbacks carry the attempt."""
        # `unknown` is left to those of which the provider has nothing.
        wrong = stack.cluster.sql("""select i.job_id from outrider.events i join outrider.events o on o.job_id = i.job_id
            where o.kind = 'outcome' and o.code = 'unknown' and i.kind = 'receipt' limit 5""")
        if wrong:
            raise RuntimeError(f"jobs ended unknown though the provider spoke of them: {wrong}")

    def flood(self, stack):
        """Another tenant asks for all its offers in one commit, by the senders that everybody uses."""
        stack.start(rate=400, time_scale=20, seed=self.seed)
        loud = stack.add_tenant("loud")
        stack.wait_for_registration(stack.start_worker())
        witness = Witness(stack, f"witness-{self.seed}", self.random)
        witness.start("quiet")
        witness.watch(self.quiet_seconds)
        witness.enter("flood")
        # As many as the senders can send while it lasts, and more.
        self.ask(stack, "sms", self.size * 4, login=loud)
        stack.wait_for(lambda: witness.check() or stack.progress()[0] < 100, "the end of the flood", 600)
        witness.enter("after it")
        witness.watch(self.quiet_seconds)
        witness.stop()
        stack.quiet(workers=1)
        self.measure(stack, witness, "flood")
