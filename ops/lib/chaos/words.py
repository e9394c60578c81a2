"""What people write to us during a round, and what the provider has of it afterwards."""
import base64
import json
import threading
import time
import urllib.parse
import urllib.request

from .http_proxy import HTTPProxy
from .traffic import phone

# Where people write to; STOP on either closes every phone channel.
NUMBERS = {"sms": "+15005550006", "whatsapp": "whatsapp:+15005550026"}
STOPS = ("STOP", "Stop", "stop", "UNSUBSCRIBE", "END", "QUIT")
# Lists know whole seconds only, and of two words that clocks cannot tell apart STOP counts: nobody writes as fast as that.
APART_SECONDS = 3


class Crowd:
    """The people of one round: most say STOP, some take it back, some of those change their mind again, some chat, some are silent."""

    def __init__(self, stops, first, random, gone_at, until, fickle=0.0, restarts=0.1):
        """`stops`: how many say STOP; the `fickle` part of them twice, with START between, and the part `restarts` START last.
        `first`: the serial of the first. Seconds count from the round's begin; who takes a STOP back said it just after `gone_at`."""
        self.words, self.restarted, self.stopped = [], [], []
        twice, back = round(stops * fickle), round(stops * restarts)
        people = [phone(first + index) for index in range(stops)]
        for index, address in enumerate(people):
            channel = "whatsapp" if index % 6 == 5 else "sms"
            at = random.uniform(0, until)
            if index < twice + back:
                at = gone_at + random.uniform(1, 4)
                start = random.uniform(at + APART_SECONDS, until - 2 * APART_SECONDS)
                self.words.append((start, address, channel, "START"))
                if index < twice:
                    again = random.uniform(start + APART_SECONDS, min(start + 5 * APART_SECONDS, until))
                    self.words.append((again, address, channel, random.choice(STOPS)))
            self.words.append((at, address, channel, random.choice(STOPS)))
            (self.restarted if twice <= index < twice + back else self.stopped).append(address)
        # Who takes words back has nothing in flight: the provider's own refusal would be a word of its own.
        self.in_flight = people[twice + back:]
        self.chatting = [phone(first + stops + index) for index in range(stops // 5)]
        self.words += [(random.uniform(0, until), address, "sms", "thank you, see you") for address in self.chatting]
        self.words.sort()
        self.silent = range(first + stops + len(self.chatting), first + stops + len(self.chatting) + stops // 2)

    def count_stops(self, since=0.0, until=float("inf")):
        return sum(word in STOPS and since <= at <= until for at, _, _, word in self.words)

    def write(self, stack):
        """Posts every word at its moment from now on, in a thread of its own; join it."""
        thread = threading.Thread(target=self.post, args=(stack, time.monotonic()), daemon=True)
        thread.start()
        return thread

    def post(self, stack, begin):
        for at, address, channel, text in self.words:
            time.sleep(max(0, begin + at - time.monotonic()))
            stack.post("inbound", {"from": address, "to": NUMBERS[channel], "channel": channel, "body": text}, timeout=30)


def taken(stack):
    """All that people wrote, each number's oldest first, as the provider lists it."""
    key, secret = (stack.environment[f"TWILIO_API_KEY_{name}"] for name in ("SID", "SECRET"))
    login = base64.b64encode(f"{key}:{secret}".encode()).decode()
    found = []
    for number in NUMBERS.values():
        page = f"/2010-04-01/Accounts/{stack.environment['TWILIO_ACCOUNT_SID']}/Messages.json?PageSize=1000&To={urllib.parse.quote(number)}"
        messages = []
        while page:
            request = urllib.request.Request(stack.sandbox_url + page, headers={"Authorization": f"Basic {login}"})
            with urllib.request.urlopen(request, timeout=30) as reply:
                listed = json.load(reply)
            messages += listed["messages"]
            page = listed["next_page_uri"]
        found += [{"id": message["sid"], "address": message["from"].removeprefix("whatsapp:"), "text": message["body"],
                   "word": "stop" if message["body"] in STOPS else "start" if message["body"] == "START" else None}
                  for message in reversed(messages)]
    return found


class Refusing(HTTPProxy):
    """A provider that answers 500 to whoever lists what people wrote."""

    def answer(self, connection, request, served):
        method, target, _, _ = request
        if method == "GET" and "/Messages.json?" in target and any(number[-11:] in target for number in NUMBERS.values()):
            self.reply(connection, 500, [], b'{"code": 20500, "message": "internal"}')
            return self.keeps
        return super().answer(connection, request, served)
