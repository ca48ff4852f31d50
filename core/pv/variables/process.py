"""The process and the server: `$pp`, `$version(...)`, `$ksr(...)`, `$sid`, `$stat(name)`, `$env(N) $envn(N)`."""

import os
from typing import Any

from ... import info
from ...statistics import get_stat
from ..exports import PvExport, Value

COMPATIBLE = b"5.6.3"  # the release whose scripts this server reads
_NUMBER = 5 * 1000000 + 6 * 1000 + 3


def server_id(msg: Any) -> Value:
    """The core parameter server_id."""
    from ...script import script

    return int(script.params.server_id)


def statistic(msg: Any, name: str) -> Value:
    """A statistic by its name; undefined when there is none."""
    stat = get_stat(name)
    return None if stat is None else stat.value


def number(text: bytes | None) -> int:
    """The decimal number at the start of a text, 0 without."""
    text = (text or b"").strip()
    sign, digits = (text[:1], text[1:]) if text[:1] in (b"-", b"+") else (b"", text)
    end = 0
    while end < len(digits) and digits[end : end + 1].isdigit():
        end += 1
    return int(sign + digits[:end]) if end else 0


def environment_number(msg: Any, name: bytes) -> Value:
    """A variable of the environment as a number; undefined when it is not set."""
    text = os.environb.get(name)
    return None if text is None else number(text)


def _name(text: bytes) -> str:
    return text.strip().decode("latin-1")


PROCESS = (
    PvExport("pp", lambda msg: os.getpid(), kind="int"),
    PvExport("sid", server_id, kind="int"),
    PvExport("stat", parse_name=_name, get=statistic),
    PvExport("version", choices={
        "num": lambda msg: COMPATIBLE,
        "full": lambda msg: info.FULL_NAME.encode(),
        "hash": lambda msg: b"unknown",
    }),
    PvExport("ksr", choices={"ver": lambda msg: COMPATIBLE, "verval": lambda msg: _NUMBER}),
    PvExport("env", parse_name=lambda text: text.strip(), get=lambda msg, name: os.environb.get(name)),
    PvExport("envn", parse_name=lambda text: text.strip(), get=environment_number),
)  # fmt: skip
