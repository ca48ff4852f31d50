"""event_route[usrloc:contact-expired]: run by the timer process for each contact that expired, as `$ulc(exp=>...)`."""

from typing import TYPE_CHECKING, Any

from ...core.script import script
from ...parser.msg import SipMsg
from .contacts_pv import set_profile
from .location import usrloc

if TYPE_CHECKING:
    from ..usrloc.contact import Contact

ROUTE = b"usrloc:contact-expired"
UL_CONTACT_EXPIRE = 8
PROFILE = b"exp"

# what the route block runs on: there is no real message
PLACEHOLDER = (
    b"OPTIONS sip:you@kahea.invalid SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1\r\n"
    b"From: <you@kahea.invalid>;tag=expired\r\n"
    b"To: <you@kahea.invalid>\r\n"
    b"Call-ID: contact-expired\r\n"
    b"CSeq: 1 OPTIONS\r\n"
    b"Content-Length: 0\r\n\r\n"
)


class State:
    """Whether the callback is registered: once, in main before the fork."""

    bound = False


def bind() -> None:
    """Register, if the script has the block."""
    if not State.bound and script.has_route("event_route", ROUTE):
        State.bound = True
        usrloc().register(UL_CONTACT_EXPIRE, run)


def run(event: int, domain: bytes, aor: bytes, contact: "Contact") -> None:
    """The callback: the block with the contact as profile `exp`."""
    set_profile(PROFILE, domain, aor, [contact])
    script.run_route("event_route", ROUTE, placeholder())
    set_profile(PROFILE, domain, aor, [])


def placeholder() -> Any:
    """A message for a block that no message caused."""
    return SipMsg.from_bytes(PLACEHOLDER)
