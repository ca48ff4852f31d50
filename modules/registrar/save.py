"""save(domain [, flags [, uri]]): a REGISTER into the location table, in two steps of the kernel.

The kernel reads the message (kh_reg_parse) and changes the record under its lock (kh_ul_save), all or nothing. What is
decided in between and after, and every status that is sent, is decided here.
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
_parse, _save, _count = lib.kh_reg_parse, lib.kh_ul_save, lib.kh_counter_add
_ONLY_ONE, _CONTACTS, _STAR = lib.KH_UL_ONLY_ONE, 0xFF, lib.KH_REG_F_STAR
_RARE = lib.KH_REG_F_HAS_PATH | lib.KH_REG_F_SUP_OUTBOUND


class Counters:
    """Numbers of the statistics, known after init."""

    accepted = -1
    rejected = -1
    outbound = 0


def bind() -> None:
    """Main process, before the fork."""
    Counters.accepted = counter("accepted_regs").ident
    Counters.rejected = counter("rejected_regs").ident
    Counters.outbound = settings.outbound_mode


def save(msg: Any, domain: bytes, flags: int = 0, uri: bytes = b"") -> int:
    """1 inserted, 2 updated, 3 removed, 4 only asked; -1 refused, -2 too many contacts. The reply is sent."""
    table = table_of(domain)
    return -1 if table is None else save_to(msg, table, flags, uri)


def specialise(domain: bytes, flags: int = 0, uri: bytes = b"") -> Callable[[Any], int]:
    """At load, for constant arguments: declares the table."""
    table = find_table(domain)
    return lambda msg: save_to(msg, table, flags, uri)


def save_to(msg: Any, table: Any, flags: int, uri: bytes) -> int:
    """The work of save()."""
    c = msg.c
    facts = _parse(_reg, c, uri, len(uri), flags)
    if facts < 0:
        return refused(msg, -facts, flags)
    limit = -1
    if settings.slow or facts & _RARE or Counters.outbound:
        reason = details.before(msg, _reg, facts)
        if reason:
            return refused(msg, reason, flags)
        limit = details.max_contacts(msg)
    done = _save(table.c, _reg, c, msg.edits, flags & _ONLY_ONE | table.trace, msg.flags, limit)
    if done < 0:
        return refused(msg, -done, flags)
    if table.trace and done & 7:
        table.report_changes(ffi.unpack(_reg.aor, _reg.aor_len) if _reg.aor_len else b"")
    if settings.slow or facts & _RARE:
        details.after(msg, _reg, facts)
    _count(Counters.accepted, 1)
    reply.accept(msg, flags)
    return result(done, facts)


def result(done: int, facts: int) -> int:
    """The return value for the bits of kh_ul_save."""
    if not facts & (_CONTACTS | _STAR):
        return QUERIED
    if done & lib.KH_UL_REMOVED:
        return REMOVED
    return UPDATED if done & lib.KH_UL_UPDATED else INSERTED


def refused(msg: Any, reason: int, flags: int) -> int:
    """Count and answer."""
    _count(Counters.rejected, 1)
    return reply.refuse(msg, reason, flags)
