"""The loop of a UDP worker: receive a batch, route each message, send what came of it.

`children` workers share a socket, as in SER. A batch is at most KH_UDP_BATCH datagrams; what the script sends is
queued in C and sent at its end, so that the order of what one batch sends is the order of the script. Signals
interrupt only the wait: the message in hand is always finished.
"""

import gc
import signal
import time

from ...src.native import lib
from .. import runtime
from ..log import logger
from ..msg.receive import receive
from .signals import after_signals

log = logger(__name__)
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
ERROR_PAUSE_S = 0.1  # after an error of the socket, so that a broken one does not burn the processor
GC_BATCHES = 20_000  # the cyclic collector is off; every so many batches it runs once, when the queue is empty


def run_worker(socket: int) -> None:
    """Serve UDP socket number `socket` until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    wait, generation, known = lib.kh_udp_recv, runtime.generation, runtime.generation[0]
    batches = 0
    while True:
        count = wait(socket)
        if count <= 0 and not after_wait(count, socket):
            lib.kh_udp_flush()
            return
        for number in range(count):
            receive(number)
        if generation[0] != known:
            known = generation[0]
            runtime.sync()
        batches += 1
        if batches >= GC_BATCHES and count <= 1:
            batches = 0
            gc.collect()


def after_wait(count: int, socket: int) -> bool:
    """Nothing was received: look at the signals. False when the worker is to stop."""
    if count < 0 and count != lib.KH_EINTR:
        log.error("receiving on socket %d failed: code %d", socket, count)
        time.sleep(ERROR_PAUSE_S)
    return after_signals(lib.kh_signals_take())
