#!/usr/bin/env python3
"""The official Twilio and SendGrid clients against a running Outrider sandbox, changed in nothing but the base URL.

    python3 -m venv clients && clients/bin/pip install -r ops/clients/requirements.txt
    SANDBOX_URL=http://127.0.0.1:8091 clients/bin/python ops/clients/test_official_clients.py

Credentials come from TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_API_KEY_SID, TWILIO_API_KEY_SECRET and
SENDGRID_API_KEY, and are the sandbox's own defaults when these are not set. The sandbox should run with a time scale of
20 or more; every wait here ends after 20 seconds. The test resets the sandbox.
"""

import json
import os
import queue
import threading
import unittest
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit, urlunsplit

from python_http_client.exceptions import BadRequestsError, UnauthorizedError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook
from sendgrid.helpers.mail import CustomArg, Mail, MailSettings, SandBoxMode
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

SANDBOX = os.environ.get("SANDBOX_URL", "http://127.0.0.1:8091").rstrip("/")
ACCOUNT = os.environ.get("TWILIO_ACCOUNT_SID", "AC" + "0" * 31 + "1")
TOKEN = os.environ.get("TWILIO_AUTH_TOKEN", "sandbox-auth-token")
KEY = os.environ.get("TWILIO_API_KEY_SID", "SK" + "0" * 31 + "1")
SECRET = os.environ.get("TWILIO_API_KEY_SECRET", "sandbox-api-key-secret")
SENDGRID_KEY = os.environ.get("SENDGRID_API_KEY", "SG.sandbox.key")
SERVICE = "VA" + "0" * 31 + "1"
SENDER = "+15005550006"
WAIT = 20


class SandboxHttpClient(TwilioHttpClient):
    """Twilio's own HTTP client; only scheme and host of each URL become the sandbox's."""

    def request(self, method, url, *args, **kwargs):
        base = urlsplit(SANDBOX)
        return super().request(method, urlunsplit((base.scheme, base.netloc) + urlsplit(url)[2:]), *args, **kwargs)


