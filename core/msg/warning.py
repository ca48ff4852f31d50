"""sip_warning: a Warning header (RFC 3261 20.43) in replies made here that tells a developer what the server saw."""

import contextlib
import os
from typing import Any

from ..net import sockets
from .lumps import LumpError, add_lump_rpl
from .script_cb import PRE_SCRIPT_CB, REQUEST_CB, register_script_cb

CODE = 392  # Kamailio's
VIA = b"Via"


def warn(msg: Any) -> int:
    """Callback before the script: the line that each reply to this request gets."""
    rcv, own = msg.rcv, sockets.sockets()[msg.rcv.socket]
    seen = b"pid=%d req_src_ip=%s req_src_port=%d in_uri=%s via_cnt==%d" % (
        os.getpid(), rcv.src_ip, rcv.src_port, (msg.ruri or b"").replace(b'"', b"'"), len(msg.headers(VIA)),
    )  # fmt: skip
    with contextlib.suppress(LumpError):  # no room for it: the reply goes without
        add_lump_rpl(msg, b'Warning: %d %s:%d "Noisy feedback tells: %s"\r\n' % (CODE, own.host, own.port, seen))
    return 1


def set_up(on: bool) -> None:
    """Main process, before the fork."""
    if on:
        register_script_cb(warn, PRE_SCRIPT_CB | REQUEST_CB)
