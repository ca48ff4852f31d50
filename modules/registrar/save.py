"""save(domain [, flags [, uri]]): a REGISTER into the location table, in two steps of the kernel.

The kernel reads the message (kh_reg_parse) and changes the record under its lock (kh_ul_save), all or nothing. What is
decided in between and after, and every status that is sent, is decided here; where there is nothing to decide, both are
one call (kh_ul_register).
"""

from collections.abc import Callable
from typing import Any

from ...src.native import ffi, lib
from . import details, reply
from .location import find_table, table_of
from .settings import settings
from .stats import counter

INSERTED, UPDATED, REMOVED, QUERIED = 1, 2, 3, 4  # what save() returns

_reg = ffi.new("kh_reg *")
_parse, _save, _register, _count = lib.kh_reg_parse, lib.kh_ul_save, lib.kh_ul_register, lib.kh_counter_add
_TO_SAVE, _CONTACTS, _STAR = lib.KH_UL_ONLY_ONE | lib.KH_UL_MEMORY, 0xFF, lib.KH_REG_F_STAR
_RARE = lib.KH_REG_F_HAS_PATH | lib.KH_REG_F_SUP_OUTBOUND
_DONE = lib.KH_UL_INSERTED | lib.KH_UL_UPDATED | lib.KH_UL_REMOVED
_NEEDS_MORE = lib.KH_UL_RARE


class Counters:
    """Numbers of the statistics, known after init."""

    accepted = -1
    rejected = -1


def bind() -> None:
    """Main process, before the script is compiled."""
    Counters.accepted = counter("accepted_regs").ident
    Counters.rejected = counter("rejected_regs").ident


def save(msg: Any, domain: bytes, flags: int = 0, uri: bytes = b"") -> int:
    """1 inserted, 2 updated, 3 removed, 4 only asked; -1 refused, -2 too many contacts. The reply is sent."""
    table = table_of(domain)
    return -1 if table is None else save_in_steps(msg, table, flags, uri)


def specialise(domain: bytes, flags: int = 0, uri: bytes = b"") -> Callable[[Any], int]:
    """At load, for constant arguments: declares the table, and has one call of the kernel for the usual REGISTER."""
    table = find_table(domain)
    if flags or uri or settings.slow:
        return lambda msg: save_in_steps(msg, table, flags, uri)

    def save_at_once(msg: Any) -> int:
        if table.watched:
            return save_in_steps(msg, table, 0, b"")
        done = _register(table.c, _reg, msg.c, msg.edits, msg.flags, _RARE)
        if done < 0:
            return save_in_steps(msg, table, 0, b"") if done == _NEEDS_MORE else refused(msg, -done, 0)
        _count(Counters.accepted, 1)
        reply.Send.ok(msg)
        return _RESULTS[done]

    return save_at_once


def save_in_steps(msg: Any, table: Any, flags: int, uri: bytes) -> int:
    """save() with what may be decided between reading the message and changing the record."""
    c = msg.c
    facts = _parse(_reg, c, uri, len(uri), flags)
    if facts < 0:
        return refused(msg, -facts, flags)
    limit, last = -1, msg.edits.reply_last
    if settings.slow or facts & _RARE:
        reason = details.before(msg, _reg, facts)
        if reason:
            return refused(msg, reason, flags)
        limit = details.max_contacts(msg)
    aor = ffi.unpack(_reg.aor, _reg.aor_len) if table.watched and _reg.aor_len else b""
    if table.watched and not table.begin(aor):
        return refused(msg, lib.KH_REG_LOCK, flags)
    done = _save(table.c, _reg, c, msg.edits, flags & _TO_SAVE | table.trace, msg.flags, limit)
    kept = not table.watched or table.end(aor, done > 0 and bool(done & _DONE))
    if done < 0 or not kept:
        return refused(msg, -done if done < 0 else lib.KH_REG_LOCK, flags)
    if settings.slow or facts & _RARE:
        details.after(msg, _reg, facts)
    _count(Counters.accepted, 1)
    reply.accept(msg, flags)
    if reply.is_for_nobody(flags):
        reply.take_back(msg, last)
    return _RESULTS[done if facts & (_CONTACTS | _STAR) else lib.KH_UL_ASKED]


def result(done: int) -> int:
    """The return value for the bits of kh_ul_register."""
    if done & lib.KH_UL_ASKED:
        return QUERIED
    if done & lib.KH_UL_REMOVED:
        return REMOVED
    return UPDATED if done & lib.KH_UL_UPDATED else INSERTED


_RESULTS = tuple(result(done) for done in range(2 * lib.KH_UL_ASKED))


def refused(msg: Any, reason: int, flags: int) -> int:
    """Count and answer."""
    _count(Counters.rejected, 1)
    return reply.refuse(msg, reason, flags)
