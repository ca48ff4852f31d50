"""The destination set and $du; what Kamailio 5 keeps of it in corex and kex is here, always at hand."""

from typing import Any

from ...cfg.argtypes import Int, Str
from ...parser.headers.contact import MAX_Q, parse_q
from ...src.native import lib
from ..log import logger
from ..msg import dset
from ..msg.lumps import LumpError, set_edit_text
from ..sr_module import CmdExport

log = logger(__name__)


def append_branch(msg: Any, uri: bytes = b"", q: bytes = b"") -> int:
    """Add a destination; without a URI the present one with all that belongs to it. -1 when the set is full."""
    first = dset.first_branch(msg)
    branch = first
    if uri:  # $du and Path go along: they are the way to the next hop, whatever the URI
        branch = dset.Branch(uri, first.dst_uri, first.path, q=first.q, flags=first.flags, socket=first.socket)
    if q:
        try:
            branch.q = min(parse_q(q.strip()), MAX_Q)
        except ValueError:
            log.error("append_branch: %s is no q value", q.decode("latin-1"))
            return -1
    return 1 if dset.append_branch(msg, branch) >= 0 else -1


def remove_branch(msg: Any, number: int = 0) -> int:
    """Take an additional branch out, counted from the end below 0; 1 also when there is none."""
    number += dset.branch_count(msg) if number < 0 else 0
    if number >= 0:
        dset.remove_branch(msg, number)
    return 1


def clear_branches(msg: Any) -> int:
    """Take all additional branches out."""
    dset.clear_branches(msg)
    return 1


def setdsturi(msg: Any, uri: bytes) -> int:
    """Set $du."""
    try:
        set_edit_text(msg, lib.KH_EDP_DST_URI, uri)
    except LumpError:
        return -1
    return 1


def resetdsturi(msg: Any) -> int:
    """Unset $du."""
    return setdsturi(msg, b"")


def isdsturiset(msg: Any) -> int:
    """Is $du set?"""
    return 1 if lib.kh_text_get(msg.edits, lib.KH_EDP_DST_URI) >= 0 else -1


BRANCHES = (
    CmdExport("append_branch", append_branch, (Str, Str), min_params=0),
    CmdExport("remove_branch", remove_branch, (Int,), min_params=0),
    CmdExport("clear_branches", clear_branches),
    CmdExport("setdsturi", setdsturi, (Str,), aliases=("setduri",)),
    CmdExport("resetdsturi", resetdsturi, aliases=("resetduri",)),
    CmdExport("isdsturiset", isdsturiset, aliases=("isduriset",)),
)
