"""The clock: `$Ts $TS $Tf $TF $Tb`, `$TV(...)`, `$time(...) $utime(...)`, `$timef(fmt) $utimef(fmt)`.

What is "cached" is read once a message, so that all uses in a script run agree.
"""

import time
from collections.abc import Callable
from typing import Any

from ... import info
from ...clock import now, now_ns
from ..exports import PvExport, Value
from ..formats import Format, parse_format

_MICRO = 1_000_000
_CACHE = "time"


def message_time(msg: Any) -> int:
    """Microseconds since 1970, the same for the whole message."""
    cache = msg.cache
    if _CACHE not in cache:
        cache[_CACHE] = now_ns() // 1000
    return cache[_CACHE]


def _now() -> int:
    return now_ns() // 1000


def _ctime(seconds: float) -> bytes:
    return time.ctime(seconds).encode()


def _full(micro: int) -> bytes:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(micro // _MICRO)).encode() + b".%06d" % (micro % _MICRO)


def _decimal(micro: int) -> bytes:
    return b"%d.%06d" % divmod(micro, _MICRO)


_FIELDS: dict[str, Callable[[time.struct_time], int]] = {
    "sec": lambda t: t.tm_sec,
    "min": lambda t: t.tm_min,
    "hour": lambda t: t.tm_hour,
    "mday": lambda t: t.tm_mday,
    "mon": lambda t: t.tm_mon,
    "year": lambda t: t.tm_year,
    "wday": lambda t: (t.tm_wday + 1) % 7 + 1,  # 1 is Sunday
    "yday": lambda t: t.tm_yday,
    "isdst": lambda t: max(t.tm_isdst, 0),
}


def _broken_down(convert: Callable[[float], time.struct_time]) -> dict[str, Callable[[Any], Value]]:
    def field(read: Callable[[time.struct_time], int]) -> Callable[[Any], Value]:
        return lambda msg: read(convert(now()))

    return {name: field(read) for name, read in _FIELDS.items()}


def _formatted(convert: Callable[[float], time.struct_time]) -> Callable[[Any, Format], Value]:
    def get(msg: Any, fmt: Format) -> Value:
        return time.strftime(fmt.eval(msg).decode("latin-1"), convert(now())).encode("utf-8", "surrogateescape")

    return get


TIME = (
    PvExport("Ts", lambda msg: message_time(msg) // _MICRO, kind="int"),
    PvExport("TS", lambda msg: now(), kind="int"),
    PvExport("Tf", lambda msg: _ctime(message_time(msg) // _MICRO), kind="str"),
    PvExport("TF", lambda msg: _ctime(now()), kind="str"),
    PvExport("Tb", lambda msg: int(info.started_at), kind="int"),
    PvExport("TV", choices={
        "s": lambda msg: message_time(msg) // _MICRO,
        "u": lambda msg: message_time(msg) % _MICRO,
        "sn": lambda msg: _now() // _MICRO,
        "un": lambda msg: _now() % _MICRO,
        "Sn": lambda msg: _decimal(_now()),
        "Sm": lambda msg: _decimal(message_time(msg)),
        "Fn": lambda msg: _full(_now()),
    }),
    PvExport("time", choices=_broken_down(time.localtime), kind="int"),
    PvExport("utime", choices=_broken_down(time.gmtime), kind="int"),
    PvExport("timef", parse_name=parse_format, get=_formatted(time.localtime), kind="str"),
    PvExport("utimef", parse_name=parse_format, get=_formatted(time.gmtime), kind="str"),
)  # fmt: skip
