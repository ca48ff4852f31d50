"""Accounting on demand: acc_log_request(), acc_db_request(), acc_request()."""

from typing import Any

from ...core.log import logger
from . import database, syslog
from .record import ACCOUNTED, Record, make

log = logger(__name__)


def record_of(msg: Any, comment: bytes) -> Record:
    """The request in hand; `404 Nobody` as comment is code and reason, another one the reason."""
    code, blank, text = comment.partition(b" ")
    if not (len(code) == 3 and code.isdigit() and blank):
        code, text = b"", comment
    return make(ACCOUNTED, msg, code, text.strip(), None)


def acc_log_request(msg: Any, comment: bytes) -> int:
    """A line of the log; -1 without a comment."""
    if not comment:
        return -1
    syslog.write(record_of(msg, comment))
    return 1


def acc_db_request(msg: Any, comment: bytes, table: bytes) -> int:
    """A row of the table; -1 without comment or database."""
    if not comment or not table:
        return -1
    if database.Database.connection is None:
        log.error("acc_db_request: there is no db_url")
        return -1
    return 1 if database.write(record_of(msg, comment), table) else -1


def acc_request(msg: Any, comment: bytes, table: bytes) -> int:
    """Both, the database only if there is one."""
    if acc_log_request(msg, comment) < 0:
        return -1
    return 1 if database.Database.connection is None else acc_db_request(msg, comment, table)
