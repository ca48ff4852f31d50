"""The loop of a task worker: take what is due from the group's queue, do it, send what came of it.

It sleeps in C until a task is due or a signal comes. The task in hand is always finished before a signal is looked at.
"""

import gc
import signal

from ...src.native import lib
from .. import runtime
from ..tasks import TaskGroup, run_task
from .signals import after_signals
from .worker import GC_MESSAGES, SIGNALS


def run_task_worker(group: TaskGroup) -> None:
    """Serve a group until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    tasks = 0
    while True:
        task = lib.kh_taskq_wait(group.queue)
        runtime.sync()
        if task:
            run_task(group, task)
            lib.kh_send_flush()
        elif not after_signals(lib.kh_signals_take()):
            return
        tasks += 1
        if tasks >= GC_MESSAGES:
            tasks = 0
            gc.collect()
