"""Opens SQLite databases and reads the library's errors; the verbs are core/db's."""

import sqlite3
from typing import Any
from urllib.parse import quote

from ...core.db import DbCap, DbError, DbFunc, DbLost, DbUrl, SqlConnection
from ...core.log import logger
from .dialect import SqliteDialect
from .settings import settings

log = logger(__name__)
BUSY_TIMEOUT_S = 5.0  # a writer waits so long for another, then the statement fails
CACHED_STATEMENTS = 128
_LOST = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB)  # the file has gone, or another one is there


class SqliteConnection(SqlConnection):
    """`sqlite:///relative/to/workdir`, `sqlite:////absolute`. A file that is not there is made, empty."""

    dialect = SqliteDialect()
    begin = "BEGIN IMMEDIATE"  # who begins to write later might find that another has written since it began to read

    def __init__(self, url: DbUrl) -> None:
        super().__init__(url)
        self.path = url.database

    def connect(self) -> sqlite3.Connection:
        """DbError when the file cannot be opened."""
        readonly = self.path in settings.readonly
        try:
            session = sqlite3.connect(
                f"file:{quote(self.path)}?mode={'ro' if readonly else 'rwc'}",
                uri=True,
                timeout=BUSY_TIMEOUT_S,
                isolation_level=None,
                detect_types=sqlite3.PARSE_DECLTYPES,
                cached_statements=CACHED_STATEMENTS,
            )
        except sqlite3.Error as error:
            raise DbError(f"{error}: {self.path}") from error
        session.text_factory = bytes
        if not readonly:
            self.set_modes(session)
        return session

    def set_modes(self, session: sqlite3.Connection) -> None:
        """The journal's; a database that does not take it (its folder is not ours) still can be read."""
        mode = settings.journal_mode(self.path)
        try:
            session.execute(f"PRAGMA journal_mode={mode}").fetchall()
            if mode == "WAL":
                session.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY):
                log.warning("%s keeps its journal mode: %s", self.path, error)
                return
            session.close()
            raise DbError(f"{error}: {self.path}") from error

    def translate(self, error: Exception) -> DbError | None:
        """SQLite says much by a code; its text is for people."""
        if not isinstance(error, (sqlite3.Error, sqlite3.Warning, OverflowError)):
            return None
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return (DbLost if code in _LOST else DbError)(str(error))


def connection(url: DbUrl) -> Any:
    """ValueError for a URL without a path."""
    if not url.database or url.host:
        raise ValueError("the URL of an SQLite database is sqlite:///path or sqlite:////absolute/path")
    return SqliteConnection(url)


api = DbFunc("sqlite", DbCap.ALL | DbCap.RAW_QUERY | DbCap.REPLACE | DbCap.FETCH | DbCap.LAST_INSERTED_ID
             | DbCap.INSERT_UPDATE | DbCap.AFFECTED_ROWS | DbCap.TRANSACTIONS, connection)  # fmt: skip
