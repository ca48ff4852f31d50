"""Start of the module: bind the others, hand the settings over."""

from . import expired, reply, save
from .location import usrloc
from .settings import settings


def init() -> None:
    """Main process, before the script is compiled."""
    settings.apply(usrloc().use_domain())
    reply.bind()
    save.bind()


def settled() -> None:
    """Each process: parameters have changed."""
    settings.publish(usrloc().use_domain())


def child_init(rank: int) -> None:
    """With Rank.INIT in main, the script compiled: see whether it wants to hear of expired contacts."""
    expired.bind()
