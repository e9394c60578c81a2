"""A private PostgreSQL on loopback: 127.0.0.1, a free port, a directory of its own."""
import glob
import os
import pwd
import random
import shutil
import socket
import subprocess
import time


class DatabaseDown(Exception):
    """The statement failed; whether it was committed is not known."""


def free_port(low=20000, high=29999):
    """A port nobody listens on, below those the system hands out by itself."""
    for _ in range(200):
        port = random.SystemRandom().randint(low, high)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


def binaries():
    """The newest PostgreSQL's programs."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if found:
        return found[-1]
    return os.path.dirname(shutil.which("initdb") or "")


class Cluster:
    """One server. `fsync` stays on: these plans are about durability."""

    def __init__(self, directory, settings=None, port=None):
        self.directory = directory
        self.data = os.path.join(directory, "data")
        self.log = os.path.join(directory, "log")
        self.port = port or free_port()
        self.bin = binaries()
        self.database = "postgres"
        self.settings = {"max_connections": "400", **(settings or {})}
        self.environment = {}    # Of the server, beside what everybody has.
        self.as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        os.makedirs(directory, exist_ok=True)
        if self.as_postgres:
            owner = pwd.getpwnam("postgres")
            os.chown(directory, owner.pw_uid, owner.pw_gid)

    def run(self, program, *arguments, check=True, timeout=120):
        return subprocess.run([*self.as_postgres, os.path.join(self.bin, program), *arguments], cwd=self.directory,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=check, timeout=timeout)

    def create(self):
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def start(self):
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        options += "".join(f" -c {name}={value}" for name, value in self.settings.items())
        # pg_ctl's server inherits its standard output: it must not be a pipe that somebody waits for.
        with open(os.path.join(os.path.dirname(self.directory), "pg_ctl.log"), "a") as log:
            subprocess.run([*self.as_postgres, os.path.join(self.bin, "pg_ctl"), "-D", self.data, "-w", "-t", "60",
                            "-l", self.log, "-o", options, "start"], cwd=self.directory, stdin=subprocess.DEVNULL,
                           stdout=log, stderr=log, check=True, timeout=120, env={**os.environ, **self.environment})

    def stop(self, mode="immediate"):
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", "60", "stop", check=False)

    def promote(self):
        self.run("pg_ctl", "-D", self.data, "-w", "-t", "60", "promote")

    @property
    def postmaster(self):
        with open(os.path.join(self.data, "postmaster.pid")) as file:
            return int(file.readline())

    def url(self, login="postgres", port=None, database=None):
        return f"postgresql://{login}@127.0.0.1:{port or self.port}/{database or self.database}"

    def sql(self, text, url=None, timeout=60):
        """Runs statements, returns their rows as lists of strings. Raises DatabaseDown."""
        try:
            done = subprocess.run(
                [os.path.join(self.bin, "psql"), "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1",
                 "-d", url or self.url()], input=text, capture_output=True, text=True, timeout=timeout,
                env={**os.environ, "PGCONNECT_TIMEOUT": "5"})
        except subprocess.TimeoutExpired as error:
            raise DatabaseDown("no answer in time") from error
        if done.returncode != 0:
            raise DatabaseDown(done.stderr.strip()[:400])
        return [line.split("\x1f") for line in done.stdout.splitlines() if line]

    def value(self, text, url=None):
        return self.sql(text, url=url)[0][0]

    def wait_until_up(self, seconds=60):
        end = time.monotonic() + seconds
        while True:
            try:
                return self.sql("select 1")
            except DatabaseDown:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
