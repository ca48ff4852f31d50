"""The loop of a UDP worker: receive a message, route it, send what came of it.

`children` workers share a socket, as in SER. What the script sends is queued in C and leaves together before the next
message is waited for, in the order of the script. Signals interrupt only the wait: the message in hand is always
finished.
"""

import gc
import signal
import time

from ...src.native import lib
from .. import runtime
from ..log import logger
from ..msg.receive import message, receive, receive_junk
from .signals import after_signals

log = logger(__name__)
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
ERROR_PAUSE_S = 0.1  # after an error of the socket, so that a broken one does not burn the processor
GC_MESSAGES = 20_000  # the cyclic collector is off; after so many messages it runs once


def run_worker(socket: int) -> None:
    """Serve UDP socket number `socket` until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    wait, c, edits = lib.kh_udp_recv, message.c, message.edits
    generation, seen = runtime.generation, runtime.seen
    messages = 0
    while True:
        facts = wait(socket, c, edits)
        if generation[0] != seen[0]:
            runtime.sync()
        if facts > 0:
            receive(facts)
        elif not after_wait(facts, socket):
            lib.kh_send_flush()
            return
        messages += 1
        if messages >= GC_MESSAGES:
            messages = 0
            lib.kh_send_flush()  # the last message's results do not wait for this
            gc.collect()


def after_wait(code: int, socket: int) -> bool:
    """No message was received: look at the signals. False when the worker is to stop."""
    if code in (lib.KH_EMALFORMED, lib.KH_ETOOBIG):
        log.debug("a datagram that is no SIP message (code %d)", code)
        if code == lib.KH_EMALFORMED:
            receive_junk()
        return True
    if code < 0 and code != lib.KH_EINTR:
        log.error("receiving on socket %d failed: code %d", socket, code)
        time.sleep(ERROR_PAUSE_S)
    return after_signals(lib.kh_signals_take())
