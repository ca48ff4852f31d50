"""The loop of a UDP worker: receive a batch, route each message, send what came of it.

`children` workers share a socket, as in SER. A batch is at most KH_UDP_BATCH datagrams; what the script sends is
queued in C and flushed at its end, so that the order of what one batch sends is the order of the script. Signals are
looked at between two batches: the message in hand is always finished.
"""

import gc
from collections.abc import Callable

from ...src.native import lib
from ..log import logger
from .signals import after_signals

log = logger(__name__)
GC_BATCHES = 20_000  # the cyclic collector is off; every so many batches it runs once, when the queue is empty


def run_worker(socket: int, receive: Callable[[], None]) -> None:
    """Serve UDP socket number `socket` until SIGTERM; `receive()` routes the message that C has parsed."""
    wait, take, flush, interrupted = lib.kh_udp_recv, lib.kh_udp_next, lib.kh_udp_flush, lib.KH_EINTR
    batches = 0
    while True:
        count = wait(socket)
        if count < 0:
            if count != interrupted:
                log.error("receiving on socket %d failed: %d", socket, count)
            if not after_signals(lib.kh_signals_take()):
                flush()
                return
            continue
        while take() > 0:
            receive()
        flush()
        batches += 1
        if batches >= GC_BATCHES and count == 1:
            batches = 0
            gc.collect()
