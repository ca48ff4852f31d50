"""Event and Subscription-State (RFC 6665 8.2.1, 8.2.3)."""

from dataclasses import dataclass
from enum import IntEnum

from ..errors import BadHeader
from ..lists import is_token, parse_valued
from .seconds import parse_seconds


class EventType(IntEnum):
    """Packages that Kamailio numbers."""

    OTHER = 0
    PRESENCE = 1
    PRESENCE_WINFO = 2
    SIP_PROFILE = 3
    XCAP_CHANGE = 4
    DIALOG = 5
    MWI = 6


_PACKAGES = {
    b"presence": EventType.PRESENCE,
    b"presence.winfo": EventType.PRESENCE_WINFO,
    b"ua-profile": EventType.SIP_PROFILE,
    b"sip-profile": EventType.SIP_PROFILE,
    b"xcap-change": EventType.XCAP_CHANGE,
    b"dialog": EventType.DIALOG,
    b"message-summary": EventType.MWI,
}


@dataclass(frozen=True, slots=True)
class Event:
    """The package's name as written, its number, and the parameters (`id` among them)."""

    text: bytes
    type: EventType
    params: dict[bytes, bytes | None]

    @property
    def id(self) -> bytes | None:
        return self.params.get(b"id")


def parse_event(body: bytes) -> Event:
    """Raises BadHeader."""
    valued = parse_valued(body)
    if not is_token(valued.value):
        raise BadHeader(f"bad Event {body[:80]!r}")
    return Event(valued.value, _PACKAGES.get(valued.value.lower(), EventType.OTHER), valued.params)


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """state is active, pending, terminated or an extension, in lower case; absent numbers are None."""

    state: bytes
    expires: int | None
    retry_after: int | None
    reason: bytes | None


def parse_subscription_state(body: bytes) -> SubscriptionState:
    """Raises BadHeader."""
    valued = parse_valued(body)
    expires, retry = valued.params.get(b"expires"), valued.params.get(b"retry-after")
    return SubscriptionState(
        valued.value.lower(),
        parse_seconds(expires) if expires else None,
        parse_seconds(retry) if retry else None,
        valued.params.get(b"reason"),
    )
