"""Opens the shared memory of the server: one segment, mapped before fork at the same address in all processes."""

import hashlib
import os
import time

from ..mem import report, segment
from ..mem.errors import SegmentError
from ..mem.shm import shm_info
from ..src.native import lib
from .errors import StartError
from .log import logger

log = logger(__name__)
REFUSALS_S = 1.0  # between two lines about allocations that were refused


def kept_name(config: str) -> str:
    """The segment of `--keep-shm`: one a configuration file."""
    return f"/kahea-kept-{hashlib.sha256(os.path.realpath(config).encode()).hexdigest()[:12]}"


def open_shared(size: int, config: str = "", keep: bool = False, debug: bool = False) -> None:
    """Map `size` bytes (`-m`, shm_mem_size) for this process and all its children; StartError when it cannot.

    With `keep` (`--keep-shm`) the memory of a former start with the same configuration file is taken over, and this
    one's stays for the next. Without it nothing stays, and what a former start left is removed: old registrations must
    not come back some day. `debug` is the core parameter mem_debug.
    """
    if size < segment.SMALLEST:
        raise StartError(f"{size >> 20} MB of shared memory are too little: at least {segment.SMALLEST >> 20}")
    name = kept_name(config)
    if not keep and not segment.remove(name):
        log.warning("another server of this configuration file runs with --keep-shm: its memory stays")
    try:
        opened = segment.open_segment(size, name if keep else None, debug)
    except SegmentError as error:
        raise StartError(str(error)) from error
    if opened.adopted:
        log.notice("the shared memory of the former start is taken over (%s)", name)
        if debug != bool(lib.kh_shm_flags() & lib.KH_SHM_DEBUG):
            log.warning("mem_debug stays as it was there; it changes with a start without --keep-shm")
    elif opened.reason:
        log.warning("the shared memory of the former start is not used: %s", opened.reason)
    log.debug("%d MB of shared memory", size >> 20)


def all_adopted() -> None:
    """Main, when all that could find something in a former start's memory has had its turn: the rest is freed."""
    freed = segment.adoption_done()
    if freed:
        log.info("%d blocks of the former start had no user any more", freed)


class RefusalWatch:
    """Main process: says that allocations were refused, in any process, at most once in REFUSALS_S.

    Each of them was answered where it happened (a request 503); callers can provoke any number of them.
    """

    def __init__(self) -> None:
        self.known = 0
        self.next = 0.0

    def look(self) -> None:
        """Call it often."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + REFUSALS_S
        count = int(lib.kh_counter_sum(lib.KH_CNT_SHM_FAILED))
        refused, self.known = count - self.known, count
        if refused > 0:
            info = shm_info()
            log.error(
                "out of shared memory: %d allocations were refused, %d of %d bytes are free",
                *(refused, info.free, info.total_size),
            )


def report_use(limit: int = 20) -> None:
    """Debug mode: who has how much shared memory, most first, to the log; and, in any mode, what was misused."""
    for site in report.sites()[:limit]:
        log.notice("shared memory: %d bytes in %d blocks of %s", site.bytes, site.blocks, site.where)
    for fault in report.faults():
        log.error("shared memory: %s", fault)
