"""Management commands: what transactions there are, and doing something to one from outside (tm.*)."""

from collections.abc import Iterator
from typing import Any

from ...core.rpc.registry import RpcError
from ...src.native import ffi, lib
from . import local, t_cancel, t_reply
from .cell import Cell, key_part, locked, released

LIST_MAX = 10_000  # transactions that tm.list shows
WAIT_S = 40.0  # how long tm.t_uac_wait_block waits


def count(which: int) -> int:
    """A counter of the kernel part, over all processes."""
    return int(lib.kh_counter_sum(lib.kh_tm_counter(which)))


def numbers() -> Any:
    """Transactions now (kh_tm_numbers), by a walk: a count kept beside the table would drift when a process dies."""
    out = ffi.new("kh_tm_numbers *")
    lib.kh_tm_count(out)
    return out


def tm_stats() -> dict[str, int]:
    """Numbers of transactions and replies since the start."""
    now = numbers()
    uas, uac, freed = count(lib.KH_TMC_UAS), count(lib.KH_TMC_UAC), count(lib.KH_TMC_FREED)
    classes = {f"{n}xx": count(lib.KH_TMC_2XX + n - 2) for n in (6, 5, 4, 3, 2)}
    return {
        "current": now.inuse, "waiting": now.inuse - now.active, "total": uas + uac, "total_local": uac,
        "rpl_received": count(lib.KH_TMC_RPL_RECEIVED), "rpl_generated": count(lib.KH_TMC_RPL_GENERATED),
        "rpl_sent": count(lib.KH_TMC_RPL_SENT), **classes, "created": uas + uac, "freed": freed,
        "delayed_free": count(lib.KH_TMC_DELAYED_FREE),
    }  # fmt: skip


def cells() -> Iterator[Cell]:
    """All cells, each held while it is looked at."""
    for bucket in range(lib.KH_TM_BUCKETS):
        after = 0
        while cell := lib.kh_tm_walk(bucket, after):
            after = cell.label
            with released(cell):
                yield cell


def tm_list() -> list[dict[str, Any]]:
    """Every transaction in memory."""
    now = lib.kh_now_ms()
    shown = []
    for cell in cells():
        shown.append({
            "cell": f"0x{hex(int(cell.hash) << 32 | cell.label)[2:]}", "tindex": cell.hash, "tlabel": cell.label,
            "method": method_name(cell.method), "from": key_part(cell, "from_tag").decode("latin-1"),
            "callid": key_part(cell, "callid").decode("latin-1"), "cseq": cell.cseq_num,
            "uas_request": "no" if cell.flags & lib.KH_CELL_LOCAL else "yes", "tflags": cell.flags,
            "outgoings": cell.n_branches, "status": cell.uas_status, "lifetime": max(0, cell.ends_at - now),
        })  # fmt: skip
        if len(shown) >= LIST_MAX:
            break
    return shown


def method_name(bit: int) -> str:
    """INVITE for 1; OTHER for what has no bit of its own."""
    for name in ("INVITE", "CANCEL", "BYE", "INFO", "REGISTER", "SUBSCRIBE", "NOTIFY", "MESSAGE", "OPTIONS", "PRACK",
                 "UPDATE", "REFER", "PUBLISH"):  # fmt: skip
        if lib.kh_method_id(name.encode(), len(name)) == bit:
            return name
    return "OTHER"


def tm_hash_stats() -> dict[str, int]:
    """How the cells spread over the buckets."""
    lengths: dict[int, int] = {}
    total = 0
    for cell in cells():
        lengths[cell.hash] = lengths.get(cell.hash, 0) + 1
        total += 1
    longest = max(lengths.values(), default=0)
    return {"buckets": lib.KH_TM_BUCKETS, "used": len(lengths), "cells": total, "longest": longest}


def tm_clean() -> None:
    """Kept for Kamailio's tools: old transactions end by their timers, which no command needs to help."""


def by_callid(callid: str, cseq: Any) -> Cell:
    """The transaction, held; a fault when there is none."""
    raw = callid.encode("latin-1")
    number = str(cseq).split()[0]
    if not number.isdigit():
        raise RpcError(400, "Bad CSeq")
    cell = lib.kh_tm_by_callid(raw, len(raw), int(number))
    if not cell:
        raise RpcError(400, "Transaction not found")
    return cell


def tm_cancel(callid: str, cseq: Any) -> None:
    """CANCEL all branches of the transaction with this Call-ID and CSeq number."""
    with released(by_callid(callid, cseq)) as cell, locked(cell):
        t_cancel.cancel_invite(cell, b"")
    lib.kh_send_flush()


def answer(cell: Cell, code: int, reason: str, headers: str) -> None:
    """A held transaction gets this reply."""
    lines = [line.strip().encode("latin-1") for line in headers.splitlines()]
    extra = b"".join(line + b"\r\n" for line in lines if line not in (b"", b"."))
    with released(cell), locked(cell):
        if t_reply.answer_cell(cell, int(code), reason.encode("latin-1"), extra) < 0:
            raise RpcError(500, "The transaction has its final reply")
    lib.kh_send_flush()


def tm_reply(code: int, reason: str, trans_id: str, to_tag: str = "", headers: str = "", body: str = "") -> None:
    """Answer the transaction `hash:label`. The To tag is that of the transaction; a body is not supported."""
    index, _, label = trans_id.partition(":")
    if not index.isdigit() or not label.isdigit():
        raise RpcError(400, "Bad transaction id: hash:label is wanted")
    cell = lib.kh_tm_by_ident(int(index), int(label))
    if not cell:
        raise RpcError(404, "Transaction not found")
    answer(cell, code, reason, headers)


def tm_reply_callid(
    code: int, reason: str, callid: str, cseq: Any, to_tag: str = "", headers: str = "", body: str = ""
) -> None:
    """The same by Call-ID and CSeq number."""
    answer(by_callid(callid, cseq), code, reason, headers)


def t_uac_start(method: str, ruri: str, nexthop: str, socket: str, headers: str, body: str = "") -> Any:
    """Send a request; the reply is nobody's business. "." stands for nothing."""
    lib.kh_cell_release(start(method, ruri, nexthop, socket, headers, body))


def t_uac_wait(method: str, ruri: str, nexthop: str, socket: str, headers: str, body: str = "") -> dict[str, Any]:
    """Send a request and answer with its final reply: {code, text}. Waits WAIT_S at most."""
    code, reason, _ = local.wait(start(method, ruri, nexthop, socket, headers, body), WAIT_S)
    return {"code": code, "text": reason.decode("latin-1")}


def start(method: str, ruri: str, nexthop: str, socket: str, headers: str, body: str) -> Cell:
    """The request, sent; its cell held."""
    to, sock, lines, content = [
        b"" if text == "." else text.encode("latin-1") for text in (nexthop, socket, headers, body)
    ]
    try:
        return local.request(method.encode(), ruri.encode("latin-1"), to, sock, lines, content)
    except local.RequestError as error:
        raise RpcError(400, str(error)) from None
