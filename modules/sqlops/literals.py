"""{sql.val} and its like: a value as a literal of SQL, to be put into the text of a query.

As the first `sqlcon` database writes it. What comes from a message must go through one of them: this is all that keeps
a caller from writing SQL.
"""

from ...core.pv import Value
from .connections import Connections


def val(value: Value) -> Value:
    """A text in quotes, a number as it is, NULL."""
    return Connections.dialect.literal(value)


def val_str(value: Value) -> Value:
    """The same, and undefined as an empty text."""
    return Connections.dialect.literal(b"" if value is None else value)


def val_int(value: Value) -> Value:
    """The same, and undefined as 0."""
    return Connections.dialect.literal(0 if value is None else value)
