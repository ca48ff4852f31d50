"""Where the message in onsend_route goes: what `$snd(...)`, `$sndfrom(...)`, `snd_ip`, `to_port`... read."""

from typing import Any

from ...src.native import ffi
from ..net.addr import addr_text
from ..net.sockets import SocketInfo, sockets
from .translate import build_req_buf_from_sip_req


class Sending:
    """The message in onsend_route and the kh_dest it goes to; one a process. `active` is False outside the route."""

    def __init__(self) -> None:
        self.active = False
        self._msg: Any = None
        self._dest: Any = None
        self._buf: bytes | None = None

    def begin(self, msg: Any, dest: Any) -> None:
        """The route starts."""
        self.active, self._msg, self._dest, self._buf = True, msg, dest, None

    def end(self) -> None:
        """The route is over."""
        self.active, self._msg, self._dest, self._buf = False, None, None, None

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
        """What leaves; of a transaction's branch the Via branch parameter is not the final one yet."""
        if self._buf is None:
            self._buf = build_req_buf_from_sip_req(self._msg, self._dest)
        return self._buf


sending = Sending()
