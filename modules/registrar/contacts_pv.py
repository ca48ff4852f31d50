"""$ulc(profile=>attribute): the contacts of an AoR as a snapshot that reg_fetch_contacts() takes.

A profile belongs to the process and is overwritten by the next fetch; the index picks the contact.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...core.pv import PvError, PvExport, Value
from ...src.native import lib
from .location import table_of, usrloc
from .registered import aor_of

if TYPE_CHECKING:
    from ..usrloc.contact import Contact

PROFILES_MAX = 64
UL_PERMANENT = 0


@dataclass(slots=True)
class Profile:
    """One snapshot."""

    domain: bytes
    aor: bytes
    contacts: "list[Contact]"


_profiles: dict[bytes, Profile] = {}

Attribute = Callable[[Profile, "Contact"], Any]

ATTRIBUTES: dict[bytes, Attribute] = {
    b"aor": lambda p, c: p.aor,
    b"domain": lambda p, c: p.domain,
    b"aorhash": lambda p, c: aor_hash(p),
    b"addr": lambda p, c: c.contact,
    b"path": lambda p, c: c.path or None,
    b"received": lambda p, c: c.received or None,
    b"expires": lambda p, c: c.expires - lib.kh_ul_now() if c.expires else UL_PERMANENT,
    b"callid": lambda p, c: c.callid,
    b"q": lambda p, c: c.q,
    b"cseq": lambda p, c: c.cseq,
    b"flags": lambda p, c: c.flags,
    b"cflags": lambda p, c: c.cflags,
    b"user_agent": lambda p, c: c.user_agent or None,
    b"socket": lambda p, c: usrloc().socket_text(c.socket) or None,
    b"modified": lambda p, c: c.modified,
    b"methods": lambda p, c: c.methods,
    b"ruid": lambda p, c: c.ruid,
    b"regid": lambda p, c: c.reg_id,
    b"instance": lambda p, c: c.instance or None,
    b"conid": lambda p, c: c.conn,
    b"server_id": lambda p, c: c.server_id,
}
COUNT = b"count"


def aor_hash(profile: Profile) -> int:
    """The hash of the AoR in its table."""
    table = usrloc().known_domain(profile.domain)
    return 0 if table is None else lib.kh_sht_hash(table.c, profile.aor, len(profile.aor))


def set_profile(name: bytes, domain: bytes, aor: bytes, contacts: "list[Contact]") -> bool:
    """Keep a snapshot; False when there are too many."""
    if name not in _profiles and len(_profiles) >= PROFILES_MAX:
        return False
    _profiles[name] = Profile(domain, aor, contacts)
    return True


def reg_fetch_contacts(msg: Any, domain: bytes, uri: bytes, profile: bytes) -> int:
    """Take the snapshot of a URI's contacts. 1; -1 no table, no AoR, nothing registered, or too many profiles."""
    table, aor = table_of(domain), aor_of(uri)
    if table is None or aor is None:
        return -1
    contacts = table.get(aor)
    if not contacts:
        reg_free_contacts(msg, profile)
        return -1
    return 1 if set_profile(profile, domain, aor, contacts) else -1


def reg_free_contacts(msg: Any, profile: bytes) -> int:
    """Forget a snapshot."""
    _profiles.pop(profile, None)
    return 1


def parse_name(text: bytes) -> tuple[bytes, bytes]:
    """`profile=>attribute`; ValueError."""
    profile, arrow, attribute = (part.strip() for part in text.partition(b"=>"))
    if not arrow or not profile or (attribute not in ATTRIBUTES and attribute != COUNT):
        known = b", ".join([*ATTRIBUTES, COUNT]).decode()
        raise ValueError(f"$ulc needs profile=>attribute, the attribute one of {known}")
    return profile, attribute


def values(msg: Any, name: tuple[bytes, bytes]) -> list[Any]:
    """The attribute of every contact of the profile; the number of contacts for `count`."""
    profile = _profiles.get(name[0])
    if profile is None:
        return []
    if name[1] == COUNT:
        return [len(profile.contacts)]
    get = ATTRIBUTES[name[1]]
    return [get(profile, contact) for contact in profile.contacts]


def refuse(msg: Any, param: Any, value: Value) -> None:
    """$ulc(...) = ... is taken, as in Kamailio, and changes nothing."""
    raise PvError("a snapshot of contacts is not changed; save() and unregister() change the location table")


items = (PvExport("ulc", parse_name=parse_name, values=values, set=refuse),)
