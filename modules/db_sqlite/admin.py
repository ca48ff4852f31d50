"""What one does with whole databases: `kaheactl db backup`, `restore`, `copy`."""

import os
import re
import sqlite3
from collections.abc import Iterator

from ...core.db import DbError, SqlConnection

LITERAL = re.compile(r"'(?:[^']|'')*'")


def utf8(literal: re.Match[str]) -> str:
    """A text of SQL as it is, or when it is no UTF-8 by its bytes."""
    text = literal[0]
    if text.isascii() or not re.search("[\udc80-\udcff]", text):
        return text
    return f"CAST(X'{text[1:-1].replace(chr(39) * 2, chr(39)).encode('utf-8', 'surrogateescape').hex()}' AS TEXT)"


def dump(con: SqlConnection) -> Iterator[str]:
    """The database as SQL, a statement at a time."""
    session = sqlite3.connect(con.url.database)  # its own: texts are str in a dump
    session.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        for statement in session.iterdump():
            yield LITERAL.sub(utf8, statement)
    finally:
        session.close()


def restore(con: SqlConnection, text: str) -> None:
    """Run what `dump` gave, all or nothing."""
    con.run("restore", lambda session: con.guarded(execute_all, session, text))


def execute_all(session: sqlite3.Connection, text: str) -> None:
    """executescript does not undo what it has done when a statement fails."""
    try:
        session.executescript(text if re.search(r"^BEGIN\b", text, re.M) else f"BEGIN;{text};COMMIT")
    except sqlite3.Error:
        if session.in_transaction:
            session.execute("ROLLBACK")
        raise


def copy(con: SqlConnection, path: str) -> None:
    """The whole database into a file that is not there yet."""
    if os.path.exists(path):
        raise DbError(f"{path} is there already")

    def work(session: sqlite3.Connection) -> None:
        target = sqlite3.connect(path)
        try:
            session.backup(target)
        finally:
            target.close()

    con.run("copy", lambda session: con.guarded(work, session))
