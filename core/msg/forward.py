"""Forwarding without a transaction (RFC 3261 16.11, 18.2.2).

One call of the kernel part does it when the next hop is a literal address; a host name is resolved here first.
"""

from collections.abc import Callable
from itertools import islice
from typing import Any

from ...parser.uri import try_parse_uri
from ...src.native import ffi, lib
from ..log import logger
from ..net.sip_resolve import SERVERS_MAX, Server, sip_resolvehost
from ..net.sockets import check_self
from ..net.transports import labelled, labels
from . import onsend, translate

log = logger(__name__)

_forward, _forward_reply, _NOT_FOUND = lib.kh_forward, lib.kh_forward_reply, lib.KH_ENOTFOUND
_dest = lib.kh_scratch_dest()
# Kamailio's codes: the destination means nothing; sending failed; no socket of ours fits
E_BAD_ADDRESS, E_SEND, E_NO_SOCKET = -478, -477, -7
_MSG_MAX = lib.KH_MSG_MAX
MTU_FLAGS = {"TCP": lib.KH_ED_MTU_TCP, "TLS": lib.KH_ED_MTU_TLS}  # what udp_mtu_try_proto names
check_via = False  # core parameter: replies whose top Via is not ours are dropped


class State:
    """Of this process."""

    mtu = 0  # core parameter udp_mtu, bytes


def forward_request(msg: Any, uri: bytes | None = None) -> int:
    """Send the request to `uri`, or to its next hop; 1, or -478 (the destination means nothing), -477 (it cannot be
    sent), -7 (no socket fits), -1 (dropped).

    The Request-URI stays what it is, whatever `uri` says.
    """
    edits = msg.edits
    if uri is not None:
        lib.kh_text_set(edits, lib.KH_EDP_DST_URI, uri, len(uri))
    return labelled(msg, _send_request, msg) if labels and msg.xavps else _send_request(msg)


def _send_request(msg: Any) -> int:
    edits = msg.edits
    if onsend.route() is not None:
        return forward_by_onsend(msg)
    code = _forward(msg.c, edits)
    if code == _NOT_FOUND:
        others: list[Server] | None = [] if wants_failover() else None
        code = find_next_hop(msg, _dest, others)
        if code >= 0:
            code = lib.kh_forward_to(msg.c, edits, _dest)
            if code == lib.KH_ESEND and others:
                code = try_others(msg, _dest, others, lambda: lib.kh_forward_to(msg.c, edits, _dest))
    return 1 if code >= 0 else failed(msg, code)


def forward_by_onsend(msg: Any) -> int:
    """As above, with onsend_route in between; it may drop the request."""
    code = find_next_hop(msg, _dest)
    if code >= 0:
        fit_length(msg, _dest)
        if onsend.keeps_back(msg, _dest, lambda: translate.build_req_buf_from_sip_req(msg, _dest)):
            return -1
        code = lib.kh_forward_to(msg.c, msg.edits, _dest)
    return 1 if code >= 0 else failed(msg, code)


def failed(msg: Any, code: int) -> int:
    """What the script gets for an error of the kernel part; remembered for sl_reply_error()."""
    lib.kh_counter_add(lib.KH_CNT_ERR_REQUESTS, 1)
    log.debug("a request cannot be forwarded: %d", code)
    if code in (lib.KH_EMALFORMED, _NOT_FOUND):
        msg.reply_error = (478, b"Unresolvable destination (478/SL)")
        return E_BAD_ADDRESS
    if code == lib.KH_ETOOBIG:
        msg.reply_error = (513, b"Message too big (513/SL)")
    elif code == lib.KH_ENOSOCK:
        msg.reply_error = (500, b"I'm terribly sorry, server error occurred (7/SL)")
        return E_NO_SOCKET
    else:
        msg.reply_error = (477, b"Unfortunately error on sending to next hop occurred (477/SL)")
    return E_SEND


# where to


def find_next_hop(msg: Any, dest: Any, others: list[Server] | None = None) -> int:
    """Fill a kh_dest with the next hop, names resolved and the socket chosen. KH_OK or KH_E*.

    `others` gets the servers of the host that come after the chosen one.
    """
    code: int = lib.kh_next_hop(dest, msg.c, msg.edits)
    if code != _NOT_FOUND:
        return code
    start = ffi.new("char **")
    length = lib.kh_next_hop_uri(msg.c, msg.edits, start)
    return resolve_dest(msg, dest, ffi.unpack(start[0], length), others)


def wants_failover() -> bool:
    """Is the next server of a host to be tried when one cannot be sent to (RFC 3263 section 4.3)?"""
    from ..script import script

    return bool(script.params.use_dns_failover)


def try_others(msg: Any, dest: Any, others: list[Server], send: Callable[[], int]) -> int:
    """Send to the servers that are left, one after the other, until one can be sent to; what the last try said.

    `send` uses `dest`; the servers that were tried are taken out of `others`.
    """
    code: int = lib.KH_ESEND
    while others and code == lib.KH_ESEND:
        code = to_server(msg, dest, others.pop(0))
        if code >= 0:
            code = send()
        elif code == lib.KH_ENOSOCK:
            code = lib.KH_ESEND
    return code


