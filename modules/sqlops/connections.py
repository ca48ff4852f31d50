"""The databases of the script: `sqlcon` lines, and a connection to each in every process that uses it (core/db)."""

from typing import Any

from ...core.db import DbError, Dialect, SqlConnection, db_bind_mod, parse_url
from ...core.errors import ModuleError
from ...core.log import logger
from ...core.sr_module import Rank
from ...core.tasks import register_async_task

log = logger(__name__)
NAME_MAX = 64  # bytes


class Settings:
    """One instance; modparam writes to it."""

    def __init__(self) -> None:
        self.urls: dict[bytes, bytes] = {}
        self.results: list[bytes] = []
        self.connect_mode = 0  # 1: start though a database does not answer
        self.results_maxsize = 32
        self.tr_buf_size = 2048

    def add_connection(self, text: bytes) -> None:
        """`modparam("sqlops", "sqlcon", "ca=>sqlite:////var/x.sqlite")`"""
        name, found, url = text.partition(b"=>")
        name, url = name.strip(), url.strip()
        if not found or not name or len(name) > NAME_MAX:
            raise ValueError("must be NAME=>URL")
        if name in self.urls:
            raise ValueError(f"the connection {name.decode('latin-1')} is there already")
        parse_url(url)
        self.urls[name] = url

    def add_result(self, name: bytes) -> None:
        """`modparam("sqlops", "sqlres", "ra")`: results are made by their use as well."""
        if not name:
            raise ValueError("the name of a result is empty")
        self.results.append(name)


settings = Settings()


class Connections:
    """By name; made by `init`, before the fork."""

    known: dict[bytes, SqlConnection] = {}
    dialect: Dialect = Dialect()  # of the first: how values are written for `{sql.val}`
    task = -1


def init() -> None:
    """Main process: drivers are found, and every database is opened once, to see that it answers. ModuleError."""
    from .query import run_async

    Connections.known = {}
    for name, url in settings.urls.items():
        con = db_bind_mod(url).init(url)
        Connections.known[name] = con
        try:
            con.session()
        except DbError as error:
            if not settings.connect_mode:
                raise ModuleError(f"sqlcon {name.decode('latin-1')}: {error}") from error
            log.warning("sqlcon %s: %s", name.decode("latin-1"), error)
        con.close()
    if Connections.known:
        Connections.dialect = next(iter(Connections.known.values())).dialect
    Connections.task = register_async_task(run_async)


def child_init(rank: int) -> None:
    """Workers open their connections now rather than within the first message; one that fails is tried again."""
    if rank < Rank.SIPINIT:
        return
    for name, con in Connections.known.items():
        try:
            con.session()
        except DbError as error:
            log.error("sqlcon %s: %s", name.decode("latin-1"), error)


def destroy() -> None:
    """Main process, at the end."""
    for con in Connections.known.values():
        con.close()


def find(name: bytes) -> SqlConnection | None:
    """The connection of that name; a name that is none is logged."""
    con = Connections.known.get(name)
    if con is None:
        log.error("there is no connection %s: see sqlcon", name.decode("latin-1"))
    return con


def check_name(name: bytes) -> bytes:
    """At load; ValueError."""
    if name not in settings.urls:
        raise ValueError(f'there is no connection "{name.decode("latin-1")}": see the parameter sqlcon')
    return name


def parse_connection(name: bytes) -> bytes:
    """$sqlrows(name)"""
    return check_name(name.strip())


def sqlrows(msg: Any, name: bytes) -> int | None:
    """Rows that the last statement of this process on the connection changed."""
    con = Connections.known.get(name)
    return None if con is None else con.affected_rows()
