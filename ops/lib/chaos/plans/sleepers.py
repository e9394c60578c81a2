"""Workers fall asleep at four points of a dispatch, past their lease, and wake when others have taken over."""
import os
import signal
import subprocess
import time

from ..plan import Plan
from ..traffic import mixed

# A dispatch seen from the kernel: whose thread, at which calls, and how many of them to let pass at most.
POINTS = {
    "after the claim": ("postgres", "recvfrom", 12),
    "before the connection": ("http-transport", "connect", 1),
    "in the middle of the request": ("http-transport", "sendto", 3),
    "after the answer, before the record": ("http-transport", "recvfrom", 3),
}


class Sleepers(Plan):
    name = "sleepers"
    about = "N workers are stopped at four points of a dispatch for longer than their lease, then go on"
    count, short = 200, 0
    packages = ("strace",)

    batch, lease_seconds = 10, 40

    def run(self, stack):
        stack.start(rate=25, seed=self.seed)
        jobs = mixed(f"sleepers-{self.seed}", self.size * 15, self.random, fates=False)
        slept, stopped, fed = 0, 0, 0
        points = list(POINTS)
        awake = [stack.start_worker() for _ in range(2)]
        stack.wait_for_registration(*awake)
        while slept < self.size:
            count = min(self.batch, self.size - slept)
            sleepers = [stack.start_worker() for _ in range(count)]
            stack.wait_for_registration(*sleepers)
            tracers = [self.lull(stack, worker, points[(slept + i) % len(points)]) for i, worker in enumerate(sleepers)]
            share = len(jobs) * (slept + count) // self.size
            stack.insert(jobs[fed:share])
            fed = share
            time.sleep(4)
            for worker in sleepers:
                stopped += open(f"/proc/{worker.pid}/stat").read().rpartition(")")[2].split()[0] in "Tt"
            for worker, tracer in zip(sleepers, tracers):
                os.kill(worker.pid, signal.SIGSTOP)  # Whoever met no such call sleeps where it is.
                tracer.send_signal(signal.SIGTERM)
                tracer.wait(10)
                os.kill(worker.pid, signal.SIGSTOP)
            time.sleep(self.lease_seconds)
            for worker in sleepers:
                os.kill(worker.pid, signal.SIGCONT)
            time.sleep(8)
            # They go on under a new name: what they learnt late is recorded once, and they work again.
            for worker in sleepers:
                if worker.poll() is None:
                    stack.kill(worker)
            slept += count
            self.note(f"  {slept} have slept, " + str(stack.progress()))
        stack.figures["sleepers"] = slept
        stack.figures["of them stopped at their point"] = stopped
        stack.figures["late words"] = int(stack.cluster.value("""select count(*) from outrider.events l join outrider.events a
            using (job_id, generation) where l.kind = 'answer' and l.status = 'lost' and a.kind = 'answer' and a.status <> 'lost'"""))
        stack.quiet()

    def lull(self, stack, worker, point):
        """strace stops the worker at the call's entry: SIGSTOP to one of its threads stops them all."""
        name, call, highest = POINTS[point]
        threads = [option for thread in os.listdir(f"/proc/{worker.pid}/task")
                   if open(f"/proc/{worker.pid}/task/{thread}/comm").read().strip() == name for option in ("-p", thread)]
        n = self.random.randint(1, highest)
        return subprocess.Popen(
            ["strace", "-qq", "-e", f"trace={call}", "-e", f"inject={call}:signal=STOP:when={n}", "-o", "/dev/null", *threads],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(stack.directory, "strace.log"), "ab"), start_new_session=True)
