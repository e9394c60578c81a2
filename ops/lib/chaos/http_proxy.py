"""Between the workers and the sandbox: a proxy that breaks chosen sends, before or after the provider took them."""
import http.client
import json
import socket
import struct
import threading
import urllib.parse
from collections import Counter

AFTER = ("close", "reset", "500", "hang", "half_close", "garbage")
BEFORE = ("close_before", "reset_before", "500_before", "hang_before")


class HTTPProxy:
    """`strikes`: address → kind. The first send to that address is struck, once.

    `keeps`: whether connections are kept after a reply. When they are, a strike waits for a connection that has served a
    request before: a send that comes on a fresh one is told 429, which a provider answers before it does anything.
    """

    def __init__(self, upstream, port=0):
        self.upstream = urllib.parse.urlsplit(upstream)
        self.strikes = {}
        self.keeps = True
        self.struck = Counter()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", port), backlog=512)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.settimeout(60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        served = 0
        try:
            while True:
                request = self.read(stream, connection)
                if request is None:
                    return
                if not self.answer(connection, request, served):
                    return
                served += 1
        except (OSError, ValueError, http.client.HTTPException):
            pass  # A client that was killed, or gave up.
        finally:
            stream.close()
            connection.close()

    @staticmethod
    def read(stream, connection):
        line = stream.readline(65536)
        if not line:
            return None
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers = http.client.parse_headers(stream)
        if headers.get("Expect", "").lower() == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(headers.get("Content-Length") or 0)
        body = stream.read(length)
        if len(body) < length:
            return None  # The sender died in the middle: a provider takes nothing of it.
        return method, target, headers, body

    @staticmethod
    def recipient(method, target, body):
        """Of a send; None for every other request."""
        if method != "POST" or not target.endswith(("/Messages.json", "/Calls.json", "/mail/send")):
            return None
        if body[:1] == b"{":
            return json.loads(body)["personalizations"][0]["to"][0]["email"]
        return urllib.parse.parse_qs(body.decode()).get("To", [""])[0].removeprefix("whatsapp:")

    def strike(self, address, served):
        """What is to go wrong with this send; None when nothing is."""
        with self.lock:
            kind = self.strikes.get(address)
            if kind is None:
                return None
            if self.keeps and served == 0:
                return "429"
            del self.strikes[address]
            self.struck[f"{kind}, {'reused' if served else 'fresh'}"] += 1
            return kind

    def server(self):
        """Where the next request goes."""
        return self.upstream

    def forward(self, request):
        method, target, headers, body = request
        server = self.server()
        upstream = http.client.HTTPConnection(server.hostname, server.port, timeout=60)
        try:
            skipped = ("host", "connection", "expect", "content-length")
            upstream.request(method, target, body or None, {k: v for k, v in headers.items() if k.lower() not in skipped})
            reply = upstream.getresponse()
            content = reply.read()
            kept = [(k, v) for k, v in reply.getheaders()
                    if k.lower() not in ("transfer-encoding", "connection", "content-length", "keep-alive")]
            return reply.status, kept, content
        finally:
            upstream.close()

    def answer(self, connection, request, served):
        """Whether the connection goes on."""
        kind = self.strike(self.recipient(request[0], request[1], request[3]), served)
        if kind == "429":
            self.reply(connection, 429, [("Retry-After", "1")], b'{"code": 20429, "message": "slow down"}')
            return True
        reply = None if kind in BEFORE else self.forward(request)
        plain = (kind or "").removesuffix("_before")
        if kind is None:
            self.reply(connection, *reply)
            return self.keeps
        if plain == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif plain == "500":
            self.reply(connection, 500, [], b'{"code": 20500, "message": "internal"}')
            return self.keeps
        elif plain == "hang":
            connection.recv(1)  # Until the client gives up.
        elif plain == "half_close":
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Le")
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1)
        elif plain == "garbage":
            self.reply(connection, 201, [], b"<html>hello</html>")
            return self.keeps
        return False

    def reply(self, connection, status, headers, content):
        head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers)
        if not self.keeps:
            head += "Connection: close\r\n"
        connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode("latin-1") + content)
