"""The socket to send from and the address that Via and Record-Route show."""

from collections.abc import Callable
from typing import Any

from ...cfg.argtypes import Raw
from ...src.native import lib
from ..errors import SocketError
from ..log import logger
from ..msg.forward import MTU_FLAGS
from ..msg.lumps import LumpError, set_edit_text
from ..net.addr import is_wildcard
from ..net.resolve import resolve_host
from ..net.sockets import parse_address, plan
from ..pv.variables.destination import force_socket
from ..sr_module import CmdExport

log = logger(__name__)
_ALL_MTU_FLAGS = sum(MTU_FLAGS.values())


def force_send_socket(msg: Any, text: bytes) -> int:
    """Send from the listening socket `[proto:]host[:port]`; without one a warning."""
    if not force_socket(msg, text):
        log.warning("force_send_socket: nothing listens on %s", text.decode("latin-1"))
        return -1
    return 1


def must_listen(text: bytes | None) -> None:
    """At load: a constant socket must be one of those that the configuration listens on."""
    from ..script import script

    if text is None:
        return
    try:
        wanted = parse_address(text.decode("latin-1"))
        planned = plan(script.params, script.listen, getattr(script.options, "listen", ()))
    except SocketError as error:
        raise ValueError(str(error)) from None
    if any(info.name == text or is_wildcard(info.ip) for info in planned):
        return
    port = wanted.port or script.params.port
    ips = resolve_host(wanted.hosts[0].encode("latin-1"))
    if not any(info.ip in ips and info.port == port for info in planned):
        raise ValueError(f"nothing listens on {text.decode('latin-1')}")


def _advertise(part: int) -> Callable[[Any, bytes], int]:
    def function(msg: Any, text: bytes) -> int:
        try:
            set_edit_text(msg, part, text)
        except LumpError:
            return -1
        return 1

    return function


def udp_mtu_try_proto(msg: Any, proto: bytes) -> int:
    """By this stream when the request is longer than udp_mtu; a datagram protocol takes that back."""
    edits = msg.edits
    edits.flags = edits.flags & ~_ALL_MTU_FLAGS | MTU_FLAGS.get(proto.decode("latin-1").upper(), 0)
    return 1


SENDING = (
    CmdExport("force_send_socket", force_send_socket, (Raw,), declare=must_listen),
    CmdExport("set_advertised_address", _advertise(lib.KH_EDP_ADV_HOST), (Raw,)),
    CmdExport("set_advertised_port", _advertise(lib.KH_EDP_ADV_PORT), (Raw,)),
    CmdExport("udp_mtu_try_proto", udp_mtu_try_proto, (Raw,)),
)
