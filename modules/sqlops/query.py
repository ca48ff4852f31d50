"""The functions that run SQL. What they return: 1 rows, 2 none, 3 rows that nobody wants, -1 failed."""

from functools import lru_cache
from typing import Any

from ...core.db import DbError, DbRes, SqlConnection
from ...core.log import logger
from ...core.pv.spec import PvSpec, parse_spec
from ...core.pv.stores.xavp import push
from ...core.tasks import async_task_push
from .connections import Connections, check_name, find
from .results import keep, script_value

log = logger(__name__)
ROWS, NO_ROWS, IGNORED, FAILED = 1, 2, 3, -1
ROWS_MAX = 100_000  # of one result; more are left in the database, with a line in the log


def run(con: SqlConnection, sql: bytes) -> DbRes | None:
    """The rows; None, logged, when it failed."""
    try:
        result = con.raw_query(sql, fetch=True)
        con.fetch_result(result, ROWS_MAX)
        rows = result.rows
        if len(rows) == ROWS_MAX and con.fetch_result(result, 1):
            log.error("more than %d rows: the others are left out: %s", ROWS_MAX, sql[:100].decode("utf-8", "replace"))
        result.free()
        result.rows = rows
    except DbError as error:
        log.error("%s: %s", error, sql[:200].decode("utf-8", "replace"))
        return None
    return result


def sql_query(msg: Any, connection: bytes, sql: bytes, name: bytes = b"") -> int:
    """sql_query(connection, sql [, result]): rows go to $dbr(result=>...)."""
    con = find(connection)
    result = run(con, sql) if con is not None and sql else None
    if result is None:
        return FAILED
    if name and not keep(name, result):
        return FAILED
    if not len(result):
        return NO_ROWS
    return ROWS if name else IGNORED


def sql_xquery(msg: Any, connection: bytes, sql: bytes, name: bytes) -> int:
    """sql_xquery(connection, sql, xavp): each row becomes $xavp(name[n]), a field a column, before what is there."""
    con = find(connection)
    result = run(con, sql) if con is not None and sql else None
    if result is None or not name:
        return FAILED
    names = [column.encode("utf-8", "surrogateescape") for column in result.names]
    for row in reversed(result.rows):
        values = ((column, script_value(value)) for column, value in zip(names, row, strict=True))
        push(msg.xavps, name, {column: [value] for column, value in values if value is not None})
    return ROWS if len(result) else NO_ROWS


def sql_pvquery(msg: Any, connection: bytes, sql: bytes, variables: bytes) -> int:
    """sql_pvquery(connection, sql, "$pv;$pv"): a variable a column, the last row first. Null skips an $avp."""
    con = find(connection)
    try:
        targets = writable(variables)
    except ValueError as error:
        log.error("%s", error)
        return FAILED
    result = run(con, sql) if con is not None and sql else None
    if result is None:
        return FAILED
    if len(result) and len(result.names) > len(targets):
        log.error("%d columns for %d variables", len(result.names), len(targets))
        return FAILED
    for row in reversed(result.rows):
        for target, value in zip(targets, map(script_value, row), strict=False):
            if target.set is not None and not (value is None and target.export.name == "avp"):
                target.set(msg, value)
    return ROWS if len(result) else NO_ROWS


def sql_query_async(msg: Any, connection: bytes, sql: bytes) -> int:
    """sql_query_async(connection, sql): in a task worker (async_workers). 1 when one will do it, -1 else."""
    if find(connection) is None:
        return FAILED
    if not async_task_push(Connections.task, connection + b"\0" + sql):
        log.error("sql_query_async needs async_workers, and room in their queue")
        return FAILED
    return ROWS


def run_async(payload: bytes) -> None:
    """In a task worker."""
    connection, _, sql = payload.partition(b"\0")
    con = find(connection)
    if con is not None:
        run(con, sql)


@lru_cache(256)
def writable(text: bytes) -> tuple[PvSpec, ...]:
    """The variables of a list, separated by `;` or `,`; ValueError for what cannot be assigned."""
    found = []
    for part in split(text):
        try:
            spec = parse_spec(part)
        except LookupError as error:
            raise ValueError(str(error)) from error
        if spec.set is None:
            raise ValueError(f"{part.decode('latin-1')} cannot be assigned")
        found.append(spec)
    if not found:
        raise ValueError("no variables are named")
    return tuple(found)


def split(text: bytes) -> list[bytes]:
    """At separators outside of brackets."""
    parts, depth, begin = [], 0, 0
    for at, byte in enumerate(text):
        if byte in b"([{":
            depth += 1
        elif byte in b")]}":
            depth -= 1
        elif byte in b";," and depth == 0:
            parts.append(text[begin:at])
            begin = at + 1
    return [part.strip() for part in (*parts, text[begin:]) if part.strip()]


# at load


def declare(connection: bytes | None, sql: bytes | None, name: bytes | None = None) -> None:
    """sql_query: a connection named by a constant must be there."""
    if connection is not None:
        check_name(connection)


def declare_xavp(connection: bytes | None, *_others: bytes | None) -> None:
    """The same for those with other arguments."""
    declare(connection, None)


def declare_variables(connection: bytes | None, sql: bytes | None, variables: bytes | None) -> None:
    """sql_pvquery: so must the variables."""
    declare(connection, None)
    if variables is not None:
        writable(variables)
