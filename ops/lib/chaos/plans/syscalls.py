"""A worker is killed at each boundary of a system call, on the way of one message from claim to record."""
import itertools
import os
import subprocess
import sys
import time

from ..plan import Plan
from ..traffic import send

# What a dispatch is made of: the database's and the provider's sockets, and waking each other's threads. A recorded one has
# no close, sendmsg or recvmsg.
CLASSES = ("sendto", "recvfrom", "poll,ppoll", "epoll_wait,epoll_pwait", "write,writev", "read,readv", "futex", "connect,socket",
           "epoll_ctl")
# What else a dispatch calls stays within the process, or looks only: dying there is dying at the next of the others.
WITHIN = {"brk", "clock_nanosleep", "close", "fcntl", "fstat", "getpeername", "getrandom", "getsockname", "getsockopt", "gettid",
          "madvise", "mmap", "mprotect", "munmap", "restart_syscall", "rt_sigprocmask", "rt_sigreturn", "sched_yield", "setsockopt",
          "timerfd_settime"}
CHANNELS = ("sms", "voice", "whatsapp", "email")
TWICE = "an attempt is accepted once"


class SysCalls(Plan):
    name = "syscalls"
    about = "SIGKILL at the N-th call of each class during one dispatch, N = 1 up to the recorded end, at most N a class"
    count, short = 120, 0
    packages = ("strace",)

    # None: the whole process, in which each thread counts for itself. Else: the threads of that name alone, of which those
    # of the database have the claim and the record.
    threads = (None, "http-transport", "postgres")

    def arms(self):
        return [("run", True, self.run), ("control, claims handed back on death", TWICE, self.requeue)]

    def run(self, stack):
        stack.start(seed=self.seed)
        # Few connections, so that few threads share the statements.
        stack.worker_environment["OUTRIDER_DATABASE_POOL_SIZE"] = "2"
        self.record_calls(stack)
        kills = {}
        serial = 0
        for channel, group, thread in itertools.product(CHANNELS, CLASSES, self.threads):
            where = f"{group}, {thread or 'any thread'}"
            ends, n = 0, 0
            # Once the message is recorded before the kill, so many times in a row, the dispatch has no later boundary. Where
            # several threads share the work as it comes, two may be chance.
            enough = 2 if thread == "http-transport" else 3
            while ends < enough and n < self.size:
                n, serial = n + 1, serial + 1
                job = send(f"syscalls-{self.seed}-{serial}", channel, serial, self.random, wait_seconds=30)
                job["oracle"] = "delivered"
                was_killed, was_recorded = self.dispatch(stack, job, group, n, thread)
                kills[where] = kills.get(where, 0) + was_killed
                ends = ends + 1 if was_recorded else 0
            self.note(f"  {channel}, {where}: N = 1 to {n}")
            if ends < enough and self.size >= self.count:
                raise RuntimeError(f"{channel}, {where}: {n} kills did not come to the end of the dispatch")
        stack.figures["kills by call"] = kills
        # Between two kills nobody lives who could take over: what was lost waits for the quiet phase.
        stack.judges_takeover = False
        stack.quiet()

    def record_calls(self, stack):
        """One dispatch of each channel, undisturbed: no call of it may be in no class."""
        calls = set()
        for number, channel in enumerate(CHANNELS):
            worker = stack.start_worker()
            stack.wait_for_registration(worker)
            path = os.path.join(stack.directory, f"calls-{channel}")
            tracer = subprocess.Popen(["strace", "-qq", "-c", "-o", path, "-f", "-p", str(worker.pid)], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            self.wait_until_traced(stack, worker, None)
            job = send(f"syscalls-{self.seed}-recorded-{number}", channel, 9600 + number, self.random, wait_seconds=30)
            job["oracle"] = "delivered"
            stack.insert([job])
            stack.wait_for(lambda: self.is_recorded(stack, job), f"a message by {channel}", 30)
            stack.kill(worker)
            tracer.wait(10)
            # % time, seconds, µs a call, calls, errors at times, and the name.
            calls |= {words[-1] for words in map(str.split, open(path)) if len(words) >= 5 and words[3].isdigit() and words[-1] != "total"}
        listed = set(",".join(CLASSES).split(","))
        stack.figures["calls of a dispatch, in a class"] = " ".join(sorted(calls & listed))
        stack.figures["calls of a dispatch, within the process"] = " ".join(sorted(calls - listed))
        if others := calls - listed - WITHIN:
            raise RuntimeError(f"a dispatch calls what no class has: {sorted(others)}")

    def dispatch(self, stack, job, group, n, thread):
        """One message and one kill. Whether the worker was killed, and whether the message had been recorded by then."""
        worker = stack.start_worker()
        stack.wait_for_registration(worker)
        log = os.path.join(stack.directory, "strace.log")
        tracer = subprocess.Popen(
            ["strace", "-qq", "-e", f"trace={group}", "-e", f"inject={group}:signal=KILL:when={n}", "-o", "/dev/null",
             *self.traced(worker, thread)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(log, "ab"), start_new_session=True)
        self.wait_until_traced(stack, worker, thread)
        stack.insert([job])
        end = time.monotonic() + 20
        recorded = False
        while worker.poll() is None and time.monotonic() < end:
            recorded = self.is_recorded(stack, job)
            if recorded:
                time.sleep(0.2)
                break
            time.sleep(0.02)
        was_killed = worker.poll() is not None
        if not was_killed:
            stack.kill(worker)
        else:
            stack.killed[worker.pid] = time.monotonic()
            stack.forget(worker)
        tracer.wait(10)
        return was_killed, recorded or self.is_recorded(stack, job)

    @staticmethod
    def threads_of(worker, name):
        """The files of the process's threads of that name, or of all."""
        tasks = f"/proc/{worker.pid}/task"
        return [f"{tasks}/{task}" for task in os.listdir(tasks) if name in (None, open(f"{tasks}/{task}/comm").read().strip())]

    def traced(self, worker, name):
        """What strace is to follow."""
        if name is None:
            return ["-f", "-p", str(worker.pid)]
        return [option for task in self.threads_of(worker, name) for option in ("-p", os.path.basename(task))]

    def wait_until_traced(self, stack, worker, name):
        """The calls count from the claim on only if strace is there before it. The worker may die of an idle call already."""
        def is_traced():
            return worker.poll() is not None or all("TracerPid:\t0\n" not in open(f"{task}/status").read()
                                                    for task in self.threads_of(worker, name))
        stack.wait_for(is_traced, "strace", 20)

    @staticmethod
    def is_recorded(stack, job):
        return stack.cluster.value(f"""select count(*) from outrider.events e join outrider.idempotency_keys k using (job_id)
            where k.key = '{job["idempotency_key"]}' and e.kind = 'answer' and e.status <> 'lost'""") != "0"

    def requeue(self, stack):
        """The same kills, and a worker that hands its claim back when it dies."""
        stack.start(gateway=False, seed=self.seed)
        jobs = [send(f"control-{self.seed}-{n}", "sms", n, self.random) for n in range(8)]
        stack.insert(jobs)
        environment = stack.environment
        command = [sys.executable, "-B", os.path.join(os.path.dirname(os.path.dirname(__file__)), "naive.py"),
                   os.path.join(stack.cluster.bin, "psql"), stack.cluster.url(), stack.sandbox_url,
                   *(environment[f"TWILIO_{name}"] for name in ("ACCOUNT_SID", "API_KEY_SID", "API_KEY_SECRET"))]
        # Its own calls to the provider are the only ones of this class it makes.
        for n in range(1, 12):
            subprocess.run(["strace", "-qq", "-e", "trace=recvfrom", "-e", f"inject=recvfrom:signal=KILL:when={n}",
                            "-o", "/dev/null", *command], timeout=60, stderr=subprocess.DEVNULL, check=False)
            time.sleep(0.3)
        subprocess.run(command, timeout=60, check=True)
