"""The running script: `$rc`, `$def(N) $defn(N)`, custom parameters `$ccp(group.name)`, `$_s(text)`."""

from typing import Any

from ... import runtime
from ..exports import PvExport, Value
from ..formats import Format, parse_format
from .process import number


def define(msg: Any, name: str) -> Value:
    """The text of a preprocessor define."""
    from ...script import script

    text = script.defines.get(name)
    return None if text is None else text.encode("latin-1")


def define_number(msg: Any, name: str) -> Value:
    """The same as a number, 0 without."""
    text = define(msg, name)
    return number(text if isinstance(text, bytes) else None)


def parse_custom(text: bytes) -> tuple[str, str]:
    """group.name of a custom parameter."""
    group, dot, name = text.strip().decode("latin-1").partition(".")
    if not dot or not group or not name:
        raise ValueError("$ccp takes group.name")
    return group, name


def custom(msg: Any, parameter: tuple[str, str]) -> Value:
    """A custom parameter as it stands now."""
    variable = runtime.find(*parameter)
    return None if variable is None else variable.value


def evaluate(msg: Any, text: Format) -> Value:
    """A text with variables."""
    return text.eval(msg)


def _name(text: bytes) -> str:
    return text.strip().decode("latin-1")


SCRIPT = (
    PvExport("rc", lambda msg: msg.rc, kind="int", aliases=("retcode", "?")),
    PvExport("def", parse_name=_name, get=define),
    PvExport("defn", parse_name=_name, get=define_number, kind="int"),
    PvExport("ccp", parse_name=parse_custom, get=custom),
    PvExport("_s", parse_name=parse_format, get=evaluate, kind="str"),
)
