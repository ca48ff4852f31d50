"""lookup(domain [, uri]) and its like: registered contacts become the destinations of the message (RFC 3261 16.5)."""

from collections.abc import Callable
from typing import Any

from ...core.msg.dset import branches, clear_branches
from ...src.native import ffi, lib
from .location import find_table, table_of
from .registered import aor_of

FOUND, NOT_FOUND, NOT_ALLOWED, ERROR = 1, -1, -2, -3

_lookup, _NULL = lib.kh_ul_lookup, ffi.NULL
_CODES = {lib.KH_ENOTFOUND: NOT_FOUND, lib.KH_EINVAL: NOT_ALLOWED}


def lookup(msg: Any, domain: bytes, uri: bytes = b"") -> int:
    """Best contact into the Request-URI, the others into branches. 1; -1 none, -2 none for this method, -3 error."""
    table = table_of(domain)
    return ERROR if table is None else find(msg, table, uri, 0)


def specialise(domain: bytes, uri: bytes = b"") -> Callable[[Any], int]:
    """At load, for constant arguments: declares the table."""
    table = find_table(domain)
    return lambda msg: find(msg, table, uri, 0)


def lookup_to_dset(msg: Any, domain: bytes, uri: bytes = b"") -> int:
    """As lookup, but the Request-URI stays and every contact becomes a branch."""
    table = table_of(domain)
    return ERROR if table is None else find(msg, table, uri, 1)


def lookup_branches(msg: Any, domain: bytes) -> int:
    """lookup() of the Request-URI and of every branch; a branch that nobody registered stays as it is. 1; -1 none."""
    table = table_of(domain)
    if table is None:
        return ERROR
    before = branches(msg)
    clear_branches(msg)
    best = find(msg, table, b"", 0)
    for branch in before:
        if find(msg, table, branch.uri, 1) == FOUND:
            best = FOUND
        else:
            lib.kh_branch_add(msg.edits, branch.uri, len(branch.uri))
    return best


def find(msg: Any, table: Any, uri: bytes, into_branches: int) -> int:
    """The work of all of them; `uri` b"" is the Request-URI."""
    if table.remote:
        return find_remote(msg, table, uri, into_branches)
    n = _lookup(table.c, msg.c, msg.edits, uri or _NULL, len(uri), into_branches)
    return FOUND if n > 0 else _CODES.get(n, ERROR)


def find_remote(msg: Any, table: Any, uri: bytes, into_branches: int) -> int:
    """The same where the record has to be fetched from the database first."""
    aor = aor_of(uri or msg.ruri or b"")
    if aor is None or not table.begin(aor):
        return ERROR
    n = _lookup(table.c, msg.c, msg.edits, uri or _NULL, len(uri), into_branches)
    table.end(aor, False)
    return FOUND if n > 0 else _CODES.get(n, ERROR)
