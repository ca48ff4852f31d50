"""The server from its configuration to its end, in the order of the start.

    load       compile the configuration; every mistake stops here
    settle     log, background, folders, limits, run folder
    share      the shared arena, statistics, runtime values, management commands
    modules    every module's init
    listen     sockets; after this the rights of root are not needed any more
    populate   the places of the process table: workers, timers, module processes
    run        fork, supervise
    finish     destroy modules, remove the pid file
"""

import gc
import os
from collections.abc import Callable

from . import info, loader, log, runtime, settings, statistics, timer
from .errors import StartError
from .net import sockets
from .options import Options
from .process import daemon, signals, table
from .process.supervisor import ProcessSpec, Supervisor
from .process.worker import run_worker
from .rpc import cfg_commands, core_commands, memory_commands, stats_commands
from .script import Script
from .sr_module import Rank

logger = log.logger(__name__)
EXIT_OK = 0


class Server:
    """One running server; lives in the main process, children inherit it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.script = Script()
        self.uid: int | None = None
        self.gid: int | None = None
        self.report: Callable[[int], None] = lambda code: None

    # -- configuration ---------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Compile the configuration and lay the command line over it. ConfigError, StartError."""
        options = self.options
        log.setup(level=max(options.debug or 0, log.WARN), stderr=True, color=options.color)
        if options.mpath:
            loader.set_search_path(options.mpath)
        self.script.load(options.config, options)
        settings.apply(self.script.params, options)

    def check(self) -> None:
        """`-c`: what can be known without starting; prints where it would listen, as Kamailio does."""
        daemon.find_ids(self.script.params.user_name, self.script.params.group_name)
        print("Listening on")
        for line in sockets.describe(self.script.params):
            print(f"             {line}")

    # -- the order of the start ------------------------------------------------------------------------------------

    def serve(self) -> int:
        """Start, run until told to stop, clean up; the exit status."""
        try:
            self.settle()
            self.share()
            self.modules()
            self.listen()
            code = self.run(self.populate())
        except StartError as error:
            self.report(error.code)
            raise
        finally:
            self.finish()
        return code
