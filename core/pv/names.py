"""Inner names that may hold variables: `$avp($var(n))`, `$sht(t=>$rU)`."""

from typing import Any

from .formats import Format, parse_format
from .spec import PvSpec, parse_spec


def parse_dynamic(text: bytes) -> bytes | PvSpec:
    """A name, or the one variable that gives it."""
    text = text.strip()
    return parse_spec(text) if text[:1] == b"$" else text


def read_name(name: bytes | PvSpec, msg: Any) -> bytes:
    """The name for this message; an int as its digits, undefined as the empty name."""
    if isinstance(name, bytes):
        return name
    value = name.get(msg)
    return value if isinstance(value, bytes) else b"" if value is None else b"%d" % value


def parse_table_key(text: bytes) -> tuple[bytes, Format]:
    """`table=>key`, the key a text with variables."""
    table, arrow, key = text.partition(b"=>")
    if not arrow or not table.strip():
        raise ValueError(f'"{text.decode("latin-1")}" is not of the form name=>key')
    return table.strip(), parse_format(key.strip())
