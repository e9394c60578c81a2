"""Workers are killed at random, every 50 to 500 ms, and replaced."""
import time

from ..plan import Plan
from ..traffic import mixed


class Kills(Plan):
    name = "kills"
    about = "SIGKILL to a random worker every 50 to 500 ms, over 20 jobs a kill"
    count, short = 1000, 12

    jobs_a_kill = 20
    fleet = 6

    def run(self, stack):
        jobs = mixed(f"kills-{self.seed}", self.size * self.jobs_a_kill, self.random)
        # As fast as the kills come, so that they meet work in flight.
        stack.start(rate=25, time_scale=10, seed=self.seed, settings={"synchronous_commit": "on"})
        workers = [stack.start_worker() for _ in range(self.fleet)]
        stack.wait_for_registration(*workers)
        fed = 0
        for kill in range(self.size):
            share = len(jobs) * (kill + 1) // self.size
            if share - fed >= 100 or kill + 1 == self.size:
                stack.insert(jobs[fed:share])
                fed = share
            time.sleep(self.random.uniform(0.05, 0.5))
            victim = workers.pop(self.random.randrange(len(workers)))
            stack.kill(victim)
            workers.append(stack.start_worker())
            if kill % 50 == 49:
                self.note(f"  {kill + 1} kills, {fed} jobs, " + str(stack.progress()))
        stack.figures["kills"] = self.size
        stack.quiet()
