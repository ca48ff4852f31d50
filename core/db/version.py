"""Each table has a version, in a table of its own (core parameter version_table): modules check it at their start."""

from .errors import DbError, TableVersionError
from .settings import DbSettings
from .sql_connection import SqlConnection


def db_table_version(con: SqlConnection, table: bytes | str) -> int:
    """The version of a table; 0 when there is no row for it. DbError, also when there are several."""
    before = con.table
    con.use_table(DbSettings.version_table)
    try:
        rows = con.query(["table_name"], None, [table], ["table_version"]).rows
    finally:
        con.use_table(before)
    if len(rows) > 1:
        raise DbError(f'{len(rows)} rows for a table in "{DbSettings.version_table}"')
    return int(rows[0][0] or 0) if rows else 0


def db_check_table_version(con: SqlConnection, table: bytes | str, version: int) -> None:
    """TableVersionError when the table is not of this version, or that cannot be known."""
    name = table.decode("utf-8", "replace") if isinstance(table, bytes) else table
    try:
        found = db_table_version(con, table)
    except DbError as error:
        raise TableVersionError(f'querying "{DbSettings.version_table}" for table {name}: {error}') from error
    if found != version:
        raise TableVersionError(
            f"invalid version {found} for table {name} found, expected {version} (check table structure and table "
            f'"{DbSettings.version_table}")'
        )
