"""Replies without a transaction: built and queued in one step of the kernel part.

The to-tag carries a signature, so that any worker knows the ACK to such a reply and can absorb it (modules/sl).
"""

import os
from typing import Any

from ...src.native import ffi, lib
from .. import info
from ..log import logger
from .dset import destinations
from .lumps import LUMP_RPL_HDR, add_lump_rpl

log = logger(__name__)

_sl_reply, _REQUEST, _ACK = lib.kh_sl_reply, lib.KH_F_REQUEST, lib.KH_M_ACK


class Errors:
    """Replies of this process that could not be built or sent."""

    count = 0


def set_server_header(params: Any) -> None:
    """Main process: the Server line of all replies made here, and a new key for their to-tags."""
    line = b""
    if params.server_signature:
        line = (params.server_header or b"Server: " + info.SIGNATURE.encode()) + b"\r\n"
    key = int.from_bytes(os.urandom(8), "little")
    if lib.kh_sl_setup(line, len(line), key) < 0:
        log.error("server_header is longer than the limit and left out")
        lib.kh_sl_setup(b"", 0, key)


def send_reply(msg: Any, code: int, reason: bytes) -> bool:
    """Answer the request in hand; a 3xx names the destination set as Contact. False when it could not be built or sent.

    An ACK is never answered (RFC 3261 17.1.1.3).
    """
    facts = msg.facts
    if facts & _ACK or not facts & _REQUEST:
        return False
    if 300 <= code < 400:
        add_contacts(msg)
    sent = _sl_reply(msg.c, msg.edits, code, reason, len(reason))
    if sent >= 0:
        return True
    Errors.count += 1
    log.debug("a %d cannot be sent: %d", code, sent)
    return False


def add_contacts(msg: Any) -> None:
    """Contact of a redirection: the Request-URI if the script changed it, and all branches, with their q."""
    values = [b"<" + uri + b">" + (b";q=%.3g" % (q / 1000) if q >= 0 else b"") for uri, q in destinations(msg)]
    if values:
        add_lump_rpl(msg, b"Contact: " + b", ".join(values) + b"\r\n", LUMP_RPL_HDR)


def local_tag(msg: Any) -> bytes:
    """The to-tag that a stateless reply to this request has."""
    out = ffi.new("char[]", lib.KH_SL_TAG)
    return ffi.unpack(out, lib.kh_sl_tag(msg.c, out))
