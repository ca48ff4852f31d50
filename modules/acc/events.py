"""When transactions are accounted: callbacks of tm.

A request that has one of the flags when its transaction is made gets callbacks. What is accounted is the request as it
was relayed, with the Request-URI of the branch whose reply counts, and flags and variables as the script left them.
"""

import zlib
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from typing import Any

from ...core import loader
from ...src.native import lib
from . import database, syslog
from .record import ACKNOWLEDGED, ANSWERED, MISSED, Record, make, reason_of
from .settings import mask, settings

_INVITE, _CANCEL = lib.KH_M_INVITE, lib.KH_M_CANCEL
UPSTREAM = 1  # in the parameter of the callbacks: the request goes from callee to caller
TAG_BITS, TAG_SLOTS = 20, range(4, 64, 20)  # there too: which To tags were accounted
RR_UPSTREAM = 2  # what direction() of module rr says then


class Bound:
    """What other modules offer, and our callback's number."""

    tm: Any = None
    rr: Any = None
    number = 0


class Flags:
    """Bits of the message flags that mean something."""

    log = log_missed = db = db_missed = failed = acc = missed = 0


def bind() -> None:
    """Main process: the flags, and tm's callbacks. ModuleError."""
    s = settings
    Flags.log, Flags.log_missed, Flags.failed = (
        mask(s.log_flag),
        mask(s.log_missed_flag),
        mask(s.failed_transaction_flag),
    )
    with_db = database.Database.connection is not None
    Flags.db, Flags.db_missed = (mask(s.db_flag), mask(s.db_missed_flag)) if with_db else (0, 0)
    Flags.acc, Flags.missed = Flags.log | Flags.db, Flags.log_missed | Flags.db_missed
    Bound.tm = loader.bind_api("tm")
    if s.detect_direction:
        Bound.rr = loader.bind_api("rr")
    Bound.number = Bound.tm.callback_number(on_event)
    made = Bound.tm.callback_number(on_request)
    wanted = 0 if s.acc_prepare_always else Flags.acc | Flags.missed | mask(s.acc_prepare_flag)
    if wanted or s.acc_prepare_always:
        Bound.tm.register_tmcb(None, Bound.tm.Tmcb.REQUEST_IN, made, 0, wanted)


def on_request(cell: Any, kind: int, params: Any) -> None:
    """A transaction was made of a request with one of the flags."""
    msg, tmcb = params.req, Bound.tm.Tmcb
    if msg.method == _CANCEL and not settings.report_cancels:
        return
    types = tmcb.RESPONSE_OUT
    if msg.method == _INVITE:
        types |= tmcb.ON_FAILURE | (tmcb.E2EACK_IN if settings.report_ack and msg.flags & Flags.acc else 0)
    upstream = Bound.rr is not None and Bound.rr.direction(msg) == RR_UPSTREAM
    Bound.tm.register_tmcb(msg, types, Bound.number, UPSTREAM if upstream else 0)


def on_event(cell: Any, kind: int, params: Any) -> None:
    """A reply went to the caller, all branches failed, or the ACK of a call passes."""
    tmcb = Bound.tm.Tmcb
    if kind == tmcb.RESPONSE_OUT:
        on_reply(cell, params)
    elif kind == tmcb.ON_FAILURE:
        on_failure(cell, params)
    else:
        on_ack(cell, params)


def on_reply(cell: Any, params: Any) -> None:
    """Account it, if its flags say so; the missed call too, when no failure came before."""
    if repeated(cell, params):
        return
    live = params.req is not None and not cell.flags & lib.KH_CELL_IN_FAILURE
    flags, code = params.req.flags if live else cell.script_flags, params.code
    missed = flags & Flags.missed if code >= 300 and cell.flags & lib.KH_CELL_INVITE else 0
    answered = flags & Flags.acc if counts(flags, params) else 0
    if not missed and not answered:
        return
    with request(cell, params) as msg:
        if msg is None:
            return
        if missed:
            account(missed_record(cell, params, msg), flags, Flags.log_missed, Flags.db_missed, missed_table)
            cell.script_flags &= ~Flags.missed
            msg.flags &= ~Flags.missed
        if answered:
            account(reply_record(ANSWERED, cell, params, msg), flags, Flags.log, Flags.db, acc_table)


def repeated(cell: Any, params: Any) -> bool:
    """A 2xx to INVITE comes again until it is acknowledged; one with another To tag is another call."""
    if params.rpl is None or not 200 <= params.code < 300 or not cell.flags & lib.KH_CELL_INVITE:
        return False
    tag = zlib.crc32(params.rpl.to_tag or b"") % ((1 << TAG_BITS) - 1) + 1
    known = [params.param >> slot & (1 << TAG_BITS) - 1 for slot in TAG_SLOTS]
    if tag in known:
        return True
    kept = sum(each << slot for each, slot in zip((tag, *known), TAG_SLOTS, strict=False))
    Bound.tm.set_param(cell, Bound.number, params.param & (1 << TAG_SLOTS[0]) - 1 | kept)
    return False


def counts(flags: int, params: Any) -> bool:
    """Is this reply one to be accounted?"""
    code = params.code
    if code >= 300:
        return bool(flags & Flags.failed) and code not in settings.failed_filter
    return code >= 200 or bool(settings.early_media and params.rpl is not None and params.rpl.body)


def on_failure(cell: Any, params: Any) -> None:
    """All branches failed: a missed call. The flag is gone then; a failure_route may set it for the next attempt."""
    flags = params.req.flags
    if not flags & Flags.missed:
        return
    with request(cell, params) as msg:
        if msg is not None:
            account(missed_record(cell, params, msg), flags, Flags.log_missed, Flags.db_missed, missed_table)
    params.req.flags &= ~Flags.missed


def on_ack(cell: Any, params: Any) -> None:
    """The ACK to a 2xx, with the variables of its INVITE and flags of its own."""
    msg = params.req
    if not msg.flags & Flags.acc:
        return
    flags = msg.flags
    with Bound.tm.variables_of(cell, msg):
        record = make(ACKNOWLEDGED, msg, b"200", b"OK", None, bool(params.param & UPSTREAM))
        account(record, flags, Flags.log, Flags.db, acc_table)


# records


@contextmanager
def request(cell: Any, params: Any) -> Any:
    """The request as relayed to the branch that counts; the one in hand when no branch does. None: it is gone."""
    if params.branch < 0 and params.req is not None:
        with nullcontext(params.req) as msg:
            yield msg
        return
    with Bound.tm.relayed_request(cell, params.branch) as msg:
        yield msg


def reply_record(title: bytes, cell: Any, params: Any, msg: Any) -> Record:
    """Of a reply; one made here has our tag."""
    reply = params.rpl
    to_tag = reply.to_tag if reply is not None else (msg.to_tag or Bound.tm.totag_of(cell))
    return make(title, msg, b"%d" % params.code, reason_of(reply, params.code), to_tag, bool(params.param & UPSTREAM))


def missed_record(cell: Any, params: Any, msg: Any) -> Record:
    """Of a call that nobody took."""
    return reply_record(MISSED, cell, params, msg)


def acc_table() -> Any:
    return database.Database.acc


def missed_table() -> Any:
    return database.Database.missed


def account(record: Record, flags: int, log_bits: int, db_bits: int, table: Callable[[], Any]) -> None:
    """Write the record where the flags want it."""
    if flags & log_bits:
        syslog.write(record)
    if flags & db_bits:
        database.write(record, table())
