"""Life of the module: tables before the fork, unique ids in each process, the timer, the last words to the database."""

import os
import time
from typing import Any

from ...core import timer
from ...core.db import DbError
from ...core.errors import ModuleError
from ...core.log import logger
from ...core.sr_module import Rank
from ...src.native import lib
from . import connections
from .database import database
from .domain import Phase, domains, find_domain
from .kept_sockets import keep_sockets
from .settings import settings

log = logger(__name__)
_start_time = int(time.time())


def init() -> None:
    """Main process, shared memory ready: from here on a domain that the script names gets its table at once."""
    settings.apply()
    connections.register()
    if settings.db_mode:
        database.bind()
    try:
        for domain in domains():
            domain.open()
        Phase.open = True
        for name in settings.preload:
            find_domain(name)
    except ValueError as error:
        raise ModuleError(str(error)) from error
    if settings.timer_procs:
        timer.register_timer_process(run_timer, None, settings.timer_interval, description="USRLOC Timer")
    else:
        timer.register_timer(run_timer, None, settings.timer_interval)


def child_init(rank: int) -> None:
    """Each process: its pid makes the ruids of its contacts unique. With Rank.INIT in main, just before the fork."""
    Phase.frozen = True
    for domain in domains():
        domain.watch()
    lib.kh_ul_start(_start_time, os.getpid())
    if rank == Rank.INIT:
        keep_sockets()
        load()
        database.close()


def load() -> None:
    """Main, sockets open: what the database has. A server that does not know its phones is not started."""
    if not settings.loads_rows:
        return
    for domain in domains():
        try:
            domain.load()
        except (DbError, MemoryError) as error:
            raise ModuleError(f'module "usrloc": {domain.name.decode()} cannot be loaded: {error}') from error


def run_timer(ticks: int, param: Any) -> None:
    """Remove expired contacts from all tables, then let the database follow."""
    for domain in domains():
        try:
            removed = domain.expire()
            if removed:
                log.debug("%d contacts of %s have expired", removed, domain.name.decode())
            domain.flush()
            domain.clean()
        except DbError as error:
            log.error("%s: %s", domain.name.decode(), error)


def destroy() -> None:
    """Main, children gone: the database gets what it does not know yet, and is closed by the last who had it open."""
    if not (Phase.frozen and database.bound):
        return
    for domain in domains():
        try:
            if domain.remote:
                domain.expire()
            domain.flush()
        except DbError as error:
            log.error("%s: %s", domain.name.decode(), error)
    database.close()
