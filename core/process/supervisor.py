"""The main process after start: it spawns children, reaps the dead, replaces them, stops and reloads.

Signals are blocked all the time and taken one by one by `sigtimedwait`, so each `handle_<signal>` below is ordinary
code in an ordinary loop, and there are no handlers.

    SIGTERM, SIGINT  stop in order          SIGHUP   reload the routing script
    SIGCHLD          reap, and replace      SIGUSR1  log memory and processes

A dead child is replaced with the same rank and slot: what it held in shared memory is released or repaired by the
kernel's recovery (src/shared/proc.h), the others never notice. When the process in one place dies `max_respawns` times
within CRASH_WINDOW_S seconds the server stops: one that cannot live a tenth of a second gives no service, and would
take the processor from the rest. Less than that is replaced for as long as it goes on, whoever or whatever kills: to
stop would cost every call.
"""

import collections
import os
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ...src.native import lib
from ..errors import StartError
from ..loader import child_init
from ..log import logger
from ..msg.core_events import worker_one_init
from . import signals
from .child import run_child
from .notify import Notifier
from .table import ProcessTable

log = logger(__name__)

CRASH_WINDOW_S = 10.0  # so many deaths in one place within this time stop the server
MAX_RESPAWNS = 100  # default of the core parameter: ten deaths a second in one place
START_LIMIT_S = 30.0  # for all children to report that they are up
STOP_LIMIT_S = 5.0  # until children that do not stop are killed; `exit_timeout` overrides it
IDLE_S = 1.0  # longest sleep of the main loop
EXIT_CRASH_LOOP = 3
EXIT_CHILD_INIT = 4
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGCHLD)


class CrashLoop(StartError):
    """Children die again and again."""

    code = EXIT_CRASH_LOOP


class ChildInitFailed(StartError):
    """A child could not be set up when the server started."""

    code = EXIT_CHILD_INIT


@dataclass(slots=True)
class ProcessSpec:
    """A place in the process tree. `run()` is the loop of the child; it returns when SIGTERM has come."""

    rank: int
    description: str
    run: Callable[[], None]
    index: int = 0  # in the process table; set by the supervisor
    pid: int = 0  # of the process that fills the place now
    deaths: collections.deque[float] = field(default_factory=collections.deque)  # the last ones, monotonic seconds


