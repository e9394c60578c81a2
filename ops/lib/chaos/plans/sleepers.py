"""Workers fall asleep at four points of a dispatch, past their lease, and wake when others have taken over."""
import os
import signal
import subprocess
import time

from ..plan import Plan
from ..traffic import mixed

# A dispatch seen from the kernel: which call to stop at, and how many of its kind to let pass.
POINTS = {
    "after the claim": ("recvfrom", 1, 12),       # The database's answers.
    "before the connection": ("connect", 1, 1),   # The provider's socket.
    "in the middle of the request": ("sendto", 1, 12),
    "after the answer, before the record": ("recvfrom", 6, 30),
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
        slept, fed = 0, 0
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
        stack.figures["late words"] = int(stack.cluster.value("""select count(*) from outrider.events l join outrider.events a
            using (job_id, generation) where l.kind = 'answer' and l.status = 'lost' and a.kind = 'answer' and a.status <> 'lost'"""))
        stack.quiet()

    def lull(self, stack, worker, point):
        """strace stops the worker at the call's entry: SIGSTOP to one of its threads stops them all."""
        call, low, high = POINTS[point]
        n = self.random.randint(low, high)
        return subprocess.Popen(
            ["strace", "-f", "-qq", "-e", f"trace={call}", "-e", f"inject={call}:signal=STOP:when={n}", "-o", "/dev/null",
             "-p", str(worker.pid)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(stack.directory, "strace.log"), "ab"), start_new_session=True)
