"""Outrider's form reader and signature check beside Twilio's official validator, over random and hostile inputs.

    compare_signatures.py FUZZER COUNT [SEED]

The fuzzer's `judge` gives Outrider's verdict. Differences that are meant are counted by name, every other one is
printed, and the exit status is 1.
"""
import collections
import random
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

from twilio.request_validator import RequestValidator

TOKEN = "12345"
PIECES = ["a", "B", "0", "=", "&", "+", "%", "%20", "%2B", "%C3%A9", "%c3", "%zz", "é", "e\u0301", "👋", " ", ";", "?", "#",
          "Body", "MessageSid", "\r\n", "\0", "%00", "~", "."]
BASES = ["https://hooks.example.com", "https://hooks.example.com:8443", "http://hooks.example.com:80",
         "http://hooks.example.com", "https://hooks.example.com:443"]


class Form(dict):
    """The pairs as Flask and Django give them."""
    def __init__(self, pairs):
        values = collections.defaultdict(list)
        for name, value in pairs:
            values[name].append(value)
        super().__init__(values)

    def getall(self, name):
        return self[name]


def strict(body):
    """The pairs, or None where a value would have to be repaired: Outrider refuses those bodies."""
    if re.search(rb"%(?![0-9A-Fa-f]{2})", body) or body.count(b"&") > 999:
        return None
    pairs = [part.partition(b"=") for part in body.split(b"&") if part]
    try:
        # By bytes: of one character, one byte may be escaped and the next not.
        return [tuple(urllib.parse.unquote_to_bytes(field.replace(b"+", b" ")).decode() for field in (name, value))
                for name, _, value in pairs]
    except UnicodeDecodeError:
        return None


def cases(count, rng):
    corpus = Path("Tests/Fuzz/Corpus")
    bodies = [f.read_bytes() for name in ("form", "twilio-signature", "twilio-webhooks")
              for f in sorted((corpus / name).glob("*"))]
    for number in range(count):
        if bodies and number % 2:
            body = bytearray(rng.choice(bodies))
            for _ in range(rng.randrange(4)):
                body.insert(rng.randint(0, len(body)), rng.randrange(256))
            body = bytes(body)
        else:
            body = "".join(rng.choices(PIECES, k=rng.randrange(12))).encode()
        path = "/" + "".join(rng.choices("abc/?=&%:.~-_é", k=rng.randrange(10)))
        yield rng.choice(BASES) + path, body


def judge(fuzzer, lines):
    text = "".join(" ".join(field.hex() or "-" for field in line) + "\n" for line in lines)
    run = subprocess.run([fuzzer, "judge"], input=text, capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def main(fuzzer, count, seed=1):
    rng, official, tally, differences = random.Random(seed), RequestValidator(TOKEN), collections.Counter(), []
    inputs, asked = [], []
    for url, body in cases(count, rng):
        pairs = strict(body)
        signature = official.compute_signature(url, Form(pairs or []))
        # A third of the headers genuine, a third of the same URL with its port spelt otherwise, a third forged.
        kind = rng.randrange(3)
        if kind == 1:
            respelt = re.sub(r"^(https?://[^/:]+)(:\d+)?", r"\1" if ":" in url[8:26] else r"\g<1>:443", url)
            signature = official.compute_signature(respelt, Form(pairs or []))
        elif kind == 2:
            signature = signature[:5] + ("A" if signature[5] != "A" else "B") + signature[6:]
        inputs.append((url, body, signature, pairs))
        asked.append((url.encode(), body, signature.encode()))
    answers = judge(fuzzer, asked)
    assert len(answers) == len(inputs), "the judge must answer every line"
    for (url, body, header, pairs), answer in zip(inputs, answers):
        if pairs is None or answer == "malformed":
            agreed = pairs is None and answer == "malformed"
            tally["refused by both" if agreed else "refused by one"] += 1
        else:
            mine, verdict = answer.split()
            valid = official.validate(url, Form(pairs), header)
            agreed = mine == official.compute_signature(url, Form(pairs)) and (verdict == "valid") == valid
            if not agreed and url.endswith("?") and mine == official.compute_signature(url, Form(pairs)):
                # Python's URL functions drop an empty query's question mark; Outrider changes no byte of what was signed.
                tally["empty query, which the validator drops"] += 1
                continue
            tally["valid for both" if agreed and valid else "invalid for both" if agreed else "judged differently"] += 1
        if not agreed:
            differences.append((url, body, header, answer))
    print(f"{count} inputs, seed {seed}: " + ", ".join(f"{n} {what}" for what, n in sorted(tally.items())))
    for difference in differences[:20]:
        print("DIFFERENT", *map(repr, difference), file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:])))