class Supervisor:
    """Owns the children. All methods run in the main process."""

    def __init__(self, table: ProcessTable, specs: list[ProcessSpec], notifier: Notifier | None = None) -> None:
        self.table = table
        self.specs = specs
        self.notifier = notifier or Notifier()
        self.by_pid: dict[int, ProcessSpec] = {}
        self.stopping = False
        self.stop_limit = STOP_LIMIT_S
        self.max_respawns = MAX_RESPAWNS
        self.on_reload: Callable[[], bool] = lambda: False  # checks the new script; True: tell the children
        self.on_report: Callable[[], None] = lambda: None
        self.on_turn: Callable[[], None] = lambda: None  # at least once in IDLE_S
        for spec in specs:
            spec.index = table.add(spec.rank, spec.description)

    # verbs

    def start(self) -> None:
        """Fork every child and wait until all are up; ChildInitFailed when one is not."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        read, write = os.pipe2(os.O_CLOEXEC)
        try:
            for spec in self.specs:
                self.spawn(spec, write)
            self.wait_ready(read)
        except BaseException:
            self.halt()
            raise
        finally:
            os.close(read)
            os.close(write)
        self.notifier.ready(f"{len(self.specs)} processes")

    def spawn(self, spec: ProcessSpec, ready: int | None = None) -> None:
        """Fork the child of one place; it writes a byte to `ready` when it is up."""
        main = os.getpid()
        pid = os.fork()
        if pid == 0:
            run_child(spec.index, spec.rank, spec.description, spec.run, self.table, main, ready)
        spec.pid = pid
        self.by_pid[pid] = spec

    def wait_ready(self, read: int) -> None:
        """Until every child has reported; a child that dies before is the end of the start."""
        missing = len(self.specs)
        end = time.monotonic() + START_LIMIT_S
        while missing:
            if time.monotonic() > end:
                raise ChildInitFailed(f"{missing} processes were not up after {START_LIMIT_S:.0f} s")
            if select.select([read], [], [], 0.05)[0]:
                missing -= len(os.read(read, 4096))
                continue
            pid, status = os.waitpid(-1, os.WNOHANG)
            spec = self.by_pid.pop(pid, None)
            if spec is not None:
                raise ChildInitFailed(f"process {pid} ({spec.description}) {outcome(status)} while it was set up")

    def run(self) -> None:
        """The main loop; returns after a clean stop, raises CrashLoop."""
        while not self.stopping:
            info = signal.sigtimedwait(SIGNALS, min(self.notifier.watchdog_s or IDLE_S, IDLE_S))
            if info is not None:
                self.handle(info.si_signo)
            self.notifier.alive()
            self.on_turn()
        self.stop()

    def run_single(self, spec: ProcessSpec) -> None:
        """`-D`, fork=no: the loop of one worker in main itself, for debuggers; other children are looked after as far
        as that loop looks up. Returns after a clean stop."""
        if lib.kh_signals_init(1) < 0:
            raise StartError("cannot install signal handlers")
        signals.forget(signal.SIGHUP)
        for number, function in (
            (signal.SIGCHLD, self.reap),
            (signal.SIGHUP, self.reload),
            (signal.SIGUSR1, self.on_report),
        ):
            signals.on_signal(number, function)
        child_init(spec.rank)
        worker_one_init()
        spec.run()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self.stop()

    def handle(self, number: int) -> None:
        """Find the method of a signal by its name."""
        method = getattr(self, "handle_" + signal.Signals(number).name[3:].lower(), None)
        if method is not None:
            method()

    def handle_term(self) -> None:
        log.notice("SIGTERM: stopping")
        self.stopping = True

    def handle_int(self) -> None:
        log.notice("interrupted: stopping")
        self.stopping = True

    def handle_hup(self) -> None:
        self.reload()

    def handle_usr1(self) -> None:
        self.on_report()
        self.tell(signal.SIGUSR1)

    def handle_chld(self) -> None:
        self.reap()

    def reload(self) -> None:
        """Check the new routing script here; only when it is good do the children switch to it."""
        if self.on_reload():
            self.tell(signal.SIGHUP)

    def tell(self, number: int) -> None:
        """Send a signal to every child."""
        for pid in list(self.by_pid):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue  # a zombie's pid cannot be reused before we reap it; SIGCHLD is on its way

    def reap(self) -> None:
        """Collect the dead (orphans too, when we are pid 1), release what they held, replace them."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            spec = self.by_pid.pop(pid, None)
            if spec is None:
                continue
            self.table.died(spec.index)
            if not self.stopping:
                log.alert("process %d (%s, rank %d) %s", pid, spec.description, spec.rank, outcome(status))
                self.replace(spec)

    def replace(self, spec: ProcessSpec) -> None:
        """A new process in the place of a dead one, unless they die too fast."""
        now = time.monotonic()
        spec.deaths.append(now)
        while now - spec.deaths[0] > CRASH_WINDOW_S:
            spec.deaths.popleft()
        if len(spec.deaths) >= self.max_respawns:
            self.halt()
            raise CrashLoop(
                f"{spec.description} died {len(spec.deaths)} times within {CRASH_WINDOW_S:.0f} s: stopping, this is a "
                "crash loop; the reasons are in the log above"
            )
        self.spawn(spec)
        log.notice("process %d replaces it as %s", spec.pid, spec.description)

    def stop(self) -> None:
        """End every child: SIGTERM, and SIGKILL for those that are left after the limit."""
        self.stopping = True
        self.notifier.stopping()
        self.tell(signal.SIGTERM)
        end = time.monotonic() + self.stop_limit
        while self.by_pid:
            self.reap()
            left = end - time.monotonic()
            if self.by_pid and left <= 0:
                names = ", ".join(spec.description for spec in self.by_pid.values())
                log.error("not stopped after %.1f s, killed: %s", self.stop_limit, names)
                self.tell(signal.SIGKILL)
                end = time.monotonic() + self.stop_limit
            elif self.by_pid:
                signal.sigtimedwait([signal.SIGCHLD], min(left, 0.1))

    def halt(self) -> None:
        """Stop at once what has been started: the start failed, or there is a crash loop."""
        self.stop_limit = min(self.stop_limit, 1.0)
        self.stop()


def outcome(status: int) -> str:
    """What waitpid said, for people: `exited with code 1`, `was killed by SIGKILL (out of memory?)`."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f"exited with code {code}"
    name = signal.Signals(-code).name
    return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")
