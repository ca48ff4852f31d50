"""Forwarding without a transaction (RFC 3261 16.11, 18.2.2).

One call of the kernel part does it when the next hop is a literal address; a host name is resolved here first.
"""

from itertools import islice
from typing import Any

from ...parser.uri import try_parse_uri
from ...src.native import ffi, lib
from ..log import logger
from ..net.sip_resolve import SERVERS_MAX, Server, sip_resolvehost
from ..net.sockets import check_self
from . import onsend, translate

log = logger(__name__)

_forward, _forward_reply, _NOT_FOUND = lib.kh_forward, lib.kh_forward_reply, lib.KH_ENOTFOUND
_dest = lib.kh_scratch_dest()
E_BAD_ADDRESS, E_SEND = -478, -477  # Kamailio's codes: the destination means nothing; sending failed
check_via = False  # core parameter: replies whose top Via is not ours are dropped


def forward_request(msg: Any, uri: bytes | None = None) -> int:
    """Send the request to `uri`, or to its next hop; 1, or -478 (the destination means nothing), -477, -1 (dropped).

    The Request-URI stays what it is, whatever `uri` says.
    """
    edits = msg.edits
    if uri is not None:
        lib.kh_text_set(edits, lib.KH_EDP_DST_URI, uri, len(uri))
    if onsend.route() is not None:
        return forward_by_onsend(msg)
    code = _forward(msg.c, edits)
    if code == _NOT_FOUND:
        code = find_next_hop(msg, _dest)
        if code >= 0:
            code = lib.kh_forward_to(msg.c, edits, _dest)
    return 1 if code >= 0 else failed(msg, code)


def forward_by_onsend(msg: Any) -> int:
    """As above, with onsend_route in between; it may drop the request."""
    code = find_next_hop(msg, _dest)
    if code >= 0:
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


def dest_of_uri(msg: Any, text: bytes, dest: Any) -> int:
    """Fill a kh_dest with where a URI leads, names resolved and the socket chosen. KH_OK or KH_E*."""
    code: int = lib.kh_dest_of_uri(dest, text, len(text))
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
    for proto, ip, port in servers:
        to.proto, to.port = proto, port
        lib.kh_addr_parse(ffi.addressof(to), ip, len(ip))
        code = choose_socket(msg, dest)
        if code >= 0:
            break
    if others is not None:
        others.extend(islice(servers, SERVERS_MAX))
    return code


def choose_socket(msg: Any, dest: Any) -> int:
    """Put the socket to send from into a kh_dest; KH_ESEND when there is none."""
    code: int = lib.kh_sock_pick(msg.c, msg.edits, ffi.addressof(dest.to))
    if code < 0:
        return code
    dest.sock = code
    return lib.KH_OK


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
