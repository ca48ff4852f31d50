"""Start of the module: tables before the fork, unique ids in each process, the expiry timer."""

import os
import time
from typing import Any

from ...core import timer
from ...core.log import logger
from ...core.sr_module import Rank
from ...src.native import lib
from .domain import Phase, domains, find_domain
from .kept_sockets import keep_sockets
from .settings import settings

log = logger(__name__)
_start_time = int(time.time())


def init() -> None:
    """Main process, shared memory ready: from here on a domain that the script names gets its table at once."""
    settings.apply()
    for domain in domains():
        domain.open()
    Phase.open = True
    for name in settings.preload:
        find_domain(name)
    if settings.timer_procs:
        timer.register_timer_process(expire, None, settings.timer_interval, description="USRLOC Timer")
    else:
        timer.register_timer(expire, None, settings.timer_interval)


def child_init(rank: int) -> None:
    """Each process: its pid makes the ruids of its contacts unique. With Rank.INIT in main, just before the fork."""
    Phase.frozen = True
    for domain in domains():
        domain.watch()
    lib.kh_ul_start(_start_time, os.getpid())
    if rank == Rank.INIT:
        keep_sockets()


def expire(ticks: int, param: Any) -> None:
    """The timer: remove expired contacts from all tables."""
    for domain in domains():
        removed = domain.expire()
        if removed:
            log.debug("%d contacts of %s have expired", removed, domain.name.decode())
