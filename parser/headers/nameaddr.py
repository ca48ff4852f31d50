"""name-addr / addr-spec values: From, To, Contact, Route, Refer-To, P-Asserted-Identity... (RFC 3261 20.10, 25.1)."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...src.native import lib
from ..errors import BadHeader
from ..params import iter_params, parse_params, unquote
from ..spans import SpanStruct
from ..uri import SipUri, parse_uri

_addr = SpanStruct("kh_nameaddr", "=10H")
_next, _c, _values = lib.kh_nameaddr_next, _addr.c, _addr.values


@dataclass(frozen=True, slots=True)
class NameAddr:
    """One value. `body` is all of it, `display` keeps its quotes, `uri` is without < >, `params` without the first ;
    and all are as written; `tag_value` is empty without a tag."""

    body: bytes
    display: bytes
    uri: bytes
    params: bytes
    tag_value: bytes

    @property
    def display_text(self) -> bytes:
        """The display name without quotes."""
        return unquote(self.display)

    @property
    def parsed_uri(self) -> SipUri:
        """Raises BadUri."""
        return parse_uri(self.uri)

    @property
    def param_dict(self) -> dict[bytes, bytes | None]:
        """Header parameters by name in lower case, values without quotes."""
        return parse_params(self.params)

    @property
    def param_lst(self) -> tuple[tuple[bytes, bytes | None], ...]:
        """Header parameters in order as (name, value), as written."""
        return tuple(iter_params(self.params))

    def param(self, name: bytes) -> bytes | None:
        """Value of a parameter (name in lower case); b"" for one without value, None when absent."""
        params = self.param_dict
        return (params[name] or b"") if name in params else None


ToBody = NameAddr  # the devel guide's to_body


def iter_nameaddr(body: bytes) -> Iterator[NameAddr]:
    """Each value of a comma list; raises BadHeader at the first malformed one."""
    off, end = 0, len(body)
    while off < end:
        off = _next(_c, body, off, end)
        if off < 0:
            raise BadHeader(f"bad address {body[:80]!r}")
        b, bl, d, dl, u, ul, p, pl, t, tl = _values()
        yield NameAddr(body[b : b + bl], body[d : d + dl], body[u : u + ul], body[p : p + pl], body[t : t + tl])


def parse_nameaddr(body: bytes) -> NameAddr:
    """A header with exactly one value; raises BadHeader."""
    values = list(iter_nameaddr(body))
    if len(values) != 1:
        raise BadHeader(f"one address expected: {body[:80]!r}")
    return values[0]


parse_to = parse_from = parse_nameaddr
