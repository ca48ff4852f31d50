"""Descriptors on their way to another process: what its channel does not take at once is sent when it can."""

from collections import deque
from collections.abc import Callable

from ...src.native import lib


class Outbox:
    """Messages for one place, in order. `watch(fd)` and `unwatch(fd)` tell when `flush` is due."""

    def __init__(self, place: int, watch: Callable[[int], None], unwatch: Callable[[int], None]) -> None:
        self.place = place
        self.fd = int(lib.kh_chan_send_fd(place))
        self.watch, self.unwatch = watch, unwatch
        self.waiting: deque[tuple[int, int, Callable[[], int]]] = deque()

    def post(self, kind: int, number: int = 0, fd: Callable[[], int] = lambda: -1) -> None:
        """Send, now or later. `fd()` is asked when it is sent: the descriptor, or -1 when the connection is gone."""
        if self.waiting or not self.send(kind, number, fd):
            if not self.waiting:
                self.watch(self.fd)
            self.waiting.append((kind, number, fd))

    def send(self, kind: int, number: int, fd: Callable[[], int]) -> bool:
        descriptor = fd()
        if kind == lib.KH_CHAN_CONN and descriptor < 0:
            return True
        return int(lib.kh_chan_send(self.place, kind, number, descriptor)) != lib.KH_EBUSY

    def flush(self) -> None:
        """The channel takes something again."""
        while self.waiting and self.send(*self.waiting[0]):
            self.waiting.popleft()
        if not self.waiting:
            self.unwatch(self.fd)
