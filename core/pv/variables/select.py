"""Selects: `$sel(path)`, also written `@path`: a root, and a part of it behind dots and in brackets."""

import difflib
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from ...log import logger
from ..exports import Getter, PvExport, Value
from . import select_parts as parts
from . import select_roots as roots
from .select_parts import Path, Step

log = logger(__name__)
_STEP = re.compile(r"""\.?(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|\[(?P<number>-?[0-9]{1,9})\]|\[(["'])(?P<key>.*?)\3\]""")
_CONTACT = ("q", "expires", "methods", "received", "instance")

Root = Callable[[Path], Getter]


def _header(name: str) -> Root:
    wanted = name.replace("_", "-").encode()

    def build(path: Path) -> Getter:
        parts.none_left(path)
        return lambda msg: msg.header(wanted)

    return build


def _choice(fields: dict[str, Getter]) -> Root:
    """A root with plain parts; "" is the root alone, where it has a value."""

    def build(path: Path) -> Getter:
        name = path[0].text if path else ""
        if name not in fields:
            raise ValueError(f"it has {', '.join(filter(None, fields))}")
        parts.none_left(path[1:])
        return fields[name]

    return build


def _uri(read: Getter) -> Root:
    return partial(parts.uri, read)


def _address(read: Getter, params: tuple[str, ...] = ()) -> Root:
    return lambda path: parts.name_addr(read, path, params)


def _status(msg: Any) -> Value:
    return b"%d" % msg.status if msg.is_reply else None


def _ip_port(ip: bytes, port: int) -> bytes:
    return b"%s:%d" % (ip, port)


ROOTS: dict[str, Root] = {
    "ruri": _uri(lambda msg: msg.ruri), "dst_uri": _uri(lambda msg: msg.dst_uri), "next_hop": roots.next_hop,
    "from": _address(lambda msg: msg.from_), "to": _address(lambda msg: msg.to),
    "contact": _address(lambda msg: msg.contact, _CONTACT), "record_route": _address(lambda msg: msg.record_route),
    "refer_to": _address(lambda msg: msg.header(b"Refer-To")),
    "remote_party_id": _address(lambda msg: msg.header(b"Remote-Party-ID")),
    "via": parts.via, "msg": roots.message, "sys": roots.system, "branch": roots.branch, "cfg_get": roots.custom,
    "cfg_selected": roots.selected, "authorization": partial(parts.credentials, b"Authorization"),
    "proxy_authorization": partial(parts.credentials, b"Proxy-Authorization"),
    "cseq": _choice({"": lambda msg: msg.header(b"CSeq"), "num": lambda msg: b"%d" % msg.cseq_num,
                     "method": lambda msg: msg.cseq_method}),
    "src": _choice({"ip": lambda msg: msg.rcv.src_ip, "port": lambda msg: b"%d" % msg.rcv.src_port,
                    "ip_port": lambda msg: _ip_port(msg.rcv.src_ip, msg.rcv.src_port)}),
    "dst": _choice({"ip": lambda msg: msg.rcv.dst_ip, "port": lambda msg: b"%d" % msg.rcv.dst_port,
                    "ip_port": lambda msg: _ip_port(msg.rcv.dst_ip, msg.rcv.dst_port)}),
    "received": _choice({
        "proto": lambda msg: msg.rcv.proto_name, "ip": lambda msg: msg.rcv.dst_ip,
        "port": lambda msg: b"%d" % msg.rcv.dst_port, "ip_port": lambda msg: _ip_port(msg.rcv.dst_ip, msg.rcv.dst_port),
        "proto_ip_port": lambda msg: msg.rcv.proto_name + b":" + _ip_port(msg.rcv.dst_ip, msg.rcv.dst_port),
    }),
    "method": _choice({"": lambda msg: msg.method_name}), "version": _choice({"": lambda msg: msg.version}),
    "status": _choice({"": _status}), "reason": _choice({"": lambda msg: msg.reason}),
    "call_id": _choice({"": lambda msg: msg.callid}),
    **{name: _header(name) for name in (
        "event", "expires", "max_forwards", "content_type", "content_length", "subject", "organization", "priority",
        "session_expires", "min_se", "user_agent", "sip_if_match", "date", "identity", "identity_info",
    )},
}  # fmt: skip
ALIASES = {"request_uri": "ruri", "f": "from", "t": "to", "m": "contact", "rr": "record_route", "v": "via",
           "message": "msg", "rpid": "remote_party_id", "code": "status", "cfg": "cfg_get"}  # fmt: skip
#: roots that loaded modules bring: name -> what makes a getter of the steps behind it, or raises ValueError
MODULE_ROOTS: dict[str, Root] = {}
#: roots of Kamailio's modules that are not loaded, or have none here: taken, always undefined
FOREIGN = frozenset(
    ("tls", "tm", "timer", "avp", "nathelper", "db", "hf_value", "hf_value2", "hf_value_exists", "hf_value_urn")
)  # fmt: skip


def parse_path(text: str) -> Path:
    """The steps of a path; ValueError when it is none."""
    steps, at = [], 0
    while at < len(text):
        m = _STEP.match(text, at)
        if m is None or (at == 0 and m.start("name") != 0) or (at and m["name"] and text[at] != "."):
            raise ValueError(f"@{text} is no select")
        number = m["number"]
        steps.append(Step(m["name"] or m["key"] or "", int(number) if number else None, m["key"] is not None))
        at = m.end()
    if not steps:
        raise ValueError("a select has a name")
    return tuple(steps)


def parse_select(text: bytes) -> Getter:
    """A getter for a path; ValueError for one that does not exist."""
    path = text.strip().decode("latin-1")
    root, *rest = parse_path(path)
    build = MODULE_ROOTS.get(root.text) or ROOTS.get(ALIASES.get(root.text, root.text))
    if build is None and root.text in FOREIGN:
        log.notice("the select @%s belongs to a module that is not there: it is always undefined", path)
        return lambda msg: None
    if build is None:
        near = difflib.get_close_matches(root.text, [*ROOTS, *ALIASES], 1)
        raise ValueError(f"the select @{path} does not exist" + (f' (did you mean "@{near[0]}"?)' if near else ""))
    try:
        return build(tuple(rest))
    except ValueError as error:
        raise ValueError(f"the select @{path} does not exist: {error}") from None


def _evaluate(msg: Any, read: Getter) -> Value:
    return read(msg)


SELECT = (PvExport("sel", parse_name=parse_select, get=_evaluate),)
