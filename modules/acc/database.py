"""Records as rows of a database. A database that is gone loses records, counted; it never stops a call."""

import re
from datetime import UTC, datetime
from typing import Any

from ...core.db import DbError, SqlConnection, Value, db_bind_mod
from ...core.errors import ModuleError
from ...core.log import logger
from ...core.pv import Format, parse_format
from .extra import legs
from .record import Record, formatted
from .settings import settings
from .stats import count

log = logger(__name__)
TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


class Database:
    """The connection of this process, made before the fork and opened by its first use."""

    connection: SqlConnection | None = None
    acc: Format
    missed: Format


def init() -> None:
    """Main process: bind the driver. ModuleError."""
    if not settings.db_url:
        return
    Database.connection = db_bind_mod(settings.db_url).init(settings.db_url)
    Database.acc = table_name("db_table_acc", settings.db_table_acc)
    Database.missed = table_name("db_table_missed_calls", settings.db_table_missed_calls)


def table_name(parameter: str, text: bytes) -> Format:
    """A name with variables in it."""
    try:
        return parse_format(text)
    except (ValueError, LookupError) as error:
        raise ModuleError(f"{parameter}: {error}") from error


def write(record: Record, table: Format | bytes) -> bool:
    """Insert a row, or one for each leg; False when that was not possible."""
    connection = Database.connection
    if connection is None:
        return False
    name = (table.eval(record.msg) if isinstance(table, Format) else table).decode("latin-1")
    if not TABLE.fullmatch(name):
        log.error('"%s" is no name of a table', name)
        count("db_errors")
        return False
    pairs = [*fixed(record), *times(record), *extras(record)]
    rows: list[list[tuple[str, Value]]] = [[]]
    if settings.legs:
        names = [extra.name for extra in settings.legs]
        rows = [list(zip(names, row, strict=True)) for row in legs(settings.legs, record.msg)]
    try:
        connection.use_table(name)
        for row in rows:
            keys, values = zip(*(pairs + row), strict=True)
            connection.insert(keys, values)
            count("db_records")
    except DbError as error:
        count("db_errors")
        log.error("a record for %s is lost: %s", name, error)
        return False
    return True


def fixed(record: Record) -> list[tuple[str, Value]]:
    """The columns that each table has."""
    values: dict[bytes, Any] = {
        settings.acc_method_column: record.method,
        settings.acc_from_tag_column: record.from_tag,
        settings.acc_to_tag_column: record.to_tag,
        settings.acc_callid_column: record.callid,
        settings.acc_sip_code_column: record.code,
        settings.acc_sip_reason_column: record.reason,
        settings.acc_time_column: datetime.fromtimestamp(int(record.at), UTC),
    }
    return [(name.decode("latin-1"), value) for name, value in values.items()]


def times(record: Record) -> list[tuple[str, Value]]:
    """What `time_mode` adds."""
    mode, attribute = settings.time_mode, settings.time_attr.decode("latin-1")
    if mode == 0:
        return []
    if mode == 1:
        extension = settings.time_exten.decode("latin-1")
        return [(attribute, int(record.at)), (extension, int(record.at % 1 * 1_000_000))]
    return [(attribute, round(record.at, 3) if mode == 2 else formatted(record.at))]


def extras(record: Record) -> list[tuple[str, Value]]:
    """The columns of db_extra."""
    return [(extra.name, stored(extra.get(record.msg))) for extra in settings.db_extra]


def stored(value: bytes | None) -> bytes | None:
    """What is undefined is an empty text, or NULL with acc_extra_nullable."""
    return value if value is not None or settings.acc_extra_nullable else b""
