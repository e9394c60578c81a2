"""People write STOP while nobody can take it, for longer than the provider repeats its webhooks."""
import os
import signal
import time

from ..balancer import Balancer
from ..cluster import free_port
from ..plan import Plan
from ..traffic import send
from ..words import NUMBERS, Crowd, Refusing, taken

MISSED = "a STOP is in force until the same person's START"
# At most Twilio's 15 s in all: five tries of 1.5 s each, and 0.5, 1, 2 and 4 s between them.
RETRIES, GIVEN_UP_SECONDS = "#rc=4&rp=all&ct=1000&tt=1500", 17
ONCE = "#rc=0"
# Of a round: the words before the outage and after it, which webhooks bring.
LEAD, TAIL = 3, 3
FATES = ("delivered", "delivered", "unreachable", "landline")
# Seconds of each outage. A frozen gateway may be back before it counts as gone, at 30 s, or later.
OUTAGES = {"killed": (20, 30), "frozen": (18, 27), "frozen for long": (33, 40), "database": (20, 30)}
LATEST = "last STOP in force, at most s after the outage"


class CatchUp(Plan):
    name = "catchup"
    about = "N people write STOP around outages of gateway and database that outlast the provider's webhooks"
    count, short = 2000, 0

    def arms(self):
        return [("outages", True, self.outages), ("minds changed", True, self.minds), ("one of two gateways", True, self.two),
                ("no gateway at all", True, self.alone), ("control, the list refused", MISSED, self.refused)]

    def begin(self, stack, retries=RETRIES, gateway=True, wait_seconds=20):
        # The campaign takes its time, so that its receipts are missed, too.
        stack.start(rate=25, time_scale=1, seed=self.seed, gateway=gateway)
        stack.worker_environment["OUTRIDER_CATCH_UP_SECONDS"] = "5"
        stack.post("webhooks", {"inbound_url": stack.gateway_url + "/webhooks/twilio/inbound" + retries if retries else None})
        stack.figures.update({"STOPs": 0, "of them during outages": 0, LATEST: 0})
        stack.judges_takeover = False  # No worker is killed.
        self.first_serial, self.wait_seconds = 0, wait_seconds

    def work(self, stack):
        stack.wait_for_registration(*[stack.start_worker() for _ in range(2)])

    def outages(self, stack):
        # A provider whose callbacks are held up by a frozen gateway moves on late, and a wait must be longer than that.
        self.begin(stack, wait_seconds=75 if self.size >= 1000 else 20)
        self.work(stack)
        kinds = list(OUTAGES) * (2 if self.size >= self.count else 1)
        for kind in kinds:
            self.round(stack, kind, self.size // len(kinds))
        self.end(stack)

    def minds(self, stack):
        """STOP, START and STOP again within seconds, so that a START's repeated webhook may come after the STOP's."""
        self.begin(stack)
        self.work(stack)
        for kind in ("killed", "frozen", "database"):
            self.round(stack, kind, max(10, self.size // 30), fickle=0.9)
        self.end(stack)

    def two(self, stack):
        """One of two gateways dies, and the balancer goes on sending it half of the webhooks, none of which is repeated."""
        self.begin(stack, retries=ONCE, gateway=False)
        self.gateways = [f"127.0.0.1:{free_port(30000, 32767)}" for _ in range(2)]
        balancer = Balancer(int(stack.gateway_url.rpartition(":")[2]), [f"http://{address}" for address in self.gateways])
        self.start_gateway(stack, 0)
        self.start_gateway(stack, 1)
        self.work(stack)
        self.round(stack, "one of two", max(10, self.size // 20))
        self.end(stack)
        balancer.close()

    def alone(self, stack):
        """An installation without a public URL: there is no gateway, and no webhook is posted."""
        self.begin(stack, retries=None, gateway=False)
        del stack.environment["OUTRIDER_PUBLIC_URL"]
        self.work(stack)
        self.round(stack, "no gateway", max(10, self.size // 20))
        self.end(stack)

    def refused(self, stack):
        """The provider does not list what people wrote: then nobody can know it."""
        self.begin(stack)
        proxy = Refusing(stack.sandbox_url)
        stack.worker_environment["TWILIO_API_BASE_URL"] = proxy.url
        self.work(stack)
        self.round(stack, "killed", max(10, self.size // 40), is_listed=False)
        self.end(stack)
        proxy.close()

    def round(self, stack, kind, stops, fickle=0.0, is_listed=True):
        """A campaign's first wave, an outage in which people write, its end, and the second wave to all of them."""
        seconds = self.random.uniform(*OUTAGES.get(kind, (20, 30)))
        # Only where nobody holds a webhook back can they not overtake each other; what comes of that is for "minds changed".
        restarts = 0.1 if fickle or kind in ("killed", "no gateway") else 0
        crowd = Crowd(stops, self.first_serial, self.random, LEAD, LEAD + seconds + TAIL, fickle, restarts)
        self.first_serial = crowd.silent.stop
        first = [self.message(f"first-{serial}", serial=serial, fate=self.random.choice(FATES)) for serial in crowd.silent]
        first += [self.message(f"first-{address}", address, expect=["delivered"]) for address in crowd.chatting]
        first += [self.message(f"first-{address}", address) for address in crowd.in_flight]
        self.random.shuffle(first)
        if kind != "no gateway" and is_listed:
            self.an_hour_later(stack)
        stack.insert(first)
        begun = time.time()
        writing = crowd.write(stack)
        time.sleep(LEAD)
        self.break_for(stack, kind, seconds)
        ended = time.time()
        writing.join()
        said = time.time()
        if is_listed:
            stack.wait_for(lambda: self.is_caught_up(stack, crowd, said), "the last good moment", 90)
            known = time.time()
            stack.append("optouts.jsonl", [{"address": address, "acknowledged_at": known} for address in crowd.stopped])
            stack.insert([self.message(f"second-{address}", address, expect=["opted_out"]) for address in crowd.stopped]
                         + [self.message(f"second-{address}", address, expect=["delivered"]) for address in crowd.restarted + crowd.chatting])
        else:
            stack.wait_for(lambda: int(stack.cluster.value("select min(failures) from outrider.catch_ups")) > 2, "refusals", 90)
        self.measure(stack, crowd, kind, seconds, begun, ended)

    def measure(self, stack, crowd, kind, seconds, begun, ended):
        stops, meanwhile = crowd.count_stops(), crowd.count_stops(LEAD, LEAD + seconds)
        late, listed = stack.cluster.sql(f"""select (select coalesce(max(extract(epoch from created_at)), 0) - {ended}
            from outrider.suppressions where source like 'inbound %' and created_at >= to_timestamp({begun})),
            (select count(*) from outrider.inbound_messages where is_listed and keyword = 'stop' and received_at >= to_timestamp({begun - 1}))""")[0]
        figures = stack.figures
        figures["STOPs"] += stops
        figures["of them during outages"] += meanwhile
        figures[LATEST] = max(figures[LATEST], round(float(late), 1))
        self.note(f"  {kind} for {seconds:.0f} s: {stops} STOPs, {meanwhile} meanwhile, {listed} listed, the last in force {float(late):.1f} s "
                  f"after it, " + str(stack.progress()))

    def message(self, key, address=None, serial=0, fate=None, expect=None):
        job = send(f"catchup-{self.seed}-{key}", "sms", serial, self.random, fate, category="marketing", wait_seconds=self.wait_seconds)
        if address:
            job["address"] = address
        if fate:
            expect = ["delivered" if fate == "delivered" else "exhausted"]
        return {**job, "expect": expect} if expect else job

    def start_gateway(self, stack, number):
        """One of two, behind the balancer."""
        address = self.gateways[number]
        stack.spawn(f"gateway{number}", [stack.outrider, "gateway"],
                    {"OUTRIDER_DATABASE_URL": stack.cluster.url("chaos_gateway"), "OUTRIDER_LISTEN": address})
        stack.wait_for(lambda: stack.get(f"http://{address}/readyz"), "a gateway", 30)

    def break_for(self, stack, kind, seconds):
        gateway = stack.processes.get("gateway1" if kind == "one of two" else "gateway")
        if kind in ("killed", "one of two"):
            gateway.kill()
            gateway.wait()
        elif kind.startswith("frozen"):
            os.kill(gateway.pid, signal.SIGSTOP)
        elif kind == "database":
            stack.cluster.stop("immediate")
        time.sleep(seconds)
        if kind == "killed":
            stack.start_gateway()
        elif kind == "one of two":
            self.start_gateway(stack, 1)
        elif kind.startswith("frozen"):
            os.kill(gateway.pid, signal.SIGCONT)
        elif kind == "database":
            stack.cluster.start()

    def an_hour_later(self, stack):
        """As if all had been well for an hour: then nobody lists anything until an outage is noticed."""
        since = time.time()
        stack.cluster.sql("update outrider.catch_ups set asked_at = asked_at - interval '1 hour'")

        def is_covered():
            # Every time: a gateway says with its next heartbeat only that it had a gap.
            stack.cluster.sql("""update outrider.gateways set up_since = up_since - interval '1 hour', hastened_at = hastened_at - interval '1 hour',
                beat_at = case when beat_at > clock_timestamp() - interval '15 seconds' then beat_at else beat_at - interval '1 hour' end
                where up_since > clock_timestamp() - interval '10 minutes'
                   or beat_at between clock_timestamp() - interval '10 minutes' and clock_timestamp() - interval '15 seconds'""")
            return stack.cluster.value(f"""select count(*) from outrider.catch_ups
                where holder is null and seen_until > to_timestamp({since})""") == str(len(NUMBERS))
        stack.wait_for(is_covered, "the gateway's cover", 60)

    @staticmethod
    def is_caught_up(stack, crowd, said):
        """Whether the last good moment is past the last word, and what a webhook may still bring is there, or given up."""
        people = ",".join({address for _, address, _, _ in crowd.words})
        seen, known = stack.cluster.sql(f"""select (select extract(epoch from min(seen_until)) from outrider.catch_ups),
            (select count(*) from outrider.inbound_messages where from_address = any ('{{{people}}}'))""")[0]
        return float(seen) > said and (int(known) == len(crowd.words) or time.time() > said + GIVEN_UP_SECONDS)

    def end(self, stack):
        stack.quiet()
        words = taken(stack)
        stack.append("words.jsonl", words)
        stack.figures["words"] = len(words)
        for name, which in (("brought by webhooks", "not is_listed"), ("brought by the list", "is_listed"),
                            ("of them STOPs", "is_listed and keyword = 'stop'")):
            stack.figures[name] = int(stack.cluster.value(f"select count(*) from outrider.inbound_messages where {which}"))
