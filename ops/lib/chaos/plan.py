"""What every plan is given: a stack, a seed, a count, and a way to say how far it is."""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

from .checker import Check
from .cluster import DatabaseDown
from .stack import Stack


class Plan:
    """One kind of fault. Subclasses say `name`, `about`, `count` (full size), `short` (size in the short plan)."""

    name = about = ""
    count = short = 0
    # Whether it needs the whole host: a debug build of eight workers that die each second does.
    is_heavy = False
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
        """Runs the plan; returns by arm: title, check, the rule it had to break, True (must hold) or None (a figure), whether it went as it must."""
        results = []
        for title, must_hold, arm in self.arms():
            directory = self.directory(title)
            stack = Stack(directory, self.outrider, self.note)
            fault = None
            try:
                self.note(f"{self.name}: {title}")
                fault = self.attempt(stack, arm)
            finally:
                stack.stop()
            check = Check(directory)
            is_right = check.holds if must_hold is True else must_hold is None or bool(check.broken[must_hold])
            is_right = is_right and not fault
            results.append((title, check, must_hold, is_right))
            if not self.keep and is_right:
                shutil.rmtree(directory, ignore_errors=True)
            elif not is_right:
                self.note(f"evidence: {directory}")
        return results

    def attempt(self, stack, arm):
        """Runs one arm and writes down what the database has; what was wrong with it, or None."""
        fault = None
        try:
            arm(stack)
        except (RuntimeError, DatabaseDown, OSError, subprocess.SubprocessError) as error:
            fault = f"{type(error).__name__}: {error}"
        if stack.cluster:
            try:
                stack.dump()
            except DatabaseDown as error:
                fault = fault or f"the database cannot be read: {error}"
        if fault:
            with open(os.path.join(stack.directory, "fault.json"), "w") as file:
                json.dump(fault, file)
        return fault

    def directory(self, title):
        if not self.keep:
            return tempfile.mkdtemp(prefix=f"outrider-chaos-{self.name}.")
        path = os.path.join(self.keep, f"{self.name}-{title.replace(' ', '-')}-{self.seed}")
        os.makedirs(path)
        return path

    def arms(self):
        """The runs of this plan: title, True, or the rule that a control arm must break, or
        None for a mere figure; what to do."""
        return [("run", True, self.run)]

    def run(self, stack):
        raise NotImplementedError
