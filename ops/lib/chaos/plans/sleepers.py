"""Workers fall asleep at four points of a dispatch, past their lease, and wake when others have taken over."""
import os
import signal
import subprocess
import time
from collections import Counter

from ..plan import Plan
from ..traffic import mixed

# A dispatch seen from the kernel: whose thread, at which calls, and how many of them to let pass at most.
POINTS = {
    "after the claim": ("postgres", "recvfrom", 12),
    "when it connects": ("http-transport", "connect", 1),
    "in the middle of the request": ("http-transport", "sendto", 3),
    "after the answer, before the record": ("http-transport", "recvfrom", 3),
}


class Sleepers(Plan):
    name = "sleepers"
    about = "N workers are stopped at four points of a dispatch for longer than their lease, then go on"
    count, short = 200, 0
    packages = ("strace",)

    batch, lease_seconds = 12, 40
    # At most this long may it take until all of a round stand at their point; who does not by then is not counted.
    meet_seconds, jobs_a_round = 8, 240

    def run(self, stack):
        stack.start(rate=25, seed=self.seed)
        awake = [stack.start_worker() for _ in range(2)]
        stack.wait_for_registration(*awake)
        stopped, slept = Counter(), 0
        most = 3 + 2 * self.size // self.batch
        for number in range(most):
            count = min(self.batch, self.size - stopped.total())
            met = self.round(stack, number, count)
            stopped.update(met)
            slept += count
            self.note(f"  {slept} have slept, {stopped.total()} of them stopped at their point, " + str(stack.progress()))
            if stopped.total() >= self.size:
                break
        stack.figures.update({"sleepers": slept, "stopped at their point": stopped.total(), "by point": dict(stopped)})
        stack.figures["late words"] = int(stack.cluster.value("""select count(*) from outrider.events l join outrider.events a
            using (job_id, generation) where l.kind = 'answer' and l.status = 'lost' and a.kind = 'answer' and a.status <> 'lost'"""))
        stack.quiet()
        if not stack.figures["late words"]:
            raise RuntimeError("nobody had a late word: nothing was taken over from those who slept")
        if stopped.total() < self.size:
            raise RuntimeError(f"only {stopped.total()} of {self.size} workers were stopped at their point, in {most} rounds")

    def round(self, stack, number, count):
        """So many workers sleep past their lease and go on. Returns the points at which they were stopped."""
        sleepers = [stack.start_worker() for _ in range(count)]
        stack.wait_for_registration(*sleepers)
        points = [list(POINTS)[(number + index) % len(POINTS)] for index in range(count)]
        tracers = [self.lull(stack, worker, point) for worker, point in zip(sleepers, points)]
        self.feed(stack, number, sleepers)
        met = [point for worker, point in zip(sleepers, points) if self.is_stopped(worker)]
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
        return met

    def feed(self, stack, number, sleepers):
        """Inserts bit by bit, so that there is something to claim for everybody, until all stand at their point."""
        jobs = mixed(f"sleepers-{self.seed}-{number}", self.jobs_a_round, self.random, fates=False, first=number * self.jobs_a_round)
        end = time.monotonic() + self.meet_seconds
        while time.monotonic() < end and not all(map(self.is_stopped, sleepers)):
            stack.insert(jobs[:20])
            del jobs[:20]
            time.sleep(0.3)

    @staticmethod
    def is_stopped(worker):
        """Whether the whole process is, by its first thread: strace follows others, and those it only stops to look at."""
        return open(f"/proc/{worker.pid}/stat").read().rpartition(")")[2].split()[0] == "T"

    def lull(self, stack, worker, point):
        """strace sends SIGSTOP as the call begins; when it returns to one of its threads, all of the worker's stop."""
        name, call, highest = POINTS[point]
        threads = [option for thread in os.listdir(f"/proc/{worker.pid}/task")
                   if open(f"/proc/{worker.pid}/task/{thread}/comm").read().strip() == name for option in ("-p", thread)]
        n = self.random.randint(1, highest)
        return subprocess.Popen(
            ["strace", "-qq", "-e", f"trace={call}", "-e", f"inject={call}:signal=STOP:when={n}", "-o", "/dev/null", *threads],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(stack.directory, "strace.log"), "ab"), start_new_session=True)
