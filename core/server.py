"""The server from its configuration to its end, in the order of the start.

load       parse the configuration and load modules; every mistake stops here
settle     log, background, folders, limits, run folder
share      the shared arena, statistics, runtime values, management commands
modules    every module's init; then the route blocks are compiled
listen     sockets; after this the rights of root are not needed any more
populate   the places of the process table: workers, timers, module processes
run        fork, supervise
finish     destroy modules, remove the pid file
"""

import gc
import os
import signal
import sys
from collections.abc import Callable
from functools import partial

from ..cfg.errors import ConfigError, Diagnostic
from ..locking import set_backend
from ..mem.pkg import pkg_limit
from . import info, loader, log, runtime, settings, statistics, tasks
from .errors import FileError, StartError
from .msg.receive import message, start_receiving
from .net import sockets
from .options import Options
from .process import daemon, signals
from .process.populate import populate
from .process.supervisor import STOP_LIMIT_S, ProcessSpec, Supervisor
from .process.table import ProcessTable
from .rpc import core_commands, memory_commands, script_commands, socket_commands, stats_commands, tcp_commands
from .script import script
from .shared import RefusalWatch, all_adopted, open_shared, report_use
from .shtable import delete_tables
from .tcp.setup import release as release_tcp

logger = log.logger(__name__)
COMMANDS = (core_commands, stats_commands, memory_commands, script_commands, socket_commands, tcp_commands)


