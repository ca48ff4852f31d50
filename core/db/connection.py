"""A connection (db_con_t): opened when it is first used, opened again when it broke, never used by two processes.

This is what all drivers have in common, SQL or not; a driver fills in `connect` and `disconnect`, and runs its work by
`run`. While a database does not answer, attempts to connect are made RETRY_FIRST_S, then twice as long, up to
RETRY_LAST_S apart: what comes in between fails at once, since a worker that waits serves nobody.
"""

import abc
import os
import time
from collections.abc import Callable
from typing import Any, TypeVar

from ..log import logger
from ..sr_module import StatExport
from ..statistics import StatVar, get_stat
from .errors import DbDown, DbError, DbLost
from .settings import DbSettings
from .url import DbUrl

log = logger(__name__)
RETRY_FIRST_S = 0.5
RETRY_LAST_S = 30.0
SHOWN = 100  # characters of a statement in the log

#: statistics of each driver: group db_sqlite...
DRIVER_STATS = tuple(
    StatExport(name) for name in ("queries", "driver_errors", "connects", "connect_errors", "slow_queries")
)

T = TypeVar("T")
_abandoned: list[Any] = []  # sessions of a parent process: to close one here would close it there


class DbConnection(abc.ABC):
    """One database, as one process sees it."""

    def __init__(self, url: DbUrl) -> None:
        self.url = url
        self.table = ""  # of use_table
        self.in_transaction = False
        self._session: Any = None
        self._pid = 0
        self._pause = 0.0
        self._next_try = 0.0
        group = f"db_{url.scheme}"
        self._stats: dict[str, StatVar | None] = {s.name: get_stat(f"{group}:{s.name}") for s in DRIVER_STATS}

    # what a driver adds

    @abc.abstractmethod
    def connect(self) -> Any:
        """Open a session of the library; DbError."""

    @abc.abstractmethod
    def disconnect(self, session: Any) -> None:
        """Close it; whatever state it is in, this does not fail."""

    # what modules call

    def use_table(self, table: bytes | str) -> None:
        """The table of the verbs that follow."""
        self.table = table.decode("utf-8", "surrogateescape") if isinstance(table, bytes) else table

    def close(self) -> None:
        """The end of it; using it again opens it again."""
        if self._session is not None and self._pid == os.getpid():
            self.disconnect(self._session)
        self._session = None
        self.in_transaction = False

    # how work is done

    def run(self, what: str, work: Callable[[Any], T]) -> T:
        """`work(session)`, counted and timed; `what` shows in the log. DbError.

        A connection that turns out to be broken is replaced, and the work repeated once, unless it is part of a
        transaction.
        """
        self.tick("queries")
        begin = time.perf_counter_ns()
        try:
            try:
                return work(self.session())
            except DbLost as error:
                log.warning("the connection to %s is lost: %s", self.url, error)
                again = not self.in_transaction
                self.close()
                if not again:
                    raise
                return work(self.session())
        except DbError:
            self.tick("driver_errors")
            raise
        finally:
            self.measure(what, (time.perf_counter_ns() - begin) // 1000)

    def session(self) -> Any:
        """The open session of this process; DbDown."""
        if self._session is not None and self._pid != os.getpid():
            _abandoned.append(self._session)
            self._session = None
            self.in_transaction = False
        if self._session is None:
            self._session = self.open()
            self._pid = os.getpid()
        return self._session

    def open(self) -> Any:
        """Connect, unless it is too early for another try."""
        left = self._next_try - time.monotonic()
        if left > 0:
            raise DbDown(f"no connection to {self.url}, the next try is in {left:.1f} s")
        try:
            session = self.connect()
        except DbError as error:
            self._pause = min(max(2 * self._pause, RETRY_FIRST_S), RETRY_LAST_S)
            self._next_try = time.monotonic() + self._pause
            self.tick("connect_errors")
            raise DbDown(f"no connection to {self.url}: {error}") from error
        if self._pause:
            log.notice("connected to %s again", self.url)
        self._pause = self._next_try = 0.0
        self.tick("connects")
        return session

    def tick(self, name: str) -> None:
        """One more in the driver's statistics."""
        stat = self._stats[name]
        if stat is not None:
            stat.inc()

    def measure(self, what: str, took_us: int) -> None:
        """latency_limit_db."""
        if DbSettings.latency_limit_us and took_us > DbSettings.latency_limit_us:
            self.tick("slow_queries")
            log.log(
                DbSettings.latency_level, "alert - query execution too long [%d us] for [%s]", took_us, what[:SHOWN]
            )
