"""The location tables: usrloc's API, bound when the first function of the script names a table."""

from typing import TYPE_CHECKING

from ...core.loader import bind_api
from ...core.log import logger

if TYPE_CHECKING:
    from ..usrloc.api import UsrlocApi
    from ..usrloc.domain import Domain

log = logger(__name__)
_bound: "list[UsrlocApi]" = []


def usrloc() -> "UsrlocApi":
    """The API; ModuleError when usrloc is not loaded."""
    if not _bound:
        _bound.append(bind_api("usrloc"))
    return _bound[0]


def find_table(domain: bytes) -> "Domain":
    """At load: the table of that name, declared if need be; ValueError."""
    return usrloc().find_domain(domain)


def table_of(domain: bytes) -> "Domain | None":
    """At run time: the table of that name; None, with a line in the log, when there is none."""
    table = usrloc().known_domain(domain)
    if table is None:
        log.error("there is no location table %s: a name from a variable needs preload", domain.decode("latin-1"))
    return table


def declare(domain: bytes | None, *_args: object) -> None:
    """At load, for each call in the script: a table named by a constant is made."""
    if domain is not None:
        find_table(domain)