class Server:
    """One running server; lives in the main process, children inherit it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.params = script.params
        self.uid: int | None = None
        self.gid: int | None = None
        self.table = ProcessTable()
        self.pid_file = ""
        self.report: Callable[[int], None] = lambda code: None

    # configuration

    def load(self) -> None:
        """Read the configuration and lay the command line over it. ConfigError, StartError."""
        options = self.options
        log.setup(level=max(options.debug or 0, log.WARN), stderr=True, color=options.color)
        try:
            script.load(options.config, options)
        except OSError as error:
            raise FileError(f"loading config file({options.config}): {error.strerror}") from error
        settings.apply(self.params, options)
        self.tell(script.warnings)

    def tell(self, found: list[Diagnostic]) -> None:
        """What the user should know about the configuration; to the terminal where nothing but that was asked for."""
        for each in found:
            if self.options.check:
                print(each.format(), file=sys.stderr)
                continue
            logger.log(log.WARN if each.severity == "warning" else log.NOTICE, "%s", each.format())

    def check(self) -> None:
        """`-c`: what can be known without starting; says where it would listen, as Kamailio does."""
        self.tell(script.compile(check_only=True).diagnostics)
        for module in loader.loaded_modules():
            warnings = module.exports.check() if module.exports.check is not None else ()
            self.tell([Diagnostic("warning", text) for text in warnings])
        daemon.find_ids(settings.text(self.params.user), settings.text(self.params.group))
        print("Listening on ")
        for line in sockets.describe(self.params, script.listen, self.options.listen):
            print(f"             {line}")

    def dump_script(self) -> str:
        """`--dump-script`: the Python that the route blocks are compiled to."""
        return script.compile(check_only=True).source

    # the order of the start

    def serve(self) -> int:
        """Start, run until told to stop, clean up; the exit status."""
        try:
            self.settle()
            self.share()
            self.modules()
            self.listen()
            self.run(populate(self.params))
        except (StartError, ConfigError) as error:
            self.report(getattr(error, "code", 255))
            raise
        finally:
            self.finish()
        return 0

    def settle(self) -> None:
        """Become the process that stays: background, user ids looked up, folders, limits, pid file."""
        params, options = self.params, self.options
        self.uid, self.gid = daemon.find_ids(settings.text(params.user), settings.text(params.group))
        if not (options.foreground or not params.fork):
            self.report = daemon.daemonize()
        settings.start_log(params, options)
        daemon.set_limits(params.open_files_limit, bool(params.disable_core_dump))
        runtime.set_run_folder(settings.text(params.rundir, info.RUN_FOLDER))
        if params.chroot:
            daemon.change_root(settings.text(params.chroot))
        daemon.make_run_folder(runtime.run_folder(), self.uid, self.gid)
        daemon.change_folder(settings.text(params.workdir, "/"))
        self.write_pid_files()

    def write_pid_files(self) -> None:
        """`-P` and `-G`."""
        if self.options.pid_file:
            daemon.write_pid_file(self.options.pid_file, os.getpid())
            self.pid_file = self.options.pid_file
        if self.options.pgid_file:
            daemon.write_pid_file(self.options.pgid_file, os.getpgid(0))

    def share(self) -> None:
        """Everything that all processes share; from here on shared memory can be used."""
        params = self.params
        keep, debug = bool(params.keep_shm), bool(params.mem_debug)
        open_shared(params.shm_mem_size << 20, self.options.config, keep, debug)
        set_backend(settings.text(params.lock_backend))
        if self.options.pkg_mb:
            pkg_limit(self.options.pkg_mb << 20)
        statistics.adopt_kernel_stats()
        memory_commands.register_statistics()
        settings.declare_runtime(self.params, script.custom)
        for commands in COMMANDS:
            commands.register_all()

    def modules(self) -> None:
        """Initialise modules, then compile the route blocks: their constants may live in what modules made."""
        tasks.make_groups(self.params)
        loader.init_modules()
        self.tell(script.compile().diagnostics)

    def listen(self) -> None:
        """Open the sockets, drop the rights of root."""
        sockets.open_all(self.params, script.listen, script.aliases, self.options.listen, self.options.aliases)
        for socket in sockets.sockets():
            logger.info("listening on %s", socket)
        start_receiving(self.params)
        settings.start_prefix(self.params, lambda: message)
        daemon.drop_privileges(self.uid, self.gid)
        loader.child_init(-127)
        all_adopted()

    def run(self, specs: list[ProcessSpec]) -> None:
        """Fork and supervise until the end."""
        single = specs.pop(0) if not self.params.fork and specs and specs[0].rank > 0 else None
        supervisor = Supervisor(self.table, specs)
        supervisor.stop_limit = self.stop_limit()
        supervisor.max_respawns = self.params.max_respawns
        supervisor.on_reload = self.reload
        supervisor.on_report = memory_commands.report
        supervisor.on_turn = self.watch()
        signals.on_signal(signal.SIGHUP, partial(self.reload, log.DBG))
        signals.on_signal(signal.SIGUSR1, memory_commands.report)
        gc.collect()
        gc.disable()
        gc.freeze()
        supervisor.start()
        self.report(0)
        self.report = lambda code: None
        daemon.detach_stderr()
        logger.notice("%s is ready: %d processes", info.FULL_NAME, len(specs) + 1)
        if single is not None:
            supervisor.run_single(single)
        else:
            supervisor.run()

    def watch(self) -> Callable[[], None]:
        """What main looks at between two signals."""
        looks = RefusalWatch().look, tasks.TaskWatch().look

        def look() -> None:
            for each in looks:
                each()

        return look

    def stop_limit(self) -> float:
        """Seconds that children may take to end (exit_timeout; 0: any time)."""
        if not self.params.was_given("exit_timeout"):
            return STOP_LIMIT_S
        return float(self.params.exit_timeout) or 1e9

    def reload(self, level: int = log.NOTICE) -> bool:
        """Compile the routing script beside the old one; False, and nothing changes, when it is not good. Main first;
        each child then does the same."""
        try:
            script.reload()
        except (ConfigError, StartError, OSError) as error:
            logger.error("the routing script stays as it is: %s", error)
            return False
        logger.log(level, "the routing script is reloaded")
        return True

    def finish(self) -> None:
        """The end of main: modules destroyed, tables given back, what is left then reported, files removed."""
        loader.destroy_modules()
        if not self.params.keep_shm:
            delete_tables()
        release_tcp()
        tasks.clear()
        report_use()
        if self.pid_file:
            daemon.remove_pid_file(self.pid_file)
