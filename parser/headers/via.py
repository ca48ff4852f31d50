"""Via values: `parse_via` gives a `ViaBody`, the devel guide's `via_body` (RFC 3261 20.42, RFC 3581)."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...src.native import lib
from ..errors import BadHeader
from ..params import iter_params, parse_params
from ..spans import SpanStruct

COOKIE = b"z9hG4bK"  # a branch that begins so is unique over space and time (RFC 3261 8.1.1.7)
_via = SpanStruct("kh_via", "=18HHHBBBB")
_next, _c, _values = lib.kh_via_next, _via.c, _via.values


@dataclass(frozen=True, slots=True)
class ViaBody:
    """One value. Absent parts are empty, `port` 0, `rport` None; `host` keeps IPv6 brackets."""

    body: bytes
    transport: bytes
    host: bytes
    port: int
    proto: int
    params: bytes
    branch: bytes
    received: bytes
    rport: int | None  # 0: asked for (";rport"), else the port that was filled in
    maddr: bytes
    ttl: int
    i: bytes
    alias: bool

    @property
    def tid(self) -> bytes:
        """The branch behind the magic cookie."""
        return self.branch[len(COOKIE) :] if self.branch.startswith(COOKIE) else b""

    @property
    def name(self) -> bytes:
        """protocol-name: SIP."""
        return self.body.partition(b"/")[0].rstrip()

    @property
    def version(self) -> bytes:
        """protocol-version: 2.0."""
        return self.body.split(b"/", 2)[1].strip()

    @property
    def port_str(self) -> bytes:
        """The port as digits; empty when none is given."""
        return b"%d" % self.port if self.port else b""

    @property
    def param_lst(self) -> tuple[tuple[bytes, bytes | None], ...]:
        """Parameters in order as (name, value), as written."""
        return tuple(iter_params(self.params))

    @property
    def param_dict(self) -> dict[bytes, bytes | None]:
        return parse_params(self.params)


def iter_via(body: bytes) -> Iterator[ViaBody]:
    """Each value of a Via header; raises BadHeader at the first malformed one."""
    off, end = 0, len(body)
    while off < end:
        off = _next(_c, body, off, end)
        v = _values()
        if off < 0 or v[21] & lib.KH_VIA_VERSION:
            raise BadHeader(f"bad Via {body[:80]!r}")
        whole, transport, host, params, branch, received, _, maddr, i = (
            body[v[n] : v[n] + v[n + 1]] for n in range(0, 18, 2)
        )
        port, rport, proto, flags, _, ttl = v[18:]
        yield ViaBody(
            whole, transport, host, port, proto, params, branch, received,
            rport if flags & lib.KH_VIA_RPORT else None, maddr, ttl, i, bool(flags & lib.KH_VIA_ALIAS),
        )  # fmt: skip


def parse_via(body: bytes) -> ViaBody:
    """The first value of a Via header; raises BadHeader."""
    for via in iter_via(body):
        return via
    raise BadHeader("empty Via")
