"""event_route[usrloc:contact-expired]: run by the timer process for each contact that expired, as `$ulc(exp=>...)`."""

from typing import TYPE_CHECKING

from ...core.msg.faked import faked_msg
from ...core.script import script
from .contacts_pv import set_profile
from .location import usrloc

if TYPE_CHECKING:
    from ..usrloc.contact import Contact

ROUTE = b"usrloc:contact-expired"
UL_CONTACT_EXPIRE = 8
PROFILE = b"exp"


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
    script.run_route("event_route", ROUTE, faked_msg())
    set_profile(PROFILE, domain, aor, [])
