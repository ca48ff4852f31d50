"""Roots of selects that are no URI, address, Via or credentials: `msg`, `sys`, `branch`, `cfg_get`, `next_hop`."""

import os
import time
from collections.abc import Callable
from typing import Any

from ....src.native import ffi
from ... import runtime
from ...msg import dset
from ..exports import Getter, Value
from . import select_parts as parts
from .select_parts import Path

_dest = ffi.new("kh_dest *")


# msg


def message(path: Path) -> Getter:
    """`msg`, `msg.first_line`, `msg.header["X"][2].params.a`, `msg.body.sdp.line["m"]`, `msg.request.uri.host`..."""
    if not path:
        return lambda msg: msg.buf
    if path[0].text not in _MESSAGE:
        raise ValueError(f"a message has no part {path[0].text}")
    return _MESSAGE[path[0].text](path[1:])


def _plain(read: Getter) -> Callable[[Path], Getter]:
    def build(path: Path) -> Getter:
        parts.none_left(path)
        return read

    return build


def _id(path: Path) -> Getter:
    if [step.text for step in path] == ["hex"]:
        return lambda msg: b"%08x" % msg.id
    parts.none_left(path)
    return lambda msg: b"%d" % msg.id


def _header(path: Path) -> Getter:
    if not path:
        return _first_header
    name = path[0].header
    number, path = parts.index(path[1:])

    def read(msg: Any) -> Value:
        found: Value = msg.header(name, number)
        return found

    if path and path[0].text == "nameaddr":
        return parts.name_addr(read, path[1:])
    if path and path[0].text == "params":
        return parts.name_addr(read, path)
    parts.none_left(path)
    return read


def _first_header(msg: Any) -> Value:
    c = msg.c
    if not c.n_hdr:
        return None
    start = c.hdr[0].off
    found: bytes = msg.buf[start : start + c.hdr[0].len].rstrip()
    return found


def _body(path: Path) -> Getter:
    if not path:
        return lambda msg: msg.body
    if path[0].text != "sdp" or (len(path) > 1 and (path[1].text != "line" or len(path) != 3)):
        raise ValueError("a body has sdp and sdp.line[...]")
    if len(path) == 1:
        return lambda msg: msg.body if (msg.content_type or b"").lower().startswith(b"application/sdp") else None
    start = path[2].text.encode("latin-1") + b"="

    def get(msg: Any) -> Value:
        lines = (msg.body or b"").replace(b"\r\n", b"\n").split(b"\n")
        return next((line[len(start) :] for line in lines if line.startswith(start)), None)

    return get


def _first_line(msg: Any) -> bytes:
    found: bytes = msg.buf.partition(b"\n")[0].rstrip(b"\r")
    return found


def _line(wanted: str, fields: dict[str, Getter]) -> Callable[[Path], Getter]:
    """`request` and `response`: the first line of a message of that kind, and its parts."""

    def of_kind(read: Getter) -> Getter:
        return lambda msg: read(msg) if getattr(msg, wanted) else None

    def build(path: Path) -> Getter:
        if not path:
            return of_kind(_first_line)
        if path[0].text not in fields:
            raise ValueError(f"a first line has no part {path[0].text}")
        read = of_kind(fields[path[0].text])
        if path[0].text == "uri":
            return parts.uri(read, path[1:])
        parts.none_left(path[1:])
        return read

    return build


_REQUEST = _line("is_request", {"method": lambda msg: msg.method_name, "uri": lambda msg: msg.ruri,
                                "version": lambda msg: msg.version})  # fmt: skip
_STATUS: Getter = lambda msg: b"%d" % msg.status  # noqa: E731
_RESPONSE = _line("is_reply", {"status": _STATUS, "code": _STATUS, "reason": lambda msg: msg.reason,
                               "version": lambda msg: msg.version})  # fmt: skip
_MESSAGE: dict[str, Callable[[Path], Getter]] = {
    "first_line": _plain(_first_line), "flags": _plain(lambda msg: b"%d" % msg.flags),
    "len": _plain(lambda msg: b"%d" % len(msg.buf)), "type": _plain(lambda msg: b"1" if msg.is_request else b"2"),
    "id": _id, "body": _body, "content": _body, "header": _header, "h": _header, "request": _REQUEST, "req": _REQUEST,
    "response": _RESPONSE, "res": _RESPONSE,
}  # fmt: skip


