"""Makes and removes the standard tables of a database; a second time changes nothing."""

from ..errors import DbError
from ..settings import DbSettings
from ..sql_connection import SqlConnection
from ..version import db_table_version
from .ddl import create_table
from .tables import standard_tables


class SchemaError(DbError):
    """The database has tables that are not what they should be; nothing was changed."""


def present(con: SqlConnection) -> dict[str, int]:
    """The standard tables that are there, each with its version (0: nobody has noted one)."""
    found = con.tables()
    noted = DbSettings.version_table in found
    return {name: db_table_version(con, name) if noted else 0 for name in standard_tables() if name in found}


def create(con: SqlConnection) -> list[str]:
    """Make the missing tables, in one transaction; their names. SchemaError when one has a wrong version."""
    tables = standard_tables()
    with con.transaction():
        before = present(con)
        for name, version in before.items():
            if version != tables[name].version:
                raise SchemaError(f"table {name} is there with version {version}, not {tables[name].version}")
        missing = [table for name, table in tables.items() if name not in before]
        for table in missing:
            for statement in create_table(con.dialect, table):
                con.raw_query(statement)
        con.use_table(DbSettings.version_table)
        for table in missing:
            con.insert({"table_name": table.name, "table_version": table.version})
    return [table.name for table in missing]


def drop(con: SqlConnection) -> list[str]:
    """Remove the standard tables with all that is in them, in one transaction; their names."""
    with con.transaction():
        names = list(present(con))
        for name in names:
            con.raw_query(f"DROP TABLE {con.dialect.name(name)}")
    return names
