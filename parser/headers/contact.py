"""Contact: addresses with q, expires and the rest, or `*` (RFC 3261 20.10)."""

from dataclasses import dataclass

from ..errors import BadHeader
from .nameaddr import NameAddr, iter_nameaddr
from .seconds import parse_seconds

MAX_Q = 1000  # q is kept in thousandths, as qvalue has at most three decimals


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact; what its parameters say, None when it does not say. `q` in thousandths."""

    addr: NameAddr
    params: dict[bytes, bytes | None]
    q: int | None
    expires: int | None

    @property
    def uri(self) -> bytes:
        return self.addr.uri

    @property
    def instance(self) -> bytes | None:
        """+sip.instance without its quotes (RFC 5626)."""
        return self.params.get(b"+sip.instance")

    @property
    def reg_id(self) -> bytes | None:
        return self.params.get(b"reg-id")

    @property
    def methods(self) -> bytes | None:
        return self.params.get(b"methods")

    @property
    def received(self) -> bytes | None:
        return self.params.get(b"received")


@dataclass(frozen=True, slots=True)
class ContactBody:
    """A Contact header: `star`, or the list."""

    star: bool
    contacts: tuple[Contact, ...]


def parse_q(text: bytes) -> int:
    """qvalue in thousandths, 0 to 1000; raises BadHeader."""
    whole, _, part = text.partition(b".")
    if (whole not in (b"0", b"1", b"")) or not (part or whole) or (part and not part.isdigit()):
        raise BadHeader(f"bad q {text[:20]!r}")
    return min(int(whole or b"0") * 1000 + int((part + b"000")[:3]), MAX_Q)


def parse_contact(body: bytes) -> ContactBody:
    """All values of one Contact header; raises BadHeader."""
    if body.strip() == b"*":
        return ContactBody(True, ())
    found = []
    for addr in iter_nameaddr(body):
        params = addr.param_dict
        q, expires = params.get(b"q"), params.get(b"expires")
        found.append(Contact(addr, params, parse_q(q) if q else None, parse_seconds(expires) if expires else None))
    return ContactBody(False, tuple(found))