# sys


def system(path: Path) -> Getter:
    """`sys.pid`, `sys.unique`, `sys.now`, `sys.now.local["format"]`, `sys.now.gmt[...]`, `sys.server_id`."""
    name = path[0].text if path else ""
    if name == "now" and len(path) > 1:
        return _now(path[1:])
    plain: dict[str, Getter] = {
        "pid": lambda msg: b"%d" % os.getpid(), "now": lambda msg: b"%d" % time.time(),
        "unique": lambda msg: b"%x-%08x-%08x" % (os.getpid(), START & 0xFFFFFFFF, msg.id), "server_id": _server_id,
    }  # fmt: skip
    if name not in plain:
        raise ValueError("sys has pid, unique, now and server_id")
    parts.none_left(path[1:])
    return plain[name]


START = time.time_ns()


def _server_id(msg: Any) -> Value:
    from ...script import script

    return b"%d" % script.params.server_id


def _now(path: Path) -> Getter:
    zone, form = path[0].text, path[1].text if len(path) > 1 else "%c"
    if zone not in ("local", "gmt"):
        raise ValueError("sys.now has local and gmt")
    parts.none_left(path[2:])
    clock = time.localtime if zone == "local" else time.gmtime
    return lambda msg: time.strftime(form, clock()).encode("latin-1", "replace")


# branch


def branch(path: Path) -> Getter:
    """`branch.count`, `branch.uri[N]...` from 0: the additional branches; without a number all, separated by commas."""
    name = path[0].text if path else ""
    if name == "count":
        parts.none_left(path[1:])
        return lambda msg: b"%d" % dset.branch_count(msg)
    if name not in _BRANCH:
        raise ValueError("a branch has count, uri, dst_uri, uriq and q")
    part, path = _BRANCH[name], path[1:]
    number = path[0].number if path else None

    def read(msg: Any) -> Value:
        found = dset.branches(msg)
        if number is None:
            return b",".join(part(one) or b"" for one in found) or None
        return part(found[number]) if 0 <= number < len(found) else None

    return parts.uri(read, path[1:] if number is not None else path)


def _q(one: dset.Branch) -> bytes | None:
    return None if one.q < 0 else b"%.3g" % (one.q / 1000)


def _uri_with_q(one: dset.Branch) -> bytes:
    q = _q(one)
    return one.uri if q is None else b"<" + one.uri + b">;q=" + q


_BRANCH: dict[str, Callable[[dset.Branch], bytes | None]] = {
    "uri": lambda one: one.uri, "dst_uri": lambda one: one.dst_uri, "q": _q, "uriq": _uri_with_q,
}  # fmt: skip


# custom parameters, the next hop


def custom(path: Path) -> Getter:
    """`cfg_get.group.name`."""
    from .script import custom as value
    from .script import parse_custom

    if len(path) != 2:
        raise ValueError("cfg_get takes group.name")
    parameter = parse_custom(f"{path[0].text}.{path[1].text}".encode("latin-1"))

    def get(msg: Any) -> Value:
        found = value(msg, parameter)
        return b"%d" % found if isinstance(found, int) else found  # a select is a text

    return get


def selected(path: Path) -> Getter:
    """`cfg_selected.group`: the instance that cfg_select() chose."""
    if len(path) != 1:
        raise ValueError("cfg_selected takes group")
    group = path[0].text

    def get(msg: Any) -> Value:
        number = runtime.selected(group)
        return None if number is None else b"%d" % number

    return get


def next_hop(path: Path) -> Getter:
    """The URI that the request goes to, and `src_ip`, where it would leave."""
    if [step.text for step in path] == ["src_ip"]:
        return _leaving_from
    return parts.uri(lambda msg: msg.next_hop, path)


def _leaving_from(msg: Any) -> Value:
    from ...msg.forward import find_next_hop
    from ...net.sockets import sockets

    return sockets()[_dest.sock].ip if msg.is_request and find_next_hop(msg, _dest) >= 0 else None
