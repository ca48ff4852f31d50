"""Events of the location tables: a contact came, changed, was removed, expired.

Registered in a module's `init`, before the fork. A callback runs in the process that made the change: a worker, the
RPC process, or for EXPIRE the timer process.
"""

from collections.abc import Callable

from ...core.log import logger
from .contact import Contact

log = logger(__name__)

INSERT, UPDATE, DELETE, EXPIRE = 1, 2, 4, 8  # Kamailio's UL_CONTACT_*
CHANGES = INSERT | UPDATE | DELETE

Callback = Callable[[int, bytes, bytes, Contact], None]  # event, domain, AoR, contact


class Callbacks:
    """Who wants to hear of what."""

    def __init__(self) -> None:
        self.listeners: list[tuple[int, Callback]] = []

    def wants(self, events: int) -> bool:
        """Whether anybody listens to one of these events; nobody does: the hot path stays short."""
        return any(mask & events for mask, _ in self.listeners)

    def register(self, events: int, function: Callback) -> None:
        """Call `function(event, domain, aor, contact)` for the events of this mask."""
        self.listeners.append((events, function))

    def run(self, event: int, domain: bytes, aor: bytes, contact: Contact) -> None:
        """Tell everybody; an exception is a bug of the listener and stops nobody else."""
        for events, function in self.listeners:
            if events & event:
                try:
                    function(event, domain, aor, contact)
                except Exception:
                    log.exception("a usrloc callback failed")


callbacks = Callbacks()
