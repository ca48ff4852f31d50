"""Which processes a server has: workers for each socket, timers, task workers, modules', receivers of connections."""

from functools import partial

from ...cfg.core_params import CoreParams
from .. import loader, tasks, timer
from ..net import sockets
from ..net.addr import UDP
from ..sr_module import Rank
from ..tcp.keeper import run_keeper
from ..tcp.receiver import run_receiver
from ..tcp.setup import prepare
from .supervisor import ProcessSpec
from .task_worker import run_task_worker
from .worker import run_worker


def populate(params: CoreParams) -> list[ProcessSpec]:
    """The places of the process table in Kamailio's order: UDP workers, slow timer, timer, timer processes, task
    workers, modules, TCP receivers (their ranks go on after the workers'), TCP main."""
    udp = workers(params)
    return [*udp, *timers(), *task_workers(), *module_processes(), *tcp_processes(params, len(udp) + 1)]


def workers(params: CoreParams) -> list[ProcessSpec]:
    """`children` (or its socket_workers) workers a UDP socket, ranks from 1 across all sockets.

    fork=no: one for the first socket."""
    specs: list[ProcessSpec] = []
    datagrams = [socket for socket in sockets.sockets() if socket.proto == UDP]
    for socket in datagrams[: None if params.fork else 1]:
        for child in range((socket.workers or params.children) if params.fork else 1):
            description = f"udp receiver child={child} sock={socket.host.decode()}:{socket.port}"
            specs.append(ProcessSpec(len(specs) + 1, description, partial(run_worker, socket.index)))
    return specs


def timers() -> list[ProcessSpec]:
    """The two timer processes, each only if it has work, and timers with processes of their own."""
    specs = []
    if timer.timers():
        specs.append(ProcessSpec(Rank.TIMER, "slow timer", partial(timer.run_timers, timer.timers())))
    if timer.utimers():
        specs.append(ProcessSpec(Rank.TIMER, "timer", partial(timer.run_timers, timer.utimers())))
    for process in timer.timer_processes():
        specs.append(ProcessSpec(Rank.TIMER, process.description, partial(timer.run_timers, [process.timer])))
    return specs


def task_workers() -> list[ProcessSpec]:
    """The workers of each group of tasks."""
    return [
        ProcessSpec(Rank.RPC, group.description, partial(run_task_worker, group))
        for group in tasks.task_groups()
        for _ in range(group.workers)
    ]


def module_processes() -> list[ProcessSpec]:
    """The `procs` of the loaded modules."""
    specs = []
    for module, proc in loader.module_procs():
        count = proc.count()
        for index in range(count):
            description = f"{module.name}: {proc.name}" + (f" {index}" if count > 1 else "")
            specs.append(ProcessSpec(proc.rank, description, partial(proc.function, index)))
    return specs


def tcp_processes(params: CoreParams, rank: int) -> list[ProcessSpec]:
    """Receivers with ranks from `rank` on, and the keeper; none when no stream socket is open."""
    receivers = prepare(params)
    if not receivers:
        return []
    specs = [
        ProcessSpec(rank + place, f"tcp receiver (generic) child={place}", partial(run_receiver, place))
        for place in range(receivers)
    ]
    return [*specs, ProcessSpec(Rank.TCP_MAIN, "tcp main process", run_keeper)]
