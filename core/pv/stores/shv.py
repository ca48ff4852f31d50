"""`$shv(n)`: variables that all processes share, 0 at first; undefined becomes the empty string.

The values lie in a SharedTable, made when the first one is named: at load, in the main process.
"""

from typing import Any

from ...shtable import SharedTable, TableFull
from ..exports import Accessors, PvExport, Value
from ..spec import PvError

MAX_VARIABLES = 4096
LOG2_BUCKETS = 6
_NUMBER, _TEXT = b"i", b"s"  # first byte of what is stored


class Store:
    """The table of this server, and what the configuration presets until there is one."""

    table: SharedTable | None = None
    presets: dict[bytes, Value] = {}


def open_table() -> SharedTable:
    """The table; shared memory must be there."""
    if Store.table is None:
        Store.table = SharedTable("pv.shv", LOG2_BUCKETS, MAX_VARIABLES)
        for name, value in Store.presets.items():
            set_shv(name, value)
    return Store.table


def preset(name: bytes, value: Value) -> None:
    """A value of the configuration (modparam shvset)."""
    Store.presets[name] = value


def get_shv(name: bytes) -> Value:
    """The value now."""
    found = open_table().get(name)
    if found is None:
        return 0
    data = found[0]
    return int(data[1:]) if data[:1] == _NUMBER else data[1:]


def set_shv(name: bytes, value: Value) -> None:
    """For all processes from now on; TableFull."""
    data = _NUMBER + b"%d" % value if isinstance(value, int) else _TEXT + (value or b"")
    open_table().set(name, data)


def names() -> list[bytes]:
    """The variables that have been set."""
    return sorted(item.key for item in open_table().items())


def _bind(name: bytes, index: Any) -> Accessors:
    def put(msg: Any, value: Value) -> None:
        try:
            set_shv(name, value)
        except TableFull as error:
            raise PvError(str(error)) from None

    return Accessors(lambda msg: get_shv(name), put)


SHV = (PvExport("shv", parse_name=lambda text: text.strip(), bind=_bind),)
