"""What the script armed and set: on the message before there is a transaction, in the cell afterwards.

    Pending     t_on_failure() and its kin called before t_relay(): in msg.cache["tm"], gone with the message
    save, load  flags, AVPs and their kin: they belong to the transaction, so each route of it starts from them and
                leaves its changes, in whichever process it runs

Names of routes are stored as numbers of a table in shared memory (kh_tm_name_id): the same number in every process, and
after a reload of the script.
"""

import pickle
from typing import Any

from ...core.msg.lumps import edit_text
from ...src.native import ffi, lib
from .cell import Cell, buffer, locked

_ids: dict[bytes, int] = {}
_names: dict[int, bytes] = {}
ROUTES = ("on_failure", "on_reply", "on_branch", "on_branch_failure")


class Pending:
    """Settings for a transaction to come. 0 or None: not set."""

    __slots__ = (
        *ROUTES, "fr", "fr_inv", "t1", "t2", "life_inv", "life_noninv", "flags", "auto_100", "error", "callbacks",
        "branch_reply",
    )  # fmt: skip

    def __init__(self) -> None:
        self.on_failure = self.on_reply = self.on_branch = self.on_branch_failure = 0
        self.fr = self.fr_inv = self.t1 = self.t2 = self.life_inv = self.life_noninv = 0
        self.flags = 0  # KH_CELL_*
        self.auto_100: bool | None = None
        self.error = 0  # of a relay that failed: code of the reply at the end of the script
        self.callbacks: list[tuple[int, int, int]] = []
        self.branch_reply = 0  # t_on_reply() in branch_route: for the branch that is about to be made


def pending(msg: Any) -> Pending:
    """The message's, made when missing."""
    found: Pending | None = msg.cache.get("tm")
    if found is None:
        found = msg.cache["tm"] = Pending()
    return found


def route_id(name: bytes) -> int:
    """The number of a route's name; 0 for b"" and for one that no longer fits the table (KH_TM_NAMES)."""
    number = _ids.get(name)
    if number is None:
        number = max(0, lib.kh_tm_name_id(name, len(name)))
        _ids[name] = number
    return number


def route_name(number: int) -> bytes:
    """The name of a route's number."""
    name = _names.get(number)
    if name is None:
        name = _names[number] = ffi.string(lib.kh_tm_name(number))
    return name


def apply_pending(msg: Any, cell: Cell) -> None:
    """Give a new cell what the script set before. Lock held."""
    found: Pending | None = msg.cache.get("tm")
    if found is None:
        return
    for route in ROUTES:
        if getattr(found, route):
            setattr(cell, route, getattr(found, route))
    cell.flags |= found.flags
    for name, field in (("fr", "fr_ms"), ("fr_inv", "fr_inv_ms"), ("t1", "t1"), ("t2", "t2")):
        if getattr(found, name):
            setattr(cell, field, getattr(found, name))
    life = found.life_inv if cell.flags & lib.KH_CELL_INVITE else found.life_noninv
    if life:
        cell.ends_at = cell.born + life


def variables(msg: Any) -> bytes:
    """AVPs and their kin as they are stored; b"" for none."""
    if msg.avps or msg.xavps or msg.xavus or msg.xavis or msg.xflags:
        return pickle.dumps((msg.avps, msg.xavps, msg.xavus, msg.xavis, msg.xflags), 5)
    return b""


def save(msg: Any, cell: Cell) -> None:
    """Store flags and variables of the message in its cell. Lock held."""
    cell.script_flags = msg.flags
    _store(msg, cell, variables(msg))


def _store(msg: Any, cell: Cell, blob: bytes) -> None:
    if blob:
        lib.kh_cell_set_buf(cell, lib.KH_CB_BLOB, ffi.from_buffer(blob), len(blob))
        msg.cache["tm.saved"] = blob
    elif cell.blob:
        lib.kh_cell_set_buf(cell, lib.KH_CB_BLOB, ffi.NULL, 0)
        msg.cache.pop("tm.saved", None)


def save_late(msg: Any, cell: Cell) -> None:
    """What request_route sets behind t_relay() counts, too; unless a reply has changed variables meanwhile."""
    blob, saved = variables(msg), msg.cache.get("tm.saved", b"")
    if saved is not None and blob != saved:
        with locked(cell):
            if (buffer(cell.blob) or b"") == saved:
                _store(msg, cell, blob)


def load(msg: Any, cell: Cell) -> None:
    """The other way round. Lock held."""
    msg.flags = cell.script_flags
    blob = cell.blob
    if blob:
        values = pickle.loads(ffi.unpack(blob.data, blob.len))
        msg.avps, msg.xavps, msg.xavus, msg.xavis, msg.xflags = values


def save_edits(msg: Any, cell: Cell) -> None:
    """Freeze the message's edits for branches that come later. Lock held."""
    edits = msg.edits
    proto, edits.proto = edits.proto, 0  # t_relay_to_tcp() and its like: for one relay only
    lib.kh_cell_set_buf(cell, lib.KH_CB_EDITS, edits, lib.kh_edits_size(edits))
    edits.proto = proto


def destination(msg: Any) -> tuple[bytes | None, bytes | None]:
    """Where the message itself goes. In failure_route a destination that failed is tried again only if this changes."""
    return edit_text(msg, lib.KH_EDP_NEW_URI), edit_text(msg, lib.KH_EDP_DST_URI)
