"""The destination set: the Request-URI with its destination, and the branches that go out beside it.

The first destination is the message's own (new_uri, dst_uri, path, q, flags, socket); `append_branch` adds more. At
most `max_branches` in all, the first one counted. Everything lies in the message's kh_edits and is cloned with it.
"""

from dataclasses import dataclass
from typing import Any

from ...src.native import ffi, lib
from .lumps import LumpError, edit_text, set_edit_text

Q_UNSPECIFIED = -1
_NONE = lib.KH_NO_SOCK
_PARTS = (
    lib.KH_EDP_NEW_URI, lib.KH_EDP_DST_URI, lib.KH_EDP_PATH, lib.KH_EDP_INSTANCE, lib.KH_EDP_RUID,
    lib.KH_EDP_LOCATION_UA,
)  # fmt: skip


class Limit:
    """The core parameter max_branches; set by core.settings when the configuration is loaded."""

    branches = 12


@dataclass(slots=True)
class Branch:
    """One destination; texts are copies, q in thousandths (-1: none), socket an index or None."""

    uri: bytes
    dst_uri: bytes | None = None
    path: bytes | None = None
    instance: bytes | None = None
    ruid: bytes | None = None
    location_ua: bytes | None = None
    q: int = Q_UNSPECIFIED
    flags: int = 0
    socket: int | None = None
    reg_id: int = 0
    conn: int = 0  # number of the connection that the contact registered by


def append_branch(msg: Any, branch: Branch | None = None) -> int:
    """Add a destination (None: a copy of the first). Its number from 0; -1 when the set or the room is full."""
    if branch is None:
        branch = first_branch(msg)
    edits = msg.edits
    if edits.n_branch + 1 >= Limit.branches:
        return -1
    number: int = lib.kh_branch_add(edits, branch.uri, len(branch.uri))
    if number < 0:
        return -1
    texts = (branch.dst_uri, branch.path, branch.instance, branch.ruid, branch.location_ua)
    for part, text in zip(_PARTS[1:], texts, strict=True):
        if text and lib.kh_branch_set(edits, number, part, text, len(text)) < 0:
            lib.kh_branch_remove(edits, number)
            return -1
    c = lib.kh_branch_get(edits, number)
    c.q, c.flags, c.reg_id, c.conn = branch.q, branch.flags, branch.reg_id, branch.conn
    if branch.socket is not None:
        c.sock = branch.socket
    return number


def set_first_branch(msg: Any, branch: Branch) -> bool:
    """Make `branch` the first destination: Request-URI, dst_uri and the rest. False without room."""
    texts = (branch.uri, branch.dst_uri, branch.path, branch.instance, branch.ruid, branch.location_ua)
    try:
        for part, text in zip(_PARTS, texts, strict=True):
            set_edit_text(msg, part, text or b"")
    except LumpError:
        return False
    edits = msg.edits
    edits.q, edits.bflags, edits.reg_id, edits.conn = branch.q, branch.flags, branch.reg_id, branch.conn
    edits.sock = _NONE if branch.socket is None else branch.socket
    return True


def first_branch(msg: Any) -> Branch:
    """The destination that the message itself names."""
    edits = msg.edits
    dst_uri, path, instance, ruid, agent = [edit_text(msg, part) for part in _PARTS[1:]]
    socket = None if edits.sock == _NONE else edits.sock
    numbers = edits.q, edits.bflags, socket, edits.reg_id, edits.conn
    return Branch(msg.ruri, dst_uri, path, instance, ruid, agent, *numbers)


def get_branch(msg: Any, number: int) -> Branch | None:
    """The branch of that number from 0; None past the end."""
    c = lib.kh_branch_get(msg.edits, number)
    if c == ffi.NULL:
        return None
    uri, dst_uri, path, instance, ruid, agent = [branch_text(msg, number, part) for part in _PARTS]
    socket = None if c.sock == _NONE else c.sock
    return Branch(uri or b"", dst_uri, path, instance, ruid, agent, c.q, c.flags, socket, c.reg_id, c.conn)


def branch_text(msg: Any, number: int, part: int) -> bytes | None:
    """One KH_EDP_ text of a branch."""
    packed = lib.kh_branch_text(msg.edits, number, part)
    if packed < 0:
        return None
    return ffi.unpack(msg.edits.data + (packed >> 32), packed & 0xFFFFFFFF)


def set_branch_text(msg: Any, number: int, part: int, text: bytes) -> bool:
    """Set one KH_EDP_ text of a branch; False when there is no such branch or no room."""
    return lib.kh_branch_set(msg.edits, number, part, text, len(text)) >= 0


def branch_count(msg: Any) -> int:
    """How many besides the first."""
    return msg.edits.n_branch


def branches(msg: Any) -> list[Branch]:
    """All but the first."""
    return [branch for i in range(branch_count(msg)) if (branch := get_branch(msg, i)) is not None]


def remove_branch(msg: Any, number: int) -> bool:
    """Take one out; those after it move up."""
    return lib.kh_branch_remove(msg.edits, number) >= 0


def clear_branches(msg: Any) -> None:
    """Leave only the first."""
    lib.kh_branch_clear(msg.edits)


def destinations(msg: Any) -> list[tuple[bytes, int]]:
    """(URI, q) of what a redirection names: the Request-URI if the script changed it, and all branches."""
    uri = edit_text(msg, lib.KH_EDP_NEW_URI)
    own = [] if uri is None else [(uri, msg.edits.q)]
    return own + [(branch.uri, branch.q) for branch in branches(msg)]
