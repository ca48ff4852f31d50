"""Logging with Kamailio's levels, prefixes and destinations.

`log = logger(__name__)` at the top of a file, then `log.info("bound %s", address)`: arguments are formatted only when
the level is on. Lines read ` 1(4711) INFO: tm [t_reply.py:88]: relay(): text`, the number before the parenthesis being
the index of the process in the table. Never call it from a signal handler.

What a peer can provoke is a counter plus `debug`. As a belt, one source line writes at most `SITE_LIMIT` warnings or
errors a second a process; what is left out is counted and said.
"""

import json
import os
import sys
import syslog
import time
from collections.abc import Callable
from types import FrameType

ALERT, BUG, CRIT2, CRIT, ERR, WARN, NOTICE, INFO, DBG = range(-5, 4)
NAMES = {
    ALERT: "ALERT",
    BUG: "BUG",
    CRIT2: "CRITICAL",
    CRIT: "CRITICAL",
    ERR: "ERROR",
    WARN: "WARNING",
    NOTICE: "NOTICE",
    INFO: "INFO",
    DBG: "DEBUG",
}
SYSLOG_LEVEL = {
    ALERT: syslog.LOG_ALERT,
    BUG: syslog.LOG_CRIT,
    CRIT2: syslog.LOG_CRIT,
    CRIT: syslog.LOG_CRIT,
    ERR: syslog.LOG_ERR,
    WARN: syslog.LOG_WARNING,
    NOTICE: syslog.LOG_NOTICE,
    INFO: syslog.LOG_INFO,
    DBG: syslog.LOG_DEBUG,
}
COLORS = {ALERT: 31, BUG: 31, CRIT2: 31, CRIT: 31, ERR: 31, WARN: 33, NOTICE: 36, INFO: 32, DBG: 2}
SITE_LIMIT = 50  # warnings and errors a second from one source line
SITES_MAX = 4096  # source lines remembered for that

Prefix = Callable[[], str]


class State:
    """How this process logs; one instance, changed by `setup` and at fork."""

    def __init__(self) -> None:
        self.level = 0
        self.stderr = True
        self.color = False
        self.as_json = False
        self.name = "kahea"
        self.facility = syslog.LOG_DAEMON
        self.index = 0  # of this process in the process table
        self.pid = os.getpid()
        self.prefix: Prefix | None = None
        self.sites: dict[tuple[str, int], list[int]] = {}  # (file, line) -> [second, lines in it]
        self.suppressed = 0


state = State()


def setup(
    level: int | None = None,
    stderr: bool | None = None,
    color: bool | None = None,
    as_json: bool | None = None,
    name: str | None = None,
    facility: str | None = None,
) -> None:
    """Change what is given, keep the rest. `facility` is a name as in `log_facility=LOG_LOCAL0`."""
    if level is not None:
        state.level = level
    if stderr is not None:
        state.stderr = stderr
    if color is not None:
        state.color = color
    if as_json is not None:
        state.as_json = as_json
    if name is not None:
        state.name = name
    if facility is not None:
        state.facility = facility_number(facility)
    if not state.stderr:
        syslog.openlog(state.name, syslog.LOG_PID, state.facility)


def facility_number(name: str) -> int:
    """The syslog number of `LOG_DAEMON` and friends; ValueError for an unknown name."""
    number = getattr(syslog, name.upper(), None)
    if not isinstance(number, int) or name.upper() not in FACILITIES:
        raise ValueError(f"unknown log facility {name}")
    return number


FACILITIES = frozenset(
    ["LOG_" + name for name in ("AUTH", "AUTHPRIV", "CRON", "DAEMON", "FTP", "KERN", "LPR", "MAIL", "NEWS")]
    + ["LOG_" + name for name in ("SYSLOG", "USER", "UUCP")]
    + [f"LOG_LOCAL{number}" for number in range(8)]
)


def set_process(index: int) -> None:
    """In a new process: its index in the process table, for the line prefix."""
    state.index = index
    state.pid = os.getpid()
    if not state.stderr:
        syslog.openlog(state.name, syslog.LOG_PID, state.facility)


def set_prefix(prefix: Prefix | None) -> None:
    """`prefix()` is put before every line while a message is processed (core parameter log_prefix)."""
    state.prefix = prefix


def prefix_of_message() -> str:
    """What `log_prefix` says about the message in hand; lines written meanwhile have none."""
    function, state.prefix = state.prefix, None
    if function is None:
        return ""
    try:
        return function()
    except Exception as error:
        return f"<log_prefix: {error}> "
    finally:
        state.prefix = function