class Receiver:
    """A web server that keeps each webhook it gets."""

    def __init__(self):
        inbox = self.inbox = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.put((self.path, dict(self.headers), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        """The next webhook; fails when none comes in time."""
        return self.inbox.get(timeout=WAIT)

    def form(self):
        """The next webhook, its Twilio signature judged by the official validator."""
        path, headers, body = self.next()
        fields = {k: v[0] for k, v in parse_qs(body.decode(), keep_blank_values=True).items()}
        validator = RequestValidator(TOKEN)
        assert validator.validate(self.url + path, fields, headers["X-Twilio-Signature"]), "signature refused"
        assert not validator.validate(self.url + path, {**fields, "To": "+1"}, headers["X-Twilio-Signature"])
        return path, fields

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SANDBOX + "/sandbox/" + path, data=data, method=method)
    with urllib.request.urlopen(request, timeout=WAIT) as reply:
        text = reply.read()
    return json.loads(text) if text else None


class OfficialClients(unittest.TestCase):
    def setUp(self):
        control("POST", "reset")
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)
        self.twilio = Client(ACCOUNT, TOKEN, http_client=SandboxHttpClient(timeout=WAIT))
        self.sendgrid = SendGridAPIClient(SENDGRID_KEY, host=SANDBOX)

    def refused(self, code, status, call):
        with self.assertRaises(TwilioRestException) as caught:
            call()
        self.assertEqual((caught.exception.code, caught.exception.status), (code, status))

    def test_message_is_created_fetched_called_back_and_deleted(self):
        callback = self.receiver.url + "/status?job=7"
        sent = self.twilio.messages.create(
            to="+15000001000", from_=SENDER, body="Grüße 👋", status_callback=callback + "#rc=5&rp=all", validity_period=60
        )
        self.assertEqual((sent.status, sent.direction, sent.num_segments), ("queued", "outbound-api", "1"))
        self.assertRegex(sent.sid, "^SM[0-9a-f]{32}$")
        statuses = []
        for _ in range(3):
            path, fields = self.receiver.form()
            self.assertEqual((path, fields["MessageSid"]), ("/status?job=7", sent.sid))
            statuses.append(fields["MessageStatus"])
        self.assertEqual(statuses, ["sending", "sent", "delivered"])
        message = self.twilio.messages(sent.sid).fetch()
        self.assertEqual((message.status, message.body), ("delivered", "Grüße 👋"))
        self.assertIsNotNone(message.date_sent)
        self.assertEqual(self.twilio.messages(sent.sid).update(body="").body, "")
        self.assertTrue(self.twilio.messages(sent.sid).delete())
        self.refused(20404, 404, lambda: self.twilio.messages(sent.sid).fetch())

    def test_undelivered_message_reports_its_code(self):
        sent = self.twilio.messages.create(
            to="+15001001000", from_=SENDER, body="x", status_callback=self.receiver.url + "/status"
        )
        fields = [self.receiver.form()[1] for _ in range(3)][-1]
        self.assertEqual((fields["MessageStatus"], fields["ErrorCode"]), ("undelivered", "30003"))
        self.assertEqual(self.twilio.messages(sent.sid).fetch().error_code, 30003)

    def test_lists_page_and_filter(self):
        sids = [self.twilio.messages.create(to="+15000001001", from_=SENDER, body=str(n)).sid for n in range(5)]
        self.twilio.messages.create(to="+15000001002", from_=SENDER, body="other")
        found = [m.sid for m in self.twilio.messages.list(to="+15000001001", page_size=2)]
        self.assertEqual(found, sids[::-1])
        soon = datetime.now(timezone.utc) + timedelta(days=1)
        self.assertEqual(self.twilio.messages.list(date_sent_after=soon), [])
        self.assertEqual(self.twilio.messages.list(to="+15000001001", from_="+15005550009"), [])

    def test_refusals_carry_the_provider_code(self):
        send = self.twilio.messages.create
        self.refused(21211, 400, lambda: send(to="+15005001000", from_=SENDER, body="x"))
        self.refused(21211, 400, lambda: send(to="+15005550001", from_=SENDER, body="x"))
        self.refused(21610, 400, lambda: send(to="+15005550004", from_=SENDER, body="x"))
        self.refused(21602, 400, lambda: send(to="+15000001003", from_=SENDER))
        self.refused(21603, 400, lambda: send(to="+15000001003", body="x"))
        self.refused(21617, 400, lambda: send(to="+15000001003", from_=SENDER, body="x" * 1601))
        self.refused(21217, 400, lambda: self.twilio.calls.create(to="+15000501000", from_=SENDER, twiml="<Response/>"))
        wrong = Client(ACCOUNT, "wrong", http_client=SandboxHttpClient(timeout=WAIT))
        self.refused(20003, 401, lambda: wrong.messages("SM" + "0" * 32).fetch())

    def test_api_key_is_accepted(self):
        client = Client(KEY, SECRET, ACCOUNT, http_client=SandboxHttpClient(timeout=WAIT))
        self.assertEqual(client.messages.list(), [])

    def test_call_is_answered_by_a_machine(self):
        call = self.twilio.calls.create(
            to="+15000401000",
            from_=SENDER,
            twiml="<Response><Say>Hello</Say></Response>",
            machine_detection="Enable",
            status_callback=self.receiver.url + "/call",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
        )
        events = [self.receiver.form()[1] for _ in range(4)]
        self.assertEqual([e["CallStatus"] for e in events], ["initiated", "ringing", "in-progress", "completed"])
        self.assertEqual([e["SequenceNumber"] for e in events], ["0", "1", "2", "3"])
        self.assertEqual(events[-1]["AnsweredBy"], "machine_start")
        self.assertEqual(self.twilio.calls(call.sid).fetch().answered_by, "machine_start")
        self.assertEqual([c.sid for c in self.twilio.calls.list(to="+15000401000")], [call.sid])

    def test_inbound_stop_blocks_and_start_lifts(self):
        control("POST", "webhooks", {"inbound_url": self.receiver.url + "/inbound"})
        self.addCleanup(control, "POST", "webhooks", {"inbound_url": None})
        person = {"from": "+15000001004", "to": SENDER}
        send = lambda: self.twilio.messages.create(to="+15000001004", from_=SENDER, body="x")
        control("POST", "inbound", {**person, "body": "Stop", "optOutType": "STOP"})
        _, fields = self.receiver.form()
        self.assertEqual((fields["Body"], fields["OptOutType"], fields["SmsStatus"]), ("Stop", "STOP", "received"))
        self.refused(21610, 400, send)
        control("POST", "inbound", {**person, "body": "START"})
        self.receiver.form()
        self.assertEqual(send().status, "queued")

    def test_verification_is_started_and_checked(self):
        verify = self.twilio.verify.v2.services(SERVICE)
        started = verify.verifications.create(to="+15000001005", channel="sms")
        self.assertEqual((started.status, started.valid), ("pending", False))
        self.assertEqual(verify.verifications(started.sid).fetch().sid, started.sid)
        code = control("GET", "ledger")["entries"][-1]["body"][-6:]
        wrong = verify.verification_checks.create(to="+15000001005", code="0000" if code != "0000" else "1111")
        self.assertEqual((wrong.status, wrong.valid), ("pending", False))
        right = verify.verification_checks.create(to="+15000001005", code=code)
        self.assertEqual((right.status, right.valid), ("approved", True))
        self.refused(20404, 404, lambda: verify.verification_checks.create(to="+15000001005", code=code))

    def test_lookup(self):
        found = self.twilio.lookups.v2.phone_numbers("+15002001000").fetch(fields="line_type_intelligence")
        self.assertTrue(found.valid)
        self.assertEqual(found.line_type_intelligence["type"], "landline")
        self.assertFalse(self.twilio.lookups.v2.phone_numbers("+1500").fetch().valid)

    def mail(self, to):
        mail = Mail("alerts@example.org", to, "Subject", plain_text_content="Text")
        mail.add_custom_arg(CustomArg("outrider_job", "42"))
        return mail

    def test_mail_is_sent_and_its_events_are_signed(self):
        control("POST", "webhooks", {"sendgrid_events_url": self.receiver.url + "/events"})
        self.addCleanup(control, "POST", "webhooks", {"sendgrid_events_url": None})
        reply = self.sendgrid.send(self.mail("bounce+1@example.org"))
        self.assertEqual((reply.status_code, reply.body), (202, b""))
        webhook = EventWebhook(control("GET", "keys")["sendgrid_public_key"])
        events = []
        while len(events) < 2:
            _, headers, body = self.receiver.next()
            signature = headers["X-Twilio-Email-Event-Webhook-Signature"]
            timestamp = headers["X-Twilio-Email-Event-Webhook-Timestamp"]
            self.assertTrue(webhook.verify_signature(body.decode(), signature, timestamp))
            self.assertFalse(webhook.verify_signature(body.decode() + " ", signature, timestamp))
            events += json.loads(body)
        self.assertEqual([e["event"] for e in events], ["processed", "bounce"])
        self.assertEqual({e["outrider_job"] for e in events}, {"42"})
        self.assertEqual({e["sg_message_id"].split(".")[0] for e in events}, {reply.headers["X-Message-Id"]})

    def test_mail_is_judged(self):
        mail = self.mail("delivered@example.org")
        mail.mail_settings = MailSettings(sandbox_mode=SandBoxMode(True))
        self.assertEqual(self.sendgrid.send(mail).status_code, 200)
        with self.assertRaises(BadRequestsError) as caught:
            self.sendgrid.send({"from": {"email": "alerts@example.org"}})
        self.assertEqual(json.loads(caught.exception.body)["errors"][0]["field"], "personalizations")
        with self.assertRaises(UnauthorizedError):
            SendGridAPIClient("SG.wrong", host=SANDBOX).send(mail)


if __name__ == "__main__":
    unittest.main()
