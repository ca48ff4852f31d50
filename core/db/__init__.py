"""Databases: the DB API of the devel guide (chapter 9), by which modules use any database.

    dbf = db_bind_mod("sqlite:////var/lib/kahea.sqlite")  # init of a module; ModuleError when no driver is loaded
    con = dbf.init(url)  # opened when it is first used, by each process for itself
    con.use_table("location")
    for row in con.query(["username"], None, [b"alice"], ["contact", "expires"], "q desc"): ...

Values are bytes (text), int, float, datetime (aware) or None; DbVal where a type must be forced. What fails raises
DbError and is counted. Keys, operators and order are names that code or configuration gives; only values come from
peers, and they reach the database as parameters, never as part of the SQL (sql.py, the one place that writes it).

A driver is a module `db_<scheme>` whose `exports.api` is a DbFunc. One for an SQL database with a PEP 249 library says
how to connect, how errors are to be read, and its dialect; all else is in SqlConnection.
"""

from .bind import DbFunc, db_bind_mod
from .connection import DRIVER_STATS, DbConnection
from .errors import DbDown, DbError, DbLost, TableVersionError
from .sql import Dialect
from .sql_connection import SqlConnection
from .url import DbUrl, parse_url
from .values import (
    OP_BITWISE_AND,
    OP_EQ,
    OP_GEQ,
    OP_GT,
    OP_LEQ,
    OP_LT,
    OP_NEQ,
    DbCap,
    DbRes,
    DbType,
    DbVal,
    Value,
)
from .version import db_check_table_version, db_table_version

__all__ = [
    "DRIVER_STATS", "OP_BITWISE_AND", "OP_EQ", "OP_GEQ", "OP_GT", "OP_LEQ", "OP_LT", "OP_NEQ", "DbCap", "DbConnection",
    "DbDown", "DbError", "DbFunc", "DbLost", "DbRes", "DbType", "DbUrl", "DbVal", "Dialect", "SqlConnection",
    "TableVersionError", "Value", "db_bind_mod", "db_check_table_version", "db_table_version", "parse_url",
]  # fmt: skip
