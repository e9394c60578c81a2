"""The provider takes a send and does not say so properly, or breaks before it takes it; on fresh and on used connections."""
from ..http_proxy import AFTER, BEFORE, HTTPProxy
from ..naive import send_each
from ..plan import Plan
from ..traffic import mixed, send

TWICE = "an attempt is accepted once"


class Provider(Plan):
    name = "provider"
    about = "close, reset, 500, hang, half-close, garbage, after and before the acceptance; N of each, fresh and reused"
    count, short = 100, 4

    def arms(self):
        return [("run", True, self.run), ("control, 5xx retried", TWICE, self.retried),
                ("control, body by POSTFIELDS", TWICE, self.postfields)]

    def run(self, stack):
        kinds = (*AFTER, *BEFORE)
        stack.start(seed=self.seed)
        proxy = HTTPProxy(stack.sandbox_url)
        environment = {"TWILIO_API_BASE_URL": proxy.url, "SENDGRID_API_BASE_URL": proxy.url}
        stack.worker_environment.update(environment)
        workers = [stack.start_worker() for _ in range(2)]
        stack.wait_for_registration(*workers)
        for phase, keeps in enumerate((False, True)):
            jobs = mixed(f"provider-{self.seed}-{phase}", self.size * len(kinds), self.random, fates=False,
                         first=phase * self.size * len(kinds))
            for index, job in enumerate(jobs):
                proxy.strikes[job["address"]] = kinds[index % len(kinds)]
                if index % len(kinds) < len(AFTER):
                    job["expect"] = ["delivered"]
            proxy.keeps = keeps
            stack.insert(jobs)
            stack.wait_for(lambda: not proxy.strikes, "every fault", 60 + len(jobs))
            self.note(f"  {'reused' if keeps else 'fresh'} connections: {sum(proxy.struck.values())} sends struck")
        stack.figures["struck"] = dict(sorted(proxy.struck.items()))
        stack.quiet()
        proxy.close()

    def texts(self, stack, count):
        jobs = [send(f"control-{self.seed}-{number}", "sms", number, self.random) for number in range(count)]
        stack.start(gateway=False, seed=self.seed)
        stack.insert(jobs)
        return jobs

    def retried(self, stack):
        """The same fault, and a client that tries again after 500."""
        self.texts(stack, 5)
        proxy = HTTPProxy(stack.sandbox_url)
        proxy.strikes = {row[0]: "500" for row in stack.cluster.sql("select address from outrider.jobs")}
        proxy.keeps = False
        send_each(stack, proxy.url, ["--retry", "3", "--retry-delay", "1"])
        proxy.close()

    def postfields(self, stack):
        """The same fault on a kept connection, and libcurl with its default handling of the body."""
        jobs = self.texts(stack, 6)
        proxy = HTTPProxy(stack.sandbox_url)
        # The first of each pair makes the connection; the second is closed after it was taken.
        proxy.strikes = {job["address"]: "close" for job in jobs[1::2]}
        send_each(stack, proxy.url, [], together=2)
        proxy.close()
