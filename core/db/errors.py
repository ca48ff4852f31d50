"""What goes wrong with a database."""

from ..errors import KaheaError


class DbError(KaheaError):
    """A statement failed; `str()` says why, for the log. It was counted."""


class DbDown(DbError):
    """There is no connection, and there was no time yet to try for another."""


class DbLost(DbError):
    """Raised by drivers: the connection broke. The base class opens another and repeats the statement once."""


class TableVersionError(DbError):
    """The table is not of the version that the module was written for."""