def fit_length(msg: Any, dest: Any) -> None:
    """A request that is longer than udp_mtu gets a stream as its destination; for routes that look at it before it is
    sent (sending sees to it by itself)."""
    if State.mtu:
        size = lib.kh_build_request(msg.c, msg.edits, dest, ffi.NULL, 0, ffi.NULL, 0, lib.kh_send_reserve(), _MSG_MAX)
        lib.kh_mtu_switch(dest, msg.c, msg.edits, size)


def set_mtu(params: Any) -> int:
    """udp_mtu and udp_mtu_try_proto, main process: the flags (enum kh_edits_flags) that every message starts with."""
    State.mtu = params.udp_mtu
    lib.kh_mtu_options(params.udp_mtu)
    return MTU_FLAGS.get((params.udp_mtu_try_proto or "").upper(), 0)


def dest_of_uri(msg: Any, text: bytes, dest: Any, proto: int = 0) -> int:
    """Fill a kh_dest with where a URI leads (with `proto` by that, whatever it says), names resolved and the socket
    chosen. KH_OK or KH_E*."""
    code: int = lib.kh_dest_of_uri(dest, text, len(text), proto)
    if code == _NOT_FOUND:
        return resolve_dest(msg, dest, text)
    return code if code < 0 else choose_socket(msg, dest)


def resolve_dest(msg: Any, dest: Any, text: bytes, others: list[Server] | None = None) -> int:
    """The rest of kh_dest_of_uri when the host is a name."""
    uri = try_parse_uri(text)
    return fill_dest(msg, dest, uri.maddr_val or uri.host, others) if uri else lib.KH_EMALFORMED


def fill_dest(msg: Any, dest: Any, host: bytes | None, others: list[Server] | None = None) -> int:
    """Put the first server of a host that we have a socket for into a kh_dest that has what the URI said: protocol and
    port, or 0."""
    to = dest.to
    code: int = _NOT_FOUND
    servers = sip_resolvehost(host, to.port, to.proto) if host else iter(())
    for server in servers:
        code = to_server(msg, dest, server)
        if code >= 0:
            break
    if others is not None:
        others.extend(islice(servers, SERVERS_MAX))
    return code


def to_server(msg: Any, dest: Any, server: Server) -> int:
    """Put one server and the socket to send from into a kh_dest; KH_ENOSOCK when there is none."""
    proto, ip, port = server
    to = dest.to
    to.proto, to.port = proto, port
    lib.kh_addr_parse(ffi.addressof(to), ip, len(ip))
    return choose_socket(msg, dest)


def choose_socket(msg: Any, dest: Any) -> int:
    """Put the socket to send from into a kh_dest; KH_ENOSOCK when there is none."""
    code: int = lib.kh_sock_pick(msg.c, msg.edits, ffi.addressof(dest.to))
    if code < 0:
        return code
    dest.sock = code
    return lib.KH_OK


def send_as_received(msg: Any, uri: bytes, proto: int) -> int:
    """The bytes that arrived to where a URI leads, by a protocol, at once, without Via and edits; 1 or -1."""
    return send_data(msg, uri, msg.received(0, msg.c.len), proto=proto)


def send_data(msg: Any, uri: bytes, data: bytes, socket: int | None = None, proto: int = 0) -> int:
    """Any data to where a URI leads, at once, perhaps from a given socket of ours; 1 or -1."""
    if dest_of_uri(msg, uri, _dest, proto) < 0:
        return -1
    if socket is not None:
        _dest.sock = socket
    return 1 if lib.kh_send_now(_dest, data, len(data)) >= 0 else -1


# replies


def forward_reply(msg: Any) -> int:
    """Take our Via off and send the reply to the one below; 1, or -1."""
    if check_via and not top_via_is_ours(msg):
        return lose_reply(lib.KH_CNT_DROP_REPLIES)
    if onsend.sees_replies():
        return reply_by_onsend(msg)
    code = _forward_reply(msg.c, msg.edits)
    if code == _NOT_FOUND:
        code = fill_dest(msg, _dest, msg.via2_host)
        if code >= 0:
            code = lib.kh_forward_reply_to(msg.c, msg.edits, _dest)
    return 1 if code >= 0 else reply_failed(code)


def reply_by_onsend(msg: Any) -> int:
    """As above, with onsend_route in between; it may drop the reply."""
    code = lib.kh_reply_next_hop(_dest, msg.c, msg.edits)
    if code == _NOT_FOUND:
        code = fill_dest(msg, _dest, msg.via2_host)
    if code < 0:
        return reply_failed(code)
    if onsend.keeps_back_reply(msg, _dest):
        return lose_reply(lib.KH_CNT_DROP_REPLIES)
    code = lib.kh_forward_reply_to(msg.c, msg.edits, _dest)
    return 1 if code >= 0 else reply_failed(code)


def reply_failed(code: int) -> int:
    """A reply that finds no way back."""
    log.debug("a reply cannot be forwarded: %d", code)
    return lose_reply(lib.KH_CNT_ERR_REPLIES)


def lose_reply(counter: int) -> int:
    """Count a reply that goes no further; -1."""
    lib.kh_counter_add(counter, 1)
    return -1


def top_via_is_ours(msg: Any) -> bool:
    """RFC 3261 16.7 item 3; port as in the Via or the default."""
    via = msg.c.via1
    return check_self(msg.via1_host or b"", via.port or lib.kh_default_port(via.proto))
