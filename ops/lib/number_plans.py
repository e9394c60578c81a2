#!/usr/bin/env python3
"""The plans of telephone numbers, as Sources/Delivery/Addresses/NumberPlanData.swift has them.

  number_plans.py write       makes that file from PyPI's phonenumbers, whose version it names
  number_plans.py check [N]   asks that file and phonenumbers about N numbers (100,000) of the 30 largest countries, and prints
                              how often they agree; exits with 1 below 99.5 %, or when a number that exists would be refused
  number_plans.py sample N    prints N such numbers, each with 1 if phonenumbers knows it, else 0

A plan is a table: numbers that begin so, by the longest prefix, have so many digits behind their calling code. libphonenumber's
patterns are turned into it, five digits deep for +1 and +86, four in the other large countries, three elsewhere. What is not told
apart there counts as possible, so no number that libphonenumber knows is refused.
"""
import collections
import pathlib
import random
import re._parser as patterns
import sys

import phonenumbers
from phonenumbers import PhoneMetadata

FILE = pathlib.Path(__file__).resolve().parents[2] / "Sources/Delivery/Addresses/NumberPlanData.swift"
LARGEST = (91, 86, 1, 62, 92, 234, 55, 880, 7, 52, 81, 251, 63, 20, 84, 243, 90, 98, 49, 66, 44, 33, 255, 39, 27, 95, 254, 82, 57, 34)
KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan", "voicemail")
# Twilio's magic numbers, and those of films: nobody's, and used to try things out.
TRIED_OUT = ("1500", "1555")
# What libphonenumber does not know, and WhatsApp uses: Mexican numbers with a 1, Brazilian mobiles without their 9.
SPELLINGS = {1: r"5(?:00|55)\d{7}", 52: r"1\d{10}", 55: r"[1-9][1-9][6-9]\d{7}"}
WIDTH = 116


class Automaton:
    """All patterns of one calling code, read at once: a state is a set of places in them."""

    def __init__(self, code):
        self.free, self.moves, self.ends, self.steps, self.known = [], [], set(), {}, {}
        start = self.place()
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
        metadata = [PhoneMetadata.metadata_for_nongeo_region(code)] if regions == ("001",) else [
            PhoneMetadata.metadata_for_region(region) for region in regions]
        found = {getattr(data, kind).national_number_pattern for data in metadata for kind in KINDS if getattr(data, kind)}
        for pattern in (found | {SPELLINGS.get(code)}) - {None}:
            self.ends.add(self.add(patterns.parse(pattern), self.after(start)))
        self.start = self.closed({start})

    def place(self):
        self.free.append([])
        self.moves.append([])
        return len(self.free) - 1

    def after(self, place):
        other = self.place()
        self.free[place].append(other)
        return other

    def add(self, parts, place):
        for kind, value in parts:
            kind = str(kind)
            if kind in ("LITERAL", "IN"):
                other = self.place()
                self.moves[place].append((self.digits(kind, value), other))
                place = other
            elif kind == "SUBPATTERN":
                place = self.add(value[3], place)
            elif kind == "BRANCH":
                ends = [self.add(branch, self.after(place)) for branch in value[1]]
                place = self.place()
                for end in ends:
                    self.free[end].append(place)
            elif kind == "MAX_REPEAT":
                least, most, part = value
                ends = []
                for count in range(most + 1):
                    if count >= least:
                        ends.append(place)
                    if count < most:
                        place = self.add(part, place)
                place = self.place()
                for end in ends:
                    self.free[end].append(place)
            else:
                raise ValueError(kind)
        return place

    @staticmethod
    def digits(kind, value):
        found = set()
        for what, which in [(kind, value)] if kind == "LITERAL" else value:
            what = str(what)
            found |= ({which - 48} if what == "LITERAL" else set(range(10)) if what == "CATEGORY"
                      else set(range(which[0] - 48, which[1] - 47)))
        return found

    def closed(self, places):
        todo, found = list(places), set(places)
        while todo:
            for other in self.free[todo.pop()]:
                if other not in found:
                    found.add(other)
                    todo.append(other)
        return frozenset(found)

    def step(self, state, digit):
        key = (state, digit)
        if key not in self.steps:
            self.steps[key] = self.closed({to for place in state for digits, to in self.moves[place] if digit in digits})
        return self.steps[key]

    def lengths(self, state):
        """How many digits may follow for some of them to be a number, and for all."""
        if state not in self.known:
            here = frozenset({0} if state & self.ends else ())
            then = [self.lengths(self.step(state, digit)) for digit in range(10)] if state else [(frozenset(), frozenset())]
            self.known[state] = tuple(
                here | {count + 1 for count in join(*(some[which] for some in then))}
                for which, join in ((0, frozenset.union), (1, frozenset.intersection)))
        return self.known[state]

    def tree(self, state, depth):
        some, every = self.lengths(state)
        if some == every or depth == 0:
            return some
        return tuple(self.tree(self.step(state, digit), depth - 1) for digit in range(10))


