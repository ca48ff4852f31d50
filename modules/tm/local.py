"""Requests of our own (UAC): OPTIONS pings, NOTIFYs, what other modules and management commands send.

    cell = request(b"OPTIONS", b"sip:bob@example.org", headers=b"From: ...")     held until the final reply is taken

The request is built as text with a placeholder for the branch, may be changed or stopped by
event_route[tm:local-request], and goes out on a cell without server side. Its final reply is kept in the cell, so the
asker may be any process: it polls (`wait`), or names a callback, which the worker that gets the reply runs.
"""

import secrets
import time
from typing import Any

from ...cfg.compile.values import DROPPED
from ...core import info
from ...core.log import logger
from ...core.msg import forward
from ...core.net.sockets import find_socket
from ...core.script import script
from ...parser.msg import SipMsg
from ...src.native import ffi, lib
from . import hooks, revive
from .cell import Cell
from .hooks import Tmcb

log = logger(__name__)
NO_BRANCH = b"z9hG4bK0000.00000000.0"  # KH_TM_NO_BRANCH
EVENT = b"tm:local-request"
POLL_S = 0.01
_dest = ffi.new("kh_dest *")
_blank = ffi.new("kh_msg *")


class RequestError(ValueError):
    """A request of our own cannot be sent; the sentence says why."""


def request(
    method: bytes, ruri: bytes, nexthop: bytes = b"", socket: bytes = b"", headers: bytes = b"", body: bytes = b"",
    callback: int = -1, param: int = 0,
) -> Cell:  # fmt: skip
    """Send it; the cell, held. `headers`: complete lines with From and To; missing tags, Call-ID, CSeq are added.

    RequestError: no From or To, a body without Content-Type, an address that leads nowhere, no memory.
    """
    to = nexthop or ruri
    lib.kh_edits_reset(_own_edits)
    rc = forward.dest_of_uri(_blank_msg, to, _dest)
    if rc < 0:
        raise RequestError(f"{to.decode('latin-1')} leads nowhere")
    if socket:
        _dest.sock = named_socket(socket, ffi.addressof(_dest, "to"))
    text = build(method, ruri, headers, body, _dest.sock)
    with revive.parsed(text) as msg:
        if msg is None or msg.bad & lib.KH_BAD_VITAL:
            raise RequestError("these headers make no SIP message")
        if script.has_route("event_route", EVENT) and script.run_route("event_route", EVENT, msg) == DROPPED:
            raise RequestError("event_route[tm:local-request] dropped it")
        return send(msg, callback, param)


def send(msg: SipMsg, callback: int, param: int) -> Cell:
    """Make the cell and send; the cell is held and unlocked."""
    if lib.kh_tm_new_local(msg.c) != lib.KH_TM_NEW:
        raise RequestError("no room for the transaction")
    cell = lib.kh_tm_cell()
    if callback >= 0:
        hooks.add(cell, int(Tmcb.LOCAL_COMPLETED), callback, param)
    hooks.run(cell, Tmcb.REQUEST_BUILT, msg)
    rc = lib.kh_tm_send_local(cell, msg.c, msg.edits, _dest)
    if rc < 0:
        lib.kh_tm_wait(cell)
        lib.kh_cell_release(cell)
        why = "it cannot be sent" if rc == lib.KH_ESEND else f"the kernel refused it: {rc}"
        raise RequestError(why)
    lib.kh_cell_unlock(cell)
    lib.kh_send_flush()
    return cell


def named_socket(text: bytes, to: Any) -> int:
    """`udp:1.2.3.4:5060` or `1.2.3.4:5060`: its number in the socket table; the one that has the protocol of `to`, if
    there are several with that address and port."""
    info = find_socket(text)
    if info is None:
        raise RequestError(f"{text.decode('latin-1')} is no socket of this server")
    _own_edits.sock = info.index
    index: int = lib.kh_sock_pick(ffi.NULL, _own_edits, to)
    return index if index >= 0 else info.index


def build(method: bytes, ruri: bytes, headers: bytes, body: bytes, sock: int) -> bytes:
    """The request as text. RequestError when the headers given are not enough."""
    lines = [line for line in headers.replace(b"\r\n", b"\n").split(b"\n") if line.strip()]
    names = {line.partition(b":")[0].strip().lower() for line in lines}
    if not (names & {b"from", b"f"}) or not (names & {b"to", b"t"}):
        raise RequestError("From and To are needed")
    if body and not names & {b"content-type", b"c"}:
        raise RequestError("Content-Type missing")
    via = lib.kh_sock_get(sock)
    head = [method + b" " + ruri + b" SIP/2.0", ffi.unpack(via.via, via.via_len) + NO_BRANCH]
    for line in lines:
        name = line.partition(b":")[0].strip().lower()
        tagless = name in (b"from", b"f") and b";tag=" not in line.lower()
        head.append(line + (b";tag=" + secrets.token_hex(8).encode() if tagless else b""))
    if not names & {b"call-id", b"i"}:
        head.append(b"Call-ID: " + secrets.token_hex(12).encode() + b"@kahea")
    if b"cseq" not in names:
        head.append(b"CSeq: 10 " + method)
    if b"max-forwards" not in names:
        head.append(b"Max-Forwards: 70")
    if b"user-agent" not in names:
        head += user_agent()
    head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def user_agent() -> list[bytes]:
    """The line that requests of our own carry; none with server_signature=no."""
    if not script.params.server_signature:
        return []
    return [script.params.user_agent_header or b"User-Agent: " + info.SIGNATURE.encode()]


def reply(msg: Any, cell: Cell, number: int) -> None:
    """A reply to a request of our own (called by t_reply.on_reply, lock held)."""
    if msg.status < 200:
        return
    lib.kh_tm_keep_reply(cell, number, msg.c)
    finished(cell, msg, msg.status)


def no_reply(cell: Cell, number: int, code: int) -> None:
    """None came in time. Lock held."""
    finished(cell, None, code)


def finished(cell: Cell, msg: Any, code: int) -> None:
    """Tell who asked, then let it go to the wait timer."""
    cell.uas_status = code
    hooks.run(cell, Tmcb.LOCAL_COMPLETED, None, msg, code)
    lib.kh_tm_wait(cell)


def settle(cell: Cell) -> None:
    """A process died after it had ended the only branch, and before anybody was told. Lock held."""
    if cell.n_branches and cell.branch[0].last_status >= 200:
        no_reply(cell, 0, cell.branch[0].last_status)


def wait(cell: Cell, seconds: float) -> tuple[int, bytes, bytes]:
    """Wait for the final reply of a held cell and give it back: (code, reason, whole text); code 408 when none came."""
    end = time.monotonic() + seconds
    while cell.uas_status < 200 and time.monotonic() < end:
        time.sleep(POLL_S)
    try:
        if cell.uas_status < 200:
            return 408, b"Request Timeout", b""
        with revive.reply_of(cell, 0) as msg:
            if msg is None:
                return cell.uas_status, b"Request Timeout", b""
            return msg.status, msg.reason or b"", msg.buf
    finally:
        lib.kh_cell_release(cell)


_own_edits = ffi.new("kh_edits *")
_blank_msg = SipMsg(_blank, _own_edits)
