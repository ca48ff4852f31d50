"""Selects: `$sel(path)`, also written `@path`. A path is a root and, for URIs and headers, a part of it."""

from collections.abc import Callable
from typing import Any

from ....parser.nameaddr import parse_nameaddr
from ....parser.uri import try_parse_uri
from ..exports import Getter, PvExport, Value
from .select_indexed import parse_indexed

_URI_PARTS: dict[str, Callable[[Any], Value]] = {
    "type": lambda uri: uri.scheme,
    "user": lambda uri: uri.user,
    "rn_user": lambda uri: uri.user.partition(b";")[0],
    "pwd": lambda uri: uri.passwd,
    "host": lambda uri: uri.host,
    "port": lambda uri: uri.port,
    "hostport": lambda uri: b"%s:%d" % (uri.host, uri.send_port),
    "transport": lambda uri: uri.transport_val,
    "params": lambda uri: uri.params,
}
_URIS: dict[str, Getter] = {
    "ruri": lambda msg: msg.ruri, "request_uri": lambda msg: msg.ruri, "dst_uri": lambda msg: msg.dst_uri,
    "next_hop": lambda msg: msg.next_hop,
}  # fmt: skip
_ADDRESSES: dict[str, Getter] = {
    "from": lambda msg: msg.from_, "f": lambda msg: msg.from_, "to": lambda msg: msg.to, "t": lambda msg: msg.to,
    "contact": lambda msg: msg.contact, "m": lambda msg: msg.contact,
    "record_route": lambda msg: msg.record_route, "rr": lambda msg: msg.record_route,
    "refer_to": lambda msg: msg.header(b"Refer-To"), "remote_party_id": lambda msg: msg.header(b"Remote-Party-ID"),
    "rpid": lambda msg: msg.header(b"Remote-Party-ID"),
}  # fmt: skip
_HEADERS = frozenset(
    (
        "event", "expires", "max_forwards", "content_type", "content_length", "subject", "organization", "priority",
        "session_expires", "min_se", "user_agent", "sip_if_match", "date", "identity", "identity_info",
    )
)  # fmt: skip
_PLAIN: dict[str, Getter] = {
    "method": lambda msg: msg.method_name,
    "version": lambda msg: msg.version,
    "status": lambda msg: b"%d" % msg.status if msg.is_reply else None,
    "code": lambda msg: b"%d" % msg.status if msg.is_reply else None,
    "reason": lambda msg: msg.reason,
    "call_id": lambda msg: msg.callid,
    "cseq": lambda msg: msg.header(b"CSeq"),
    "cseq.num": lambda msg: b"%d" % msg.cseq_num,
    "cseq.method": lambda msg: msg.cseq_method,
    "msg": lambda msg: msg.buf,
    "msg.len": lambda msg: b"%d" % len(msg.buf),
    "msg.first_line": lambda msg: msg.buf.partition(b"\r\n")[0],
    "msg.id": lambda msg: b"%d" % msg.id,
    "msg.body": lambda msg: msg.body,
    "src.ip": lambda msg: msg.rcv.src_ip,
    "src.port": lambda msg: b"%d" % msg.rcv.src_port,
    "src.ip_port": lambda msg: b"%s:%d" % (msg.rcv.src_ip, msg.rcv.src_port),
    "dst.ip": lambda msg: msg.rcv.dst_ip,
    "dst.port": lambda msg: b"%d" % msg.rcv.dst_port,
    "dst.ip_port": lambda msg: b"%s:%d" % (msg.rcv.dst_ip, msg.rcv.dst_port),
    "received.ip": lambda msg: msg.rcv.dst_ip,
    "received.port": lambda msg: b"%d" % msg.rcv.dst_port,
    "received.proto": lambda msg: msg.rcv.proto_name,
    "received.ip_port": lambda msg: b"%s:%d" % (msg.rcv.dst_ip, msg.rcv.dst_port),
    "received.proto_ip_port": lambda msg: b"%s:%s:%d" % (msg.rcv.proto_name, msg.rcv.dst_ip, msg.rcv.dst_port),
}


def parse_select(text: bytes) -> Getter:
    """A getter for a path; ValueError for one that does not exist."""
    path = text.strip().decode("latin-1")
    if path in _PLAIN:
        return _PLAIN[path]
    root, _, rest = path.partition(".")
    if root in _URIS:
        return _uri(_URIS[root], rest)
    if root in _ADDRESSES:
        return _address(_ADDRESSES[root], rest)
    if root in _HEADERS and not rest:
        return _header(root.replace("_", "-").encode())
    if root in ("cfg_get", "cfg") and rest.count(".") == 1:
        return _custom(rest)
    found = parse_indexed(path)
    if found is not None:
        return found
    raise ValueError(f"the select @{path} does not exist")


def _header(name: bytes) -> Getter:
    return lambda msg: msg.header(name)


def _custom(path: str) -> Getter:
    from .script import custom, parse_custom

    parameter = parse_custom(path.encode())
    return lambda msg: custom(msg, parameter)


def _uri(read: Getter, rest: str) -> Getter:
    if not rest:
        return read
    part = _uri_part(rest)

    def get(msg: Any) -> Value:
        uri = try_parse_uri(read(msg))  # type: ignore[arg-type]
        return None if uri is None else part(uri)

    return get


def _uri_part(rest: str) -> Callable[[Any], Value]:
    if rest.startswith("params."):
        name = rest[7:].encode().lower()
        return lambda uri: uri.param_dict.get(name)
    if rest not in _URI_PARTS:
        raise ValueError(f"a URI has no part {rest}")
    return _URI_PARTS[rest]


def _address(read: Getter, rest: str) -> Getter:
    if not rest:
        return read
    if rest == "uri" or rest.startswith("uri."):
        tail = rest[4:]
        return _uri(_nameaddr(read, lambda a: a.uri), tail)
    if rest == "name":
        return _nameaddr(read, lambda a: a.display_text)
    name = rest.removeprefix("params.").encode().lower()
    return _nameaddr(read, lambda a: a.param(name))


def _nameaddr(read: Getter, part: Callable[[Any], Value]) -> Getter:
    def get(msg: Any) -> Value:
        body = read(msg)
        try:
            return part(parse_nameaddr(body)) if isinstance(body, bytes) else None
        except ValueError:
            return None

    return get


def _evaluate(msg: Any, read: Getter) -> Value:
    return read(msg)


SELECT = (PvExport("sel", parse_name=parse_select, get=_evaluate),)
