"""What every plan is given: a stack, a seed, a count, and a way to say how far it is."""
import os
import random
import shutil
import sys
import tempfile
import time

from .checker import Check
from .stack import Stack


class Plan:
    """One kind of fault. Subclasses say `name`, `about`, `count` (full size), `short` (size in the short plan)."""

    name = about = ""
    count = short = 0
    packages = ()

    def __init__(self, outrider, seed, count, keep=None, out=None):
        self.outrider, self.seed, self.keep = outrider, seed, keep
        self.size = count or self.count
        self.random = random.Random(f"{self.name} {seed}")
        self.out = out or (lambda text: print(text, file=sys.stderr, flush=True))
        self.begun = time.monotonic()

    def note(self, text):
        self.out(f"{time.monotonic() - self.begun:5.0f} s {text}")

    def execute(self):
        """Runs the plan; returns by arm: title, check, the rule it had to break or True, whether it went as it must."""
        results = []
        for title, must_hold, arm in self.arms():
            directory = self.directory(title)
            stack = Stack(directory, self.outrider, self.note)
            try:
                self.note(f"{self.name}: {title}")
                arm(stack)
                stack.dump()
            finally:
                stack.stop()
            check = Check(directory)
            is_right = check.holds if must_hold is True else bool(check.broken[must_hold])
            results.append((title, check, must_hold, is_right))
            if not self.keep and is_right:
                shutil.rmtree(directory, ignore_errors=True)
            elif not is_right:
                self.note(f"evidence: {directory}")
        return results

    def directory(self, title):
        if not self.keep:
            return tempfile.mkdtemp(prefix=f"outrider-chaos-{self.name}.")
        path = os.path.join(self.keep, f"{self.name}-{title.replace(' ', '-')}-{self.seed}")
        os.makedirs(path)
        return path

    def arms(self):
        """The runs of this plan: title, True or the rule that a control arm must break, what to do."""
        return [("run", True, self.run)]

    def run(self, stack):
        raise NotImplementedError
