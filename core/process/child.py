"""What happens in a child between fork and its loop.

The fork line: everything is imported, compiled and allocated before it. After it, a child gets its own signals, log
index, random seed, place in the process table, and what modules open in `child_init` (never inherited).
"""

import faulthandler
import gc
import os
import random
import signal
from collections.abc import Callable
from typing import NoReturn

from ...src.native import lib
from .. import log as logging
from ..errors import StartError
from ..loader import child_init
from ..msg.core_events import worker_one_init
from .daemon import detach_stderr
from .table import ProcessTable

log = logging.logger(__name__)
FIRST_WORKER = 1  # rank
EXIT_BUG = 70  # EX_SOFTWARE: an exception nobody expected


def run_child(
    index: int,
    rank: int,
    description: str,
    run: Callable[[], None],
    table: ProcessTable,
    main: int,
    ready: int | None,
) -> NoReturn:
    """Set up, report on `ready`, run the loop, leave. Never returns to the code of main."""
    code = EXIT_BUG
    try:
        enter(index, table, main)
        child_init(rank)
        if rank == FIRST_WORKER and ready is not None:  # once, not when it is replaced
            worker_one_init()
        if ready is not None:
            os.write(ready, b".")
            os.close(ready)
        log.debug("%s is up, rank %d", description, rank)
        run()
        code = 0
    except StartError as error:
        log.critical("%s: %s", description, error)
        code = error.code
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 0
    except BaseException:
        log.exception("%s ends because of a bug", description)
    finally:
        os._exit(code)


def enter(index: int, table: ProcessTable, main: int) -> None:
    """Become the process of this slot of the table."""
    if lib.kh_signals_parent_death(signal.SIGTERM, main) < 0:
        os._exit(0)  # main died between fork and here
    if lib.kh_signals_init(0) < 0:
        raise StartError("cannot install signal handlers")
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: main decides
    logging.set_process(index)
    detach_stderr()
    faulthandler.enable()
    gc.disable()
    random.seed()
    table.attach(index)