def less(lengths):
    return frozenset(count - 1 for count in lengths if count > 0)


def labels(tree):
    if isinstance(tree, frozenset):
        return collections.Counter([tree])
    found = collections.Counter()
    for branch in tree:
        for label, count in labels(branch).items():
            found[frozenset(length + 1 for length in label)] += count
    return found


def rows(tree, inherited, memo):
    """The fewest rows (prefix, lengths) that say of each number what the tree says; the longest prefix counts."""
    if isinstance(tree, frozenset):
        return [] if tree == inherited else [("", tree)]
    key = (tree, inherited)
    if key not in memo:
        choices = [inherited] + [label for label, _ in labels(tree).most_common(4) if label != inherited]
        found = []
        for choice in choices:
            mine = [("", choice)] if choice != inherited else []
            for digit, branch in enumerate(tree):
                mine += [(str(digit) + prefix, lengths) for prefix, lengths in rows(branch, less(choice), memo)]
            found.append(mine)
        memo[key] = min(found, key=len)
    return memo[key]


def runs(lengths):
    found = []
    for length in sorted(lengths):
        if found and found[-1][1] == length - 1:
            found[-1][1] = length
        else:
            found.append([length, length])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in found) or "none"


def words(code):
    """A plan as the file has it: +48 9: * 91 94-5 means that 48, 4891, 4894 and 4895 are followed by so many digits that it is 9 in all."""
    depth = 5 if code in (1, 86) else 4 if code in LARGEST else 3
    automaton = Automaton(code)
    found = collections.defaultdict(list)
    for prefix, lengths in rows(automaton.tree(automaton.start, depth), frozenset(), {}):
        found[frozenset(len(prefix) + length for length in lengths)].append(prefix)
    said = [f"+{code}"]
    for lengths, prefixes in sorted(found.items(), key=lambda item: (len(item[1]), runs(item[0]))):
        said.append(runs(lengths) + ":")
        run = None
        for prefix in sorted(prefixes, key=lambda prefix: (len(prefix), prefix)):
            if run and prefix and len(prefix) == len(run[0]) and prefix[:-1] == run[0][:-1] and int(prefix[-1]) == int(run[1]) + 1:
                run[1] = prefix[-1]
                said[-1] = f"{run[0]}-{run[1]}"
            else:
                run = [prefix, prefix[-1:]] if prefix else None
                said.append(prefix or "*")
    return said


def write():
    lines = []
    for code in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE, key=str):
        line = ""
        for word in words(code):
            if line and len(line) + 1 + len(word) > WIDTH:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    FILE.write_text(f'''extension NumberPlan {{
    /// Made by ops/lib/number_plans.py from PyPI's phonenumbers {phonenumbers.__version__}, which has libphonenumber's data (Apache
    /// License 2.0). `+48` begins the plan of a calling code. `7-9:` is how many digits follow the calling code in numbers
    /// that begin with the words after it; `94-5` is 94 and 95, `*` is every number that no longer word is of, `none:` is no number.
    static let shippedWords = """
''' + "".join(f"        {line}\n" for line in lines) + '        """\n}\n')
    print(f"{FILE.name}: {len(lines)} lines, {sum(map(len, lines))} bytes, phonenumbers {phonenumbers.__version__}")


