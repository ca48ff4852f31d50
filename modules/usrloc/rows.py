"""A contact as a row of the table `location`, in Kamailio's form, and back.

Absent texts are null, but the user agent, which is `n/a`; q is -1 for none; methods are null when the contact did not
say; a connection is -1 for none; a permanent contact expires in 1970.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ...core.db import Value
from .contact import NO_SOCKET, NOT_SAID, SYNC, Contact
from .settings import settings
from .socket_names import socket_index, socket_text

NO_USER_AGENT = b"n/a"
STREAMS = (b"tcp:", b"tls:", b"ws:", b"wss:")
#: what identifies a row stays as it is when the row is updated
FIXED = ("ruid", "user", "domain", "partition")
#: in the order in which rows are read
READ = (
    "user", "domain", "contact", "expires", "q", "callid", "cseq", "flags", "cflags", "user_agent", "received", "path",
    "socket", "methods", "last_modified", "ruid", "instance", "reg_id", "server_id",
)  # fmt: skip


class BadRow(ValueError):
    """A row that cannot be a contact; `str()` says why."""


def column(name: str) -> str:
    """The name of a column as the parameters give it."""
    return settings.columns.get(name, name)


def names_of(aor: bytes) -> tuple[bytes, bytes | None]:
    """User and domain of an AoR; None for the domain when there is none."""
    if not settings.use_domain:
        return aor, None
    user, _, domain = aor.rpartition(b"@")
    return user, domain


def aor_of(user: bytes, domain: bytes | None) -> bytes:
    """The key of the location table."""
    return user + b"@" + (domain or b"") if settings.use_domain else user


def time_value(seconds: int) -> Value:
    """Unix time as a column of times holds it."""
    return seconds if settings.expires_type else datetime.fromtimestamp(seconds, UTC)


def seconds_of(value: Any) -> int:
    """The other way round."""
    if isinstance(value, datetime):
        return round(value.timestamp())
    if isinstance(value, (int, float)) or (isinstance(value, bytes) and value.isdigit()):
        return int(value)
    raise BadRow(f"{value!r} is not a time")


def row_of(aor: bytes, c: Contact) -> dict[str, Value]:
    """All columns of a contact, by COLUMNS' names. Flags are Kamailio's internal ones, of which there are none here."""
    user, domain = names_of(aor)
    return {
        "user": user, "domain": domain, "contact": c.contact, "expires": time_value(c.expires),
        "q": c.q / 1000 if c.q >= 0 else -1.0, "callid": c.callid, "cseq": c.cseq, "flags": 0, "cflags": c.cflags,
        "user_agent": c.user_agent or NO_USER_AGENT, "received": c.received or None, "path": c.path or None,
        "socket": socket_text(c.socket) or None, "methods": None if c.methods == NOT_SAID else c.methods,
        "last_modified": time_value(c.modified), "ruid": c.ruid, "instance": c.instance or None, "reg_id": c.reg_id,
        "server_id": c.server_id, "connection_id": c.conn or -1, "keepalive": 0, "partition": 0,
    }  # fmt: skip


def contact_of(row: Sequence[Any]) -> tuple[bytes, Contact]:
    """AoR and contact of a row of READ's columns. BadRow."""
    values = dict(zip(READ, row, strict=True))
    socket = socket_index(text(values["socket"])) if values["socket"] else None
    if not values["user"] or not values["contact"]:
        raise BadRow("no user or no contact")
    q = float(values["q"])
    user_agent = text(values["user_agent"])
    return aor_of(text(values["user"]), text(values["domain"])), Contact(
        contact=text(values["contact"]), expires=seconds_of(values["expires"]), q=round(q * 1000) if q >= 0 else -1,
        callid=text(values["callid"]), cseq=number(values["cseq"]), received=text(values["received"]),
        path=text(values["path"]), user_agent=b"" if user_agent == NO_USER_AGENT else user_agent,
        instance=text(values["instance"]), reg_id=number(values["reg_id"]), ruid=text(values["ruid"]),
        flags=number(values["flags"]), cflags=number(values["cflags"]),
        methods=NOT_SAID if values["methods"] is None else number(values["methods"]),
        socket=NO_SOCKET if socket is None else socket, server_id=number(values["server_id"]),
        modified=max(seconds_of(values["last_modified"]), 0), state=SYNC,
    )  # fmt: skip


def text(value: Any) -> bytes:
    """Of a column of texts; b"" for null."""
    return value if isinstance(value, bytes) else b"" if value is None else str(value).encode()


def number(value: Any) -> int:
    """Of a column of numbers; 0 for null. Databases without unsigned numbers give negative ones."""
    return int(value or 0) & 0xFFFFFFFF


def is_remote(row: Sequence[Any]) -> bool:
    """Whether the contact registered at a socket that this server does not listen on."""
    socket = text(row[READ.index("socket")])
    return bool(socket) and socket_index(socket) is None


def is_stream(row: Sequence[Any]) -> bool:
    """Whether it came by a connection."""
    return text(row[READ.index("socket")]).startswith(STREAMS)
