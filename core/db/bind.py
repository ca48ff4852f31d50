"""From a URL to its driver (devel guide 9.1)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ModuleError
from ..loader import bind_api, module_loaded
from .sql_connection import SqlConnection
from .url import DbUrl, parse_url
from .values import DbCap


@dataclass(frozen=True, slots=True)
class DbFunc:
    """db_func_t: a driver. Its verbs are methods of the connection that `init` returns, with the guide's arguments in
    the guide's order, less the numbers of pairs: `con.query(keys, ops, vals, columns, order)`."""

    name: str  # the scheme of its URLs
    cap: DbCap
    connection: Callable[[DbUrl], SqlConnection]

    def has(self, caps: DbCap) -> bool:
        """DB_CAPABILITY: whether it can do all of this."""
        return self.cap & caps == caps

    def init(self, url: bytes | str) -> SqlConnection:
        """A connection, not opened yet: the first statement does that. ValueError for a bad URL."""
        return self.connection(parse_url(url))


def db_bind_mod(url: bytes | str) -> DbFunc:
    """The driver for a URL (or for the name of a driver); ModuleError with what to load."""
    text = url.decode("utf-8", "replace") if isinstance(url, bytes) else url
    try:
        scheme = parse_url(text).scheme if ":" in text else text
    except ValueError as error:
        raise ModuleError(str(error)) from error
    module = f"db_{scheme}"
    if not module_loaded(module):
        raise ModuleError(
            f'no driver for databases of "{scheme}:" is loaded: add loadmodule "{module}.so" to the configuration'
        )
    found: Any = bind_api(module)
    if not isinstance(found, DbFunc):
        raise ModuleError(f'module "{module}" is not a driver of databases')
    return found
