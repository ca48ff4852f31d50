"""The module's processes: what is opened before fork, and the loop that answers."""

import os
from typing import Any

from ...core.process.waiter import Waiter
from ...core.rpc.endpoints import Access
from ...core.runtime import run_folder
from .datagram import Datagram
from .fifo import Fifo
from .settings import DATAGRAM, FIFO, settings

_open: list[Fifo | Datagram] = []  # opened by main with its rights, used by the children


def init() -> None:
    """Main process: make the FIFO and bind the socket, while we still have the rights to."""
    if settings.uses(FIFO) and settings.fifo_name:
        _open.append(
            Fifo(
                place(settings.fifo_name),
                Access(settings.fifo_mode, settings.fifo_user, settings.fifo_group),
                os.fsdecode(settings.fifo_reply_dir),
                bool(settings.pretty_format),
            )
        )
    if settings.uses(DATAGRAM) and settings.dgram_socket:
        _open.append(
            Datagram(
                place(settings.dgram_socket),
                Access(settings.dgram_mode, settings.dgram_user, settings.dgram_group),
                settings.dgram_timeout,
                bool(settings.pretty_format),
            )
        )


def place(name: bytes) -> str:
    """A path relative to the run folder unless it is absolute or a network address."""
    text = os.fsdecode(name)
    return text if text.startswith("udp:") else os.path.join(run_folder(), text)


def count() -> int:
    """How many processes: `dgram_workers`; the first also reads the FIFO."""
    if not _open:
        return 0
    return max(1, settings.dgram_workers) if any(isinstance(item, Datagram) for item in _open) else 1


def serve(index: int) -> None:
    """The loop of process number `index`."""
    waiter = Waiter()
    for item in _open:
        if index == 0 or isinstance(item, Datagram):
            waiter.add(item.fileno(), item.ready)
    waiter.run()


def destroy() -> None:
    """Main process, at the end: our files go with us."""
    for item in _open:
        item.remove()
    _open.clear()


def echo(*values: Any) -> list[Any]:
    """The command jsonrpc.echo."""
    return list(values)