def read():
    """What the file says: by prefix, with its calling code, how many digits a number has in all."""
    table = {}
    for word in FILE.read_text().split('"""')[1].split():
        if word.startswith("+"):
            code = word[1:]
        elif word.endswith(":"):
            lengths = set()
            for part in () if word == "none:" else word[:-1].split(","):
                first, _, last = part.partition("-")
                lengths |= set(range(int(first), int(last or first) + 1))
            lengths = {len(code) + length for length in lengths}
        else:
            first, _, last = word.partition("-")
            prefix = "" if first == "*" else first
            for digit in range(int(prefix[-1]), int(last) + 1) if last else [None]:
                table[code + (prefix if digit is None else prefix[:-1] + str(digit))] = lengths
    return table


def is_possible(table, number):
    for count in range(len(number), 0, -1):
        if number[:count] in table:
            return len(number) in table[number[:count]]
    return False


def is_known(number):
    """By E.164: phonenumbers takes a zero behind the calling code for one that is dialled at home, and leaves it out."""
    try:
        parsed = phonenumbers.parse("+" + number)
        spelling = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        return phonenumbers.is_valid_number(parsed) and spelling == "+" + number
    except phonenumbers.NumberParseException:
        return False


def numbers(count, seed=11):
    """In equal parts: any digits of a length that the country has, an example with other digits behind its first three, and one of those
    with a digit too many, too few or another."""
    chance = random.Random(seed)
    for index in range(count):
        code = LARGEST[index % len(LARGEST)]
        region = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code][0]
        data = PhoneMetadata.metadata_for_region(region)
        kind = index // len(LARGEST) % 3
        if kind == 0:
            length = chance.choice(data.general_desc.possible_length)
            rest = str(chance.randint(1, 9)) + "".join(chance.choices("0123456789", k=length - 1))
        else:
            examples = [getattr(data, name).example_number for name in KINDS if getattr(data, name)]
            rest = chance.choice([example for example in examples if example])
            rest = rest[:3] + "".join(chance.choices("0123456789", k=len(rest) - 3))
        if kind == 2:
            place = chance.randrange(len(rest))
            rest = rest[:place] + chance.choice(["", str(chance.randint(0, 9)), rest[place] + str(chance.randint(0, 9))]) + rest[place + 1:]
        number = f"{code}{rest}"
        # What only tries things out is nobody's.
        if 7 <= len(number) <= 15 and not number.startswith(TRIED_OUT):
            yield kind, number


def check(count):
    table = read()
    tally = collections.Counter()
    for kind, number in numbers(count):
        known, possible = is_known(number), is_possible(table, number)
        tally["all"] += 1
        tally["agree"] += known == possible
        tally["known"] += known
        tally["refused"] += known and not possible
        tally["taken"] += possible and not known
    share = tally["agree"] / tally["all"] * 100
    print(f"{tally['all']} numbers of the {len(LARGEST)} largest countries, {tally['known']} of them known to phonenumbers "
          f"{phonenumbers.__version__}: {share:.2f} % agree; {tally['refused']} that exist would be refused, {tally['taken']} that do not exist taken")
    return share >= 99.5 and tally["refused"] == 0


if __name__ == "__main__":
    sys.setrecursionlimit(10_000)
    what, count = (sys.argv + ["", ""])[1:3]
    if what == "write":
        write()
    elif what == "check":
        sys.exit(0 if check(int(count or 100_000)) else 1)
    elif what == "sample":
        for _, number in numbers(int(count)):
            print(f"+{number} {int(is_known(number))}")
    else:
        sys.exit(__doc__)
