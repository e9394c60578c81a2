"""The jobs the plans insert, each with an idempotency key, by which the checker finds it again."""

SMS = {"delivered": 0, "unreachable": 1, "landline": 2, "silent": 3, "filtered": 4, "invalid": 5, "opted_out": 6,
       "throttled": 7, "slow": 8, "unknown": 9}
VOICE = {"answered": 0, "busy": 1, "throttled": 7, "unknown": 9}
WHATSAPP = {"read": 0, "not_user": 2, "throttled": 7, "slow": 8, "unknown": 9}

# What a single message must come to, by its fate; a receipt that never comes leaves only what polling shows.
ORACLE = {
    "sms": {"delivered": "delivered", "unreachable": "exhausted", "landline": "exhausted", "filtered": "exhausted",
            "silent": "unconfirmed", "invalid": "exhausted", "opted_out": "opted_out", "throttled": "delivered", "slow": "delivered",
            "unknown": "delivered"},
    "voice": {"answered": "delivered", "busy": "exhausted", "throttled": "delivered", "unknown": "delivered"},
    "whatsapp": {"read": "delivered", "not_user": "exhausted", "throttled": "delivered", "slow": "delivered",
                 "unknown": "delivered"},
    "email": {"delivered": "delivered", "bounce": "exhausted", "dropped": "exhausted", "unknown": "delivered",
              "slow": "delivered", "throttled": "delivered"},
}

# Categories of single messages that never wait for a person. A transactional one is held when nobody knows.
CATEGORIES = ("otp", "alert", "marketing")


def phone(serial, sms="delivered", voice="answered", whatsapp="read"):
    """A number of the sandbox whose digits choose its fates; serials up to 96,999 are told apart.

    The serials 97nn and 98nn of the sandbox answer by themselves and are left out.
    """
    block, rest = divmod(serial, 9700)
    digits = f"{SMS[sms]}{VOICE[voice]}{WHATSAPP[whatsapp]}"
    if block:
        # Numbers outside the block have no fate but to be reached.
        if digits == "000":
            return f"+4930{block:03d}{rest:05d}"
        raise ValueError("too many numbers of this fate")
    return f"+1500{digits}{rest:04d}"


def send(key, channel, serial, random, fate=None, category=None, wait_seconds=10):
    """One message on one channel."""
    good = {"sms": "delivered", "voice": "answered", "whatsapp": "read", "email": "delivered"}[channel]
    fate = fate or good
    if channel == "email":
        address = f"{fate}+{key}@example.com"
    else:
        address = phone(serial, **{channel: fate})
    category = category or random.choice(CATEGORIES)
    if channel in ("voice", "whatsapp") and category == "marketing":
        category = "alert"  # Nobody has agreed to be called by an offer, or to get one by WhatsApp.
    job = {"idempotency_key": key, "kind": "send", "channel": channel, "address": address, "category": category,
           "wait_seconds": wait_seconds, "body": None, "subject": None, "fate": fate}
    # Free-form WhatsApp needs an open window, which these have not: theirs is the approved template.
    job.update({"template": "note", "data": {"number": key}} if channel == "whatsapp" else {"body": f"Note {key}"})
    if channel == "email":
        job["subject"] = f"Note {key}"
    return job


def mixed(prefix, count, random, fates=True, first=0, wait_seconds=30):
    """Messages of every channel; with `fates`, some that are slow, refused, throttled, unreachable or unknown.

    Each names its "oracle": the checker demands that outcome, or 'unknown' where nobody can account for an attempt.
    `wait_seconds` must outlast what holds up the provider's own clock, such as callbacks nobody takes: at its end the
    provider is asked once, and a message that is still under way then is 'unconfirmed', rightly.
    """
    jobs = []
    for number in range(first, first + count):
        channel = random.choice(("sms", "sms", "sms", "voice", "whatsapp", "email"))
        fate = None
        # A number's serial is its own within a fate, as long as the plan has fewer than 9,700 of that fate.
        if fates and number % 9 == 0 and number // 9 < 9700:
            fate = {"sms": random.choice(("unreachable", "throttled", "slow", "unknown", "silent")),
                    "voice": random.choice(("busy", "throttled", "unknown")),
                    "whatsapp": random.choice(("not_user", "throttled", "slow", "unknown")),
                    "email": random.choice(("bounce", "throttled", "unknown", "slow"))}[channel]
            serial = number // 9
        else:
            serial = number
        job = send(f"{prefix}-{number}", channel, serial, random, fate, wait_seconds=wait_seconds)
        jobs.append({**job, "oracle": ORACLE[channel][job["fate"]]})
    return jobs
