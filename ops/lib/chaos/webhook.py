"""Webhooks signed as Twilio signs them, posted by the harness itself, so that it knows when each was answered."""
import base64
import hashlib
import hmac
import http.client
import urllib.parse


def signature(token, url, form):
    """What Twilio puts into X-Twilio-Signature."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


class Poster:
    """One kept connection to the gateway."""

    def __init__(self, stack):
        self.base, self.token = stack.gateway_url, stack.environment["TWILIO_AUTH_TOKEN"]
        url = urllib.parse.urlsplit(self.base)
        self.connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)

    def hello(self, number):
        """Somebody's word, of the number's own: its id and the status of the answer."""
        sid = f"SM{number:032d}"
        return sid, self.post("/webhooks/twilio/inbound", {"MessageSid": sid, "From": f"+4940{number:09d}", "To": "+15005550006",
                                                           "Body": "hello", "NumMedia": "0"})

    def post(self, target, form):
        """The status of the answer; None when there was none."""
        try:
            self.connection.request("POST", target, urllib.parse.urlencode(form), {
                "Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature(self.token, self.base + target, form)})
            reply = self.connection.getresponse()
            reply.read()
            return reply.status
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return None
