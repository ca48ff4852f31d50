"""A transaction in Python's hands: the kh_cell of src/tm/cells.h, found, locked and let go.

`msg.t` is the cell of the message in hand (a cdata `kh_cell *`), or None. Whoever puts it there has the cell held; it
is released when the script is done with the message (`after_request`), or by the code that found it. All calls here
run in any process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...src.native import ffi, lib

Cell = Any  # kh_cell *
Branch = Any  # kh_uac *
NONE, ABSORBED, ACKED, E2E_ACK = lib.KH_TM_NONE, lib.KH_TM_ABSORBED, lib.KH_TM_ACKED, lib.KH_TM_E2E_ACK
DONE, PYTHON, NEW = lib.KH_TM_DONE, lib.KH_TM_PYTHON, lib.KH_TM_NEW


@contextmanager
def locked(cell: Cell) -> Iterator[Cell]:
    """The cell's lock, which this process may hold already. The cell is held."""
    lib.kh_cell_lock(cell)
    try:
        yield cell
    finally:
        lib.kh_cell_unlock(cell)


@contextmanager
def released(cell: Cell) -> Iterator[Cell]:
    """A cell that a finder left held: given back at the end."""
    try:
        yield cell
    finally:
        lib.kh_cell_release(cell)


def found() -> Cell | None:
    """The cell that the last kernel call found, held; None."""
    cell = lib.kh_tm_cell()
    return cell if cell else None


def branches(cell: Cell, first: int = 0) -> list[Branch]:
    """The branches from number `first` on."""
    return [cell.branch[i] for i in range(first, cell.n_branches)]


def alive(branch: Branch) -> bool:
    """No final reply yet, neither received nor made up."""
    return branch.last_status < 200


def any_alive(cell: Cell) -> bool:
    """Is an answer still awaited?"""
    return any(alive(branch) for branch in branches(cell))


def key_part(cell: Cell, name: str) -> bytes:
    """`callid`, `branch`, `host` or `from_tag` of the request that made the cell."""
    off = 0
    for part in ("callid", "branch", "host", "from_tag"):
        length = getattr(cell, f"k_{part}")
        if part == name:
            return ffi.unpack(cell.key + off, length) if length else b""
        off += length
    raise ValueError(name)


def buffer(buf: Any) -> bytes | None:
    """A copy of a kh_tmbuf; None when it is not there."""
    return ffi.unpack(buf.data, buf.len) if buf else None


def after_request(msg: Any) -> int:
    """The script is done with a request: answer for a relay that failed, keep its last variables, let the cell go."""
    cell = msg.t
    if cell is not None:
        pending = msg.cache.get("tm")
        if pending is not None and pending.error and cell.uas_status < 200:
            from .t_reply import reply_for_error

            reply_for_error(msg, cell, pending.error)
        if cell.n_branches and (msg.avps or msg.xavps or msg.xavus or msg.xavis):
            from .state import save_late

            save_late(msg, cell)
        msg.t = None
        lib.kh_cell_release(cell)
    return 1
