"""Stand-in workers that do what Outrider must not: the control arms, which the same checker has to reject.

They are not Outrider with a switch turned off: production has no such switch. They share its database, its sandbox and
its callback URLs, so that what they do is judged by the very files and rules that judge Outrider. What they show is that
harness and checker see a doubled send of that kind; they show nothing about Outrider itself.

- `requeue`: the textbook queue. One transaction from the claim to the mark "sent"; when the worker dies the claim is
  rolled back and the next worker sends. A death between the provider's acceptance and the commit doubles the message.
- `retry`: `curl --retry`: an answer of 5xx is tried again, as most HTTP clients can be told to do. Twilio documents that
  such an answer may have been accepted.
- `postfields`: `curl -d` twice on one connection, which is CURLOPT_POSTFIELDS without any retry asked for. libcurl repeats a
  request by itself when a kept connection closes before the first byte of the answer.
"""
import subprocess
import sys
import urllib.parse

CLAIM = """delete from outrider.due where ctid = (select ctid from outrider.due where reason = 'dispatch' and at <= clock_timestamp()
 order by job_id limit 1 for update skip locked) returning job_id"""
INTENT = """insert into outrider.events (job_id, generation, kind, status, step, channel, worker)
 values ({job}, 1, 'intent', 'taken', 0, 'sms', 'naive') on conflict do nothing"""
END = """insert into outrider.events (job_id, generation, kind, status, step, channel, code)
 values ({job}, 0, 'outcome', 'ended', 0, 'sms', 'delivered') on conflict do nothing"""


def curl_arguments(base, account, user, password, job, address):
    """One send as curl makes it."""
    callback = f"http://127.0.0.1:9/webhooks/twilio/status?job={job}&generation=1&token=none"
    form = {"To": address, "From": "+15005550006", "Body": f"Note {job}", "StatusCallback": callback}
    return ["-s", "-m", "20", "-u", f"{user}:{password}", "-d", urllib.parse.urlencode(form),
            f"{base}/2010-04-01/Accounts/{account}/Messages.json"]


def send_each(stack, base, options, together=1):
    """Sends every due text by curl, with an intent before and an outcome after."""
    due = stack.cluster.sql("select d.job_id, j.address from outrider.due d join outrider.jobs j on j.id = d.job_id order by 1")
    environment = stack.environment
    for start in range(0, len(due), together):
        command = ["curl", *options]
        part = due[start:start + together]
        stack.cluster.sql("".join(INTENT.format(job=job) + ";" for job, _ in part))
        for index, (job, address) in enumerate(part):
            command += (["--next"] if index else []) + curl_arguments(
                base, environment["TWILIO_ACCOUNT_SID"], environment["TWILIO_API_KEY_SID"],
                environment["TWILIO_API_KEY_SECRET"], job, address)
        subprocess.run(command, check=False, timeout=120, stdout=subprocess.DEVNULL)
        stack.cluster.sql("".join(END.format(job=job) + ";" for job, _ in part))


def requeue(psql, url, base, account, user, password):
    """Works until nothing is due, through one psql: claim, send, mark, commit."""
    import http.client
    session = subprocess.Popen([psql, "-X", "-q", "-A", "-t", "-d", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(statement):
        session.stdin.write(statement + ";\n\\echo .\n")
        session.stdin.flush()
        lines = []
        while (line := session.stdout.readline().strip()) != ".":
            lines.append(line)
        return lines

    import base64
    authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    while True:
        ask("begin")
        claimed = ask(CLAIM)
        if not claimed:
            return
        job = claimed[0]
        address = ask(f"select address from outrider.jobs where id = {job}")[0]
        # It would keep no intents; one is noted apart, so that the checker has something to hold the send against.
        subprocess.run([psql, "-X", "-q", "-d", url, "-c", INTENT.format(job=job)], check=True)
        callback = f"http://127.0.0.1:9/webhooks/twilio/status?job={job}&generation=1&token=none"
        form = urllib.parse.urlencode({"To": address, "From": "+15005550006", "Body": f"Note {job}", "StatusCallback": callback})
        provider = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=20)
        provider.request("POST", f"/2010-04-01/Accounts/{account}/Messages.json", form,
                         {"Authorization": authorization, "Content-Type": "application/x-www-form-urlencoded"})
        provider.getresponse().read()
        ask(END.format(job=job))
        ask("commit")


if __name__ == "__main__":
    requeue(*sys.argv[1:7])
