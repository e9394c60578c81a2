"""The fast providers the benchmarks send to: nginx where only throughput counts, a small C program where each arrival does."""
import os
import shutil
import socket
import subprocess
import time

from chaos.cluster import free_port

HERE = os.path.dirname(os.path.realpath(__file__))

NGINX = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/nginx.error.log warn;
worker_rlimit_nofile 16384;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path {directory}/nginx.body;
    proxy_temp_path {directory}/nginx.proxy;
    fastcgi_temp_path {directory}/nginx.fastcgi;
    uwsgi_temp_path {directory}/nginx.uwsgi;
    scgi_temp_path {directory}/nginx.scgi;
    default_type application/json;
    map $request_method $is_send {{ POST 1; default 0; }}
    log_format arrival '$msec';
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location ~ ^/2010-04-01/Accounts/AC[0-9a-f]+/Messages\\.json$ {{
            access_log {log} arrival buffer=16k flush=100ms if=$is_send;
            add_header Twilio-Concurrent-Requests 1 always;
            add_header Twilio-Request-Id RQ$request_id always;
            if ($is_send) {{ return 201 '{sent}'; }}
            return 200 '{{"messages": [], "next_page_uri": null, "page": 0, "page_size": 100}}';
        }}
        location ~ ^/2010-04-01/Accounts/AC[0-9a-f]+/Messages/(?<sid>SM[0-9a-f]+)\\.json$ {{
            return 200 '{{"sid": "$sid", "status": "sent", "error_code": null}}';
        }}
        location / {{ return 404 '{{"code": 20404, "message": "not found", "status": 404}}'; }}
    }}
}}
"""

# A reply as Twilio documents it, of the same size; only the id is another one each time.
SENT = """{{"account_sid": "{account}", "api_version": "2010-04-01", "body": "{body}",
 "date_created": "Thu, 24 Aug 2023 05:01:45 +0000", "date_sent": null, "date_updated": "Thu, 24 Aug 2023 05:01:45 +0000",
 "direction": "outbound-api", "error_code": null, "error_message": null, "from": "+15005550006",
 "messaging_service_sid": null, "num_media": "0", "num_segments": "1", "price": null, "price_unit": null,
 "sid": "SM$request_id", "status": "queued",
 "subresource_uris": {{"media": "/2010-04-01/Accounts/{account}/Messages/SM$request_id/Media.json"}},
 "to": "+15005550009", "uri": "/2010-04-01/Accounts/{account}/Messages/SM$request_id.json"}}"""

ACCOUNT = "AC00000000000000000000000000000001"


def wait_until_listening(process, port, name):
    end = time.monotonic() + 10
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{name} did not start")


class Nginx:
    """Answers each text as Twilio does. Its log holds the time of each one, in lines of one length."""

    LINE = len("1700000000.123\n")

    def __init__(self, directory):
        self.log = os.path.join(directory, "arrivals.log")
        self.port = free_port(30000, 32767)
        sent = SENT.format(account=ACCOUNT, body="x" * 120).replace("\n", "")
        config = os.path.join(directory, "nginx.conf")
        with open(config, "w") as file:
            file.write(NGINX.format(directory=directory, port=self.port, log=self.log, sent=sent))
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        with open(os.path.join(directory, "nginx.log"), "ab") as output:
            self.process = subprocess.Popen([program, "-p", directory, "-c", config], stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, start_new_session=True)
        wait_until_listening(self.process, self.port, "nginx")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def taken(self):
        """How many were taken; up to 0.1 s old."""
        return os.path.getsize(self.log) // self.LINE

    def times(self, since=0):
        """When each was taken, of those after the first `since`."""
        with open(self.log) as file:
            file.seek(since * self.LINE)
            return [float(line) for line in file.read().split()]


class StandIn:
    """Answers texts, calls and mails, and writes each one down with its time and its words."""

    def __init__(self, directory):
        program = os.path.join(directory, "stand_in")
        compiler = next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
        if not compiler:
            raise RuntimeError("no C compiler: install gcc")
        subprocess.run([compiler, "-O2", "-Wall", "-Werror", "-o", program, os.path.join(HERE, "stand_in.c")], check=True)
        self.log = os.path.join(directory, "arrivals.log")
        open(self.log, "w").close()
        self.read_until = 0
        self.port = free_port(30000, 32767)
        self.process = subprocess.Popen([program, str(self.port), self.log], stdin=subprocess.DEVNULL, start_new_session=True)
        wait_until_listening(self.process, self.port, "the stand-in for the providers")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def arrivals(self):
        """What came since the last call: (time, number of the reply's id, path, body), whole lines only."""
        with open(self.log, "rb") as file:
            file.seek(self.read_until)
            read = file.read()
        read = read[:read.rfind(b"\n") + 1]
        self.read_until += len(read)
        for line in read.splitlines():
            at, number, path, body = line.decode(errors="replace").split(" ", 3)
            yield int(at) / 1e6, int(number), path, body
