"""`$sbranch(attribute)`: a branch to prepare in the script and then use, as the Request-URI or as one more branch."""

from dataclasses import fields
from typing import Any

from ...core.msg import dset
from ...core.pv import PvError, PvExport, Value
from ...core.pv.exports import Accessors
from ...core.pv.variables.destination import socket_text

_TEXTS = ("uri", "dst_uri", "path", "ruid", "location_ua", "instance")
_NUMBERS = ("q", "flags")


class Static:
    """The one of this process; it stays until it is reset."""

    branch = dset.Branch(b"")


def parse_attribute(text: bytes) -> str:
    """The name of an attribute."""
    name = text.strip().decode("latin-1")
    if name not in (*_TEXTS, *_NUMBERS, "send_socket", "count"):
        raise ValueError(f"$sbranch({name}) does not exist")
    return name


def _bind(name: str, index: Any) -> Accessors:
    if name == "count":
        return Accessors(lambda msg: 1 if Static.branch.uri else 0)
    if name == "send_socket":
        return Accessors(_get_socket, _set_socket)

    def get(msg: Any) -> Value:
        branch = Static.branch
        value = getattr(branch, name)
        return None if value in (b"", dset.Q_UNSPECIFIED) or not (value or branch.uri) else value

    def put(msg: Any, value: Value) -> None:
        if value is None:
            value = {f.name: f.default for f in fields(dset.Branch)}[name] if name != "uri" else b""  # type: ignore[assignment]
        elif isinstance(value, int) != (name in _NUMBERS):
            raise PvError("takes a number" if name in _NUMBERS else "takes a string")
        setattr(Static.branch, name, value)

    return Accessors(get, put)


def _get_socket(msg: Any) -> Value:
    from ...core.net.sockets import sockets

    index = Static.branch.socket
    return None if index is None else socket_text(sockets()[index])


def _set_socket(msg: Any, value: Value) -> None:
    from ...core.net.sockets import find_socket

    info = find_socket(value) if isinstance(value, bytes) else None
    if value is not None and info is None:
        raise PvError(f"there is no listening socket {value!r}")
    Static.branch.socket = None if info is None else info.index


def set_ruri(msg: Any) -> int:
    """The static branch becomes the first destination."""
    if not Static.branch.uri:
        return -1
    return 1 if dset.set_first_branch(msg, Static.branch) else -1


def append(msg: Any) -> int:
    """The static branch becomes one more destination."""
    if not Static.branch.uri:
        return -1
    return 1 if dset.append_branch(msg, Static.branch) >= 0 else -1


def reset(msg: Any) -> int:
    """Empty it."""
    Static.branch = dset.Branch(b"")
    return 1


SBRANCH = (PvExport("sbranch", parse_name=parse_attribute, bind=_bind),)
