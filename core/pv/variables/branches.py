"""The destination set besides the first branch: `$branch(attribute)`, `$br $bR $ds`, what lookup() left: `$ruid`."""

from collections.abc import Callable
from typing import Any

from ....src.native import lib
from ...msg import dset
from ...msg.lumps import edit_text
from ..exports import ALL, Accessors, PvExport, Value
from ..spec import PvError, index_of

MAX_Q = 1000  # thousandths
_TEXTS = {
    "uri": lib.KH_EDP_NEW_URI, "dst_uri": lib.KH_EDP_DST_URI, "path": lib.KH_EDP_PATH, "ruid": lib.KH_EDP_RUID,
    "location_ua": lib.KH_EDP_LOCATION_UA, "instance": lib.KH_EDP_INSTANCE,
}  # fmt: skip


def _text_attribute(part: int) -> tuple[Any, Any]:
    def get(msg: Any, n: int) -> Value:
        return dset.branch_text(msg, n, part)

    def put(msg: Any, n: int, value: Value) -> None:
        if isinstance(value, int):
            raise PvError("takes a string, no number")
        if value is None and part == lib.KH_EDP_NEW_URI:
            dset.remove_branch(msg, n)
        else:
            dset.set_branch_text(msg, n, part, value or b"")

    return get, put


def _branch(msg: Any, n: int) -> Any:
    return lib.kh_branch_get(msg.edits, n)


def _get_q(msg: Any, n: int) -> Value:
    q = int(_branch(msg, n).q)
    return None if q == dset.Q_UNSPECIFIED else q


def _put_q(msg: Any, n: int, value: Value) -> None:
    _branch(msg, n).q = value if isinstance(value, int) else dset.Q_UNSPECIFIED


def _get_flags(msg: Any, n: int) -> Value:
    return int(_branch(msg, n).flags)


def _put_flags(msg: Any, n: int, value: Value) -> None:
    if not isinstance(value, int):
        raise PvError("flags take numbers only")
    _branch(msg, n).flags = value & 0xFFFFFFFF


def _get_socket(msg: Any, n: int) -> Value:
    from ...net.sockets import sockets
    from .destination import socket_text

    index = _branch(msg, n).sock
    return None if index == lib.KH_NO_SOCK else socket_text(sockets()[index])


def _put_socket(msg: Any, n: int, value: Value) -> None:
    from ...net.sockets import find_socket

    info = find_socket(value) if isinstance(value, bytes) else None
    if value is not None and info is None:
        raise PvError(f"there is no listening socket {value!r}")
    _branch(msg, n).sock = lib.KH_NO_SOCK if info is None else info.index


_ATTRIBUTES: dict[str, tuple[Any, Any]] = {
    **{name: _text_attribute(part) for name, part in _TEXTS.items()},
    "q": (_get_q, _put_q),
    "flags": (_get_flags, _put_flags),
    "send_socket": (_get_socket, _put_socket),
    "otcpid": (lambda msg, n: int(_branch(msg, n).conn), None),
}


def parse_attribute(text: bytes) -> str:
    """The name of an attribute."""
    name = text.strip().decode("latin-1")
    if name != "count" and name not in _ATTRIBUTES:
        raise ValueError(f"$branch({name}) does not exist; there are: count, {', '.join(_ATTRIBUTES)}")
    return name


def _bind(name: str, index: Any) -> Accessors:
    if name == "count":
        return Accessors(lambda msg: dset.branch_count(msg) or None)
    read, write = _ATTRIBUTES[name]
    number = index_of(None if index == ALL else index)

    def values(msg: Any) -> list[Value]:
        return [read(msg, n) for n in range(dset.branch_count(msg))]

    def get(msg: Any) -> Value:
        n = _existing(msg, number)
        return None if n is None else read(msg, n)

    def put(msg: Any, value: Value) -> None:
        n = _existing(msg, number)
        if n is None:
            raise PvError("there is no such branch")
        write(msg, n, value)

    return Accessors(get, put if write is not None else None, values)


def _existing(msg: Any, number: Callable[[Any], int | None]) -> int | None:
    n, count = number(msg), dset.branch_count(msg)
    if n is None or not -count <= n < count:
        return None
    return n % count


# the whole set as text


def format_q(q: int) -> bytes | None:
    """Thousandths as a qvalue."""
    if q < 0:
        return None
    return b"1" if q >= MAX_Q else (b"0.%03d" % q).rstrip(b"0").rstrip(b".")


def branch_line(uri: bytes, q: int, bracket: bool = False) -> bytes:
    """One branch as a Contact value; `bracket` puts a URI without q into < > too."""
    shown = format_q(q)
    if shown is None:
        return b"<" + uri + b">" if bracket else uri
    return b"<" + uri + b">;q=" + shown


def _branch_lines(msg: Any) -> list[bytes]:
    return [branch_line(branch.uri, branch.q) for branch in dset.branches(msg)]


def _first(msg: Any) -> Value:
    return dset.branch_text(msg, 0, lib.KH_EDP_NEW_URI)


def _append(msg: Any, value: Value) -> None:
    if not isinstance(value, bytes) or not value:
        raise PvError("takes a URI")
    if dset.append_branch(msg, dset.Branch(value)) < 0:
        raise PvError("there are too many branches")


def _all(msg: Any) -> Value:
    return b", ".join(_branch_lines(msg)) or None


def _destination_set(msg: Any) -> Value:
    lines = [branch_line(uri, q, bracket=True) for uri, q in dset.destinations(msg)]
    return b"Contact: " + b", ".join(lines) if lines else None


BRANCHES = (
    PvExport("branch", parse_name=parse_attribute, bind=_bind),
    PvExport("br", _first, _append),
    PvExport("bR", _all),
    PvExport("ds", _destination_set),
    PvExport("ruid", lambda msg: edit_text(msg, lib.KH_EDP_RUID)),
    PvExport("location_ua", lambda msg: edit_text(msg, lib.KH_EDP_LOCATION_UA)),
)
