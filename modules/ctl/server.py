"""The control process: what is opened before the fork, and its loop."""

from ...core.process.waiter import Waiter
from ...core.statistics import get_stat
from . import binrpc, lines
from .settings import FIFO, Address, settings
from .sockets import Listener, Talk, listeners


def talk_of(address: Address) -> Talk:
    """What is spoken there."""
    if address.protocol == "binrpc":
        return binrpc.take
    return lines.take_fifo if address.transport == FIFO else lines.take


def init() -> None:
    """Main process: open everything while we have the rights to. ModuleError."""
    for address in settings.wanted():
        listeners().append(Listener(address, talk_of(address)))


def serve(index: int) -> None:
    """The loop."""
    stat = get_stat("ctl:connections")
    if stat is not None:
        stat.reset()  # those of a process that died before us are gone
    waiter = Waiter()
    for listener in listeners():
        listener.serve(waiter)
    waiter.run()


def destroy() -> None:
    """Main process, at the end: our files go with us."""
    for listener in listeners():
        listener.close()
    listeners().clear()
