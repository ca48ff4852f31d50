"""Stateless forwarding, sockets and the Via of this message."""

from collections.abc import Callable

from ...cfg.argtypes import Int, Raw
from ...parser.msg import SipMsg
from ...parser.uri import try_parse_uri
from ...src.native import lib
from ..msg.forward import E_BAD_ADDRESS, forward_request
from ..net.sockets import find_socket
from ..sr_module import CmdExport

Function = Callable[..., int]
URI_HOST, URI_PORT = b"uri:host", b"uri:port"


def forward(msg: SipMsg) -> int:
    """Forwards without state to $du or the Request-URI: 1, or a negative code."""
    return forward_request(msg)


def _forward_by(transport: bytes) -> Function:
    """forward(host[, port]) and its forms with a transport; the Request-URI is left as it is."""

    def forward_to(msg: SipMsg, host: bytes, port: bytes = b"") -> int:
        uri = try_parse_uri(msg.ruri)
        if host == URI_HOST:
            if uri is None:
                return E_BAD_ADDRESS
            host = uri.host
            port = port or uri.port
        if port == URI_PORT:
            port = uri.port if uri is not None else b""
        target = b"sip:" + host + (b":" + port if port else b"")
        return forward_request(msg, target + (b";transport=" + transport if transport else b""))

    return forward_to


def force_rport(msg: SipMsg) -> int:
    """Replies go to where the request came from, as if its Via had rport (RFC 3581)."""
    msg.edits.flags |= lib.KH_ED_FORCE_RPORT
    return 1


def add_local_rport(msg: SipMsg) -> int:
    """Puts rport into our own Via."""
    msg.edits.flags |= lib.KH_ED_LOCAL_RPORT
    return 1


def _text_setter(part: int) -> Function:
    def set_text(msg: SipMsg, text: bytes) -> int:
        return 1 if lib.kh_text_set(msg.edits, part, text, len(text)) >= 0 else -1

    return set_text


def set_advertised_port(msg: SipMsg, port: int) -> int:
    """The port that our Via and Record-Route show for this message."""
    text = b"%d" % port
    if not 0 < port < 65536:
        return -1
    return 1 if lib.kh_text_set(msg.edits, lib.KH_EDP_ADV_PORT, text, len(text)) >= 0 else -1


def force_send_socket(msg: SipMsg, text: bytes) -> int:
    """Sends from the listening socket `[proto:]host[:port]`; -1 when there is none."""
    socket = find_socket(text)
    if socket is None:
        return -1
    msg.edits.sock = socket.index
    return 1


def accepted(msg: SipMsg, *_: object) -> int:
    """Settings of stream connections: on datagrams there is nothing to set."""
    return 1


_FORWARDS = [
    CmdExport(name, _forward_by(transport), (Raw, Raw), min_params=1)
    for name, transport in (
        ("forward", b""), ("forward_udp", b"udp"), ("forward_tcp", b"tcp"), ("forward_tls", b"tls"),
        ("forward_sctp", b"sctp"),
    )
]  # fmt: skip
COMMANDS = [
    CmdExport("forward", forward),
    *_FORWARDS,
    CmdExport("force_rport", force_rport, aliases=("add_rport",)),
    CmdExport("add_local_rport", add_local_rport, aliases=("force_local_rport",)),
    CmdExport("set_advertised_address", _text_setter(lib.KH_EDP_ADV_HOST), (Raw,)),
    CmdExport("set_advertised_port", set_advertised_port, (Int,)),
    CmdExport("force_send_socket", force_send_socket, (Raw,)),
    CmdExport("force_tcp_alias", accepted, (Int,), min_params=0, aliases=("add_tcp_alias",)),
    CmdExport("udp_mtu_try_proto", accepted, (Raw,)),
    CmdExport("set_forward_no_connect", accepted),
    CmdExport("set_forward_close", accepted),
    CmdExport("set_reply_no_connect", accepted),
    CmdExport("set_reply_close", accepted),
]
