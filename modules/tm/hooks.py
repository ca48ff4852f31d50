"""Callbacks of other modules on the life of a transaction (the devel guide's `register_tmcb`).

A callback is a Python function; what fires it is another process than the one that asked for it. So functions are
numbered before the fork (`callback_number`), in the same order in every process, and a cell stores numbers and an int.

    number = callback_number(my_function)            module init
    register_tmcb(msg, Tmcb.REQUEST_IN, number)      module init: every transaction that is made
    register_tmcb(msg, Tmcb.RESPONSE_OUT, number, 7) any time: this message's transaction

A callback is called as `function(cell, type, params)` with the cell locked; it must not wait for anything.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...core.errors import ModuleError
from ...core.log import logger
from ...src.native import lib
from .cell import Cell, locked
from .state import pending

log = logger(__name__)
CALLBACKS_MAX = 256  # functions of all modules together


class Tmcb(enum.IntFlag):
    """When; the bits of the 1.4 devel guide."""

    REQUEST_IN = 1 << 0  # a transaction was made
    RESPONSE_IN = 1 << 1  # a reply came in for a branch
    E2EACK_IN = 1 << 2  # the ACK to a 2xx
    REQUEST_FWDED = 1 << 3  # a branch was sent
    RESPONSE_FWDED = 1 << 4  # a reply is about to be passed on
    ON_FAILURE_RO = 1 << 5  # a negative final was chosen
    ON_FAILURE = 1 << 6  # the same; may add branches
    RESPONSE_OUT = 1 << 7  # a reply went to the caller
    LOCAL_COMPLETED = 1 << 8  # the final reply to a request of our own
    LOCAL_RESPONSE_OUT = 1 << 9
    REQUEST_BUILT = 1 << 10  # a request of our own is about to be sent
    TRANS_DELETED = 1 << 11


@dataclass(slots=True)
class TmcbParams:
    """What a callback may look at: the request and the reply (None: not at hand), the code, the parameter stored, the
    branch that the event is about (-1: none)."""

    req: Any
    rpl: Any
    code: int
    param: int
    branch: int = -1


Callback = Callable[[Cell, int, TmcbParams], None]
_functions: list[Callback] = []
_global: list[tuple[int, int, int, int]] = []  # (types, number, param, flags) for transactions to come

_NEED = (
    (Tmcb.RESPONSE_IN | Tmcb.RESPONSE_FWDED | Tmcb.RESPONSE_OUT, lib.KH_NEED_REPLY),
    (Tmcb.ON_FAILURE | Tmcb.ON_FAILURE_RO, lib.KH_NEED_NEGATIVE),
    (Tmcb.E2EACK_IN, lib.KH_NEED_ACK),
    (Tmcb.TRANS_DELETED, lib.KH_NEED_DELETE),
)


def callback_number(function: Callback) -> int:
    """Number a function. Main process, before the fork; ModuleError when CALLBACKS_MAX is reached."""
    if function in _functions:
        return _functions.index(function)
    if len(_functions) >= CALLBACKS_MAX:
        raise ModuleError(f"more than {CALLBACKS_MAX} transaction callbacks")
    _functions.append(function)
    return len(_functions) - 1


def register_tmcb(msg: Any, types: int, number: int, param: int = 0, flags: int = 0) -> int:
    """Have a numbered function called for the transaction of `msg` (made or to come), None: for all, or with `flags`
    for those whose request has one of these message flags when it is made. 1; -1 full."""
    if msg is None:
        _global.append((int(types), number, param, flags))
        return 1
    if msg.t is None:
        pending(msg).callbacks.append((int(types), number, param))
        return 1
    with locked(msg.t) as cell:
        return add(cell, int(types), number, param)


def add(cell: Cell, types: int, number: int, param: int) -> int:
    """The same for a locked cell."""
    if lib.kh_cell_add_callback(cell, types, number, param) < 0:
        log.warning("a transaction takes no more than %d callbacks", lib.KH_TM_CALLBACKS)
        return -1
    for mask, need in _NEED:
        if types & mask:
            cell.need |= need
    return 1


def set_param(cell: Cell, number: int, param: int) -> None:
    """Another parameter for a function's callbacks of a locked cell: 64 bits that it may keep there."""
    for i in range(cell.n_callbacks):
        if cell.callbacks[i].fn == number:
            cell.callbacks[i].param = param


def wants_all() -> bool:
    """Does somebody want to know of every transaction? The relay must then go the long way."""
    return any(not entry[3] for entry in _global)


def wanted(flags: int) -> bool:
    """Does somebody want to know of a transaction whose request has these message flags?"""
    return any(not entry[3] or entry[3] & flags for entry in _global)


def created(cell: Cell, msg: Any) -> None:
    """A cell was made: callbacks for all transactions, and those that the message carried along. Lock held."""
    found = msg.cache.get("tm")
    if found is not None:
        for types, number, param in found.callbacks:
            add(cell, types, number, param)
        found.callbacks = []
    for types, number, param, flags in _global:
        if flags and not flags & msg.flags:
            continue
        if types & Tmcb.REQUEST_IN:
            call(number, cell, Tmcb.REQUEST_IN, TmcbParams(msg, None, 0, param))
        if types & ~Tmcb.REQUEST_IN:
            add(cell, types & ~Tmcb.REQUEST_IN, number, param)


def run(cell: Cell, kind: Tmcb, req: Any = None, rpl: Any = None, code: int = 0, branch: int = -1) -> None:
    """Call what the cell has for this event. Lock held."""
    if not cell.cb_types & kind:
        return
    for i in range(cell.n_callbacks):
        entry = cell.callbacks[i]
        if entry.types & kind:
            call(entry.fn, cell, kind, TmcbParams(req, rpl, code, entry.param, branch))


def call(number: int, cell: Cell, kind: Tmcb, params: TmcbParams) -> None:
    """One callback; what it raises is its own bug and stops nobody."""
    try:
        _functions[number](cell, int(kind), params)
    except Exception:
        log.exception("a transaction callback failed")
