"""Where the message in onsend_route goes: what `$snd(...)`, `$sndfrom(...)`, `snd_ip`, `to_port`... read."""

from collections.abc import Callable
from typing import Any

from ...src.native import ffi
from ..net.addr import addr_text
from ..net.sockets import SocketInfo, sockets
from .translate import BuildError


class Sending:
    """The message in onsend_route and the kh_dest it goes to; one a process. `active` is False outside the route."""

    def __init__(self) -> None:
        self.active = False
        self._build: Callable[[], bytes] | None = None
        self._dest: Any = None
        self._buf: bytes | None = None

    def begin(self, dest: Any, build: Callable[[], bytes]) -> None:
        """The route starts; `build()` makes the bytes that will leave."""
        self.active, self._build, self._dest, self._buf = True, build, dest, None

    def end(self) -> None:
        """The route is over."""
        self.active, self._build, self._dest, self._buf = False, None, None, None

    @property
    def to_ip(self) -> bytes:
        """The destination's address as text."""
        return addr_text(ffi.addressof(self._dest, "to"))

    @property
    def to_port(self) -> int:
        """Its port."""
        return int(self._dest.to.port)

    @property
    def proto(self) -> int:
        """How it goes: enum kh_proto."""
        return int(self._dest.to.proto)

    @property
    def socket(self) -> SocketInfo:
        """Where it leaves."""
        return sockets()[self._dest.sock]

    @property
    def buf(self) -> bytes:
        """What leaves, built when first asked for; empty when it cannot be built."""
        if self._buf is None and self._build is not None:
            try:
                self._buf = self._build()
            except BuildError:
                self._buf = b""
        return self._buf or b""


sending = Sending()
