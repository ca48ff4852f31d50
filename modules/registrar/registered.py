"""registered() and unregister(): questions and orders about an AoR from the script."""

from typing import Any

from ...src.native import ffi, lib
from .details import cfg
from .location import table_of

MATCH_CALLID, MATCH_RECEIVED, MATCH_CONTACT = 1, 2, 4
_MATCH_NAMES = ((MATCH_CALLID, b"match_callid"), (MATCH_RECEIVED, b"match_received"), (MATCH_CONTACT, b"match_contact"))

_key = ffi.new("char[]", lib.KH_SHT_KEY_MAX)


def aor_of(uri: bytes) -> bytes | None:
    """The key of the AoR that a URI names; None when it names none."""
    n = lib.kh_reg_aor(uri, len(uri), _key)
    return None if n < 0 else ffi.unpack(_key, n) if n else b""


def registered(msg: Any, domain: bytes, uri: bytes = b"", match: int = 0, action: int = 0) -> int:
    """1 when the URI (default: the Request-URI) has a living contact, -1 else.

    `match` adds conditions: the contact has the Call-ID (1), received (2) or URI (4) of $xavp(cfg=>match_callid) and so
    on. `action` concerns the XAVPs of contacts, which this server does not keep.
    """
    table, aor = table_of(domain), aor_of(uri or msg.ruri or b"")
    if table is None or aor is None:
        return -1
    wanted = [(cfg(msg, name) or b"") if match & bit else b"" for bit, name in _MATCH_NAMES]
    callid, received, contact = (value if isinstance(value, bytes) else b"%d" % value for value in wanted)
    if table.remote and not table.begin(aor):
        return -1
    found = lib.kh_ul_registered(
        table.c, aor, len(aor), match, callid, len(callid), received, len(received), contact, len(contact)
    )
    if table.remote:
        table.end(aor, False)
    return 1 if found > 0 else -1


def unregister(msg: Any, domain: bytes, uri: bytes, ruid: bytes = b"") -> int:
    """Remove all contacts of an AoR, or the one of that ruid. 1; -1 no AoR, -2 no table, -3 no such contact."""
    table, aor = table_of(domain), aor_of(uri)
    if table is None:
        return -2
    if aor is None:
        return -1
    if ruid:
        return 1 if table.remove_ruid(aor, ruid) else -3
    table.remove(aor)
    return 1