def write(level: int, module: str, place: str, text: str, facility: int | None = None) -> None:
    """Write one line whatever the threshold; `place` is `[file:line]: func(): ` or empty (lines of the script)."""
    prefix = prefix_of_message()
    if state.as_json:
        line = json.dumps(
            {
                "time": round(time.time(), 6),
                "level": NAMES[level],
                "process": state.index,
                "pid": state.pid,
                "module": module,
                "place": place.rstrip(": "),
                "prefix": prefix,
                "message": text.rstrip("\n"),
            }
        )
    else:
        line = f"{NAMES[level]}: {prefix}{module}{place}: {text}".rstrip("\n")
    if not state.stderr:
        syslog.syslog(SYSLOG_LEVEL[level] | (state.facility if facility is None else facility), line)
        return
    if not state.as_json:
        line = f"{state.index:2d}({state.pid}) {line}"
        if state.color:
            line = f"\033[{COLORS[level]}m{line}\033[0m"
    try:
        os.write(2, (line + "\n").encode("utf-8", "backslashreplace"))
    except OSError:
        return  # stderr is gone; there is nobody left to tell


def script(level: int, module: str, text: str) -> None:
    """A line that the routing script asked for (xlog, log): no source place, no limit a second."""
    if level <= state.level:
        write(level, module, "", text)


def over_limit(frame: FrameType) -> bool:
    """True when this source line has already written SITE_LIMIT lines in this second."""
    now = int(time.monotonic())
    key = (frame.f_code.co_filename, frame.f_lineno)
    site = state.sites.get(key)
    if site is None:
        if len(state.sites) >= SITES_MAX:
            state.sites.clear()
        state.sites[key] = [now, 1]
        return False
    if site[0] != now:
        skipped = site[1] - SITE_LIMIT
        site[0], site[1] = now, 0
        if skipped > 0:
            state.suppressed += skipped
            place = f" [{os.path.basename(key[0])}:{key[1]}]"
            write(WARN, "<core>", place, f"{skipped} more lines like the next one were left out")
    site[1] += 1
    return site[1] > SITE_LIMIT


class Logger:
    """The lines of one module."""

    __slots__ = ("module",)

    def __init__(self, module: str) -> None:
        self.module = module

    def log(self, level: int, text: str, *args: object) -> None:
        """Write `text % args` when `level` is on."""
        if level <= state.level:
            self.emit(level, text, args)

    def emit(self, level: int, text: str, args: tuple[object, ...]) -> None:
        """The slow half: find the caller, format, write."""
        frame = sys._getframe(2)
        if level <= WARN and over_limit(frame):
            return
        code = frame.f_code
        place = f" [{os.path.basename(code.co_filename)}:{frame.f_lineno}]: {code.co_name}()"
        try:
            message = text % args if args else text
        except (TypeError, ValueError):
            message = f"{text} {args!r}"
        write(level, self.module, place, message)

    def alert(self, text: str, *args: object) -> None:
        if state.level >= ALERT:
            self.emit(ALERT, text, args)

    def bug(self, text: str, *args: object) -> None:
        if state.level >= BUG:
            self.emit(BUG, text, args)

    def critical(self, text: str, *args: object) -> None:
        if state.level >= CRIT:
            self.emit(CRIT, text, args)

    def error(self, text: str, *args: object) -> None:
        if state.level >= ERR:
            self.emit(ERR, text, args)

    def warning(self, text: str, *args: object) -> None:
        if state.level >= WARN:
            self.emit(WARN, text, args)

    def notice(self, text: str, *args: object) -> None:
        if state.level >= NOTICE:
            self.emit(NOTICE, text, args)

    def info(self, text: str, *args: object) -> None:
        if state.level >= INFO:
            self.emit(INFO, text, args)

    def debug(self, text: str, *args: object) -> None:
        if state.level >= DBG:
            self.emit(DBG, text, args)

    def exception(self, text: str, *args: object) -> None:
        """A bug of ours, with its traceback: for a handler that goes on after `except Exception`."""
        import traceback

        trace = traceback.format_exc()
        self.emit(BUG, text, args)
        for line in trace.rstrip().splitlines():
            write(BUG, self.module, "", line)


def logger(name: str) -> Logger:
    """The logger of a Python module: `kahea.modules.tm.t_reply` logs as `tm`, everything else as `<core>`."""
    parts = name.split(".")
    if "modules" in parts[:-1]:
        return Logger(parts[parts.index("modules") + 1])
    return Logger("<core>")
