"""Messages asked for one after the other, and when each reached the provider."""
import random
import re
import time

from .figures import NEVER


class Sampler:
    """Asks in one database and watches one stand-in for the providers."""

    def __init__(self, rig, provider):
        self.rig = rig
        self.provider = provider

    def insert_to_post(self, database, insert, count, spacing, patience):
        """Milliseconds from each INSERT to the request whose body holds the sample's mark.

        `insert` is the statement for a mark, a word of its own. The time between two is drawn, so that they do not fall
        in step with anybody's clock.
        """
        list(self.provider.arrivals())
        asked, reached, draw = {}, {}, random.Random(7)
        for number in range(count):
            mark = f"sample{number}end"
            asked[mark] = time.time()
            database.ask(insert(number, mark))
            time.sleep(spacing * draw.uniform(0.5, 1.5))
        end = time.monotonic() + patience
        while len(reached) < count and time.monotonic() < end:
            self.rig.check_workers()
            for at, _, _, body in self.provider.arrivals():
                if found := re.search(r"sample\d+end", body):
                    reached.setdefault(found[0], at)
            time.sleep(0.05)
        return [(reached[mark] - at) * 1000 if mark in reached else NEVER for mark, at in asked.items()]

    def wait_for_arrivals(self, count, seconds, what):
        """Waits until so many more requests have come."""
        end, seen = time.monotonic() + seconds, 0
        while seen < count:
            seen += sum(1 for _ in self.provider.arrivals())
            if time.monotonic() > end:
                raise RuntimeError(f"{what}: {seen} of {count} requests within {seconds:.0f} s. " + self.rig.last_words("worker"))
            self.rig.check_workers()
            time.sleep(0.05)

    @staticmethod
    def password_by_text(number, mark):
        return f"""insert into outrider.jobs (channel, address, body, category, wait_seconds)
                   values ('sms', '+1600{number:07d}', 'Your code is {mark}', 'otp', 36000)"""
