"""Authorization and Proxy-Authorization: digest credentials; WWW- and Proxy-Authenticate: challenges (RFC 8760, 7616).

credentials = ("Digest" LWS digest-response) / other-response        RFC 3261 25.1
digest-response = dig-resp *(COMMA dig-resp)
"""

import re
from dataclasses import dataclass, field

from ..errors import BadHeader
from ..params import unquote

# name = token-or-quoted, then a comma or the end
_PAIR = re.compile(rb'\s*([^\s=,"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]*)\s*(,|$)', re.S)
MAX_CREDENTIALS = 4096  # bytes of one header body; a longer one is no digest


@dataclass(frozen=True, slots=True)
class Digest:
    """Digest credentials: values without quotes, empty when absent; `params` has all, names in lower case."""

    username: bytes = b""
    realm: bytes = b""
    nonce: bytes = b""
    uri: bytes = b""
    response: bytes = b""
    algorithm: bytes = b""
    cnonce: bytes = b""
    opaque: bytes = b""
    qop: bytes = b""
    nc: bytes = b""
    params: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def user(self) -> bytes:
        """The username before an @."""
        return self.username.partition(b"@")[0]

    @property
    def domain(self) -> bytes:
        """The username behind an @, empty without."""
        return self.username.partition(b"@")[2]


_FIELDS = tuple(name for name in Digest.__slots__ if name != "params")
REQUIRED = (b"username", b"realm", b"nonce", b"uri", b"response")


def auth_scheme(body: bytes) -> bytes:
    """The scheme in lower case: b"digest", b"basic"..."""
    return body.split(None, 1)[0].lower() if body.strip() else b""


def parse_auth_params(body: bytes) -> dict[bytes, bytes]:
    """What follows the scheme, names in lower case, values without quotes; raises BadHeader."""
    if len(body) > MAX_CREDENTIALS:
        raise BadHeader("credentials too long")
    text = (body.split(None, 1) + [b"", b""])[1]
    params: dict[bytes, bytes] = {}
    at = 0
    while at < len(text):
        pair = _PAIR.match(text, at)
        if pair is None:
            raise BadHeader(f"bad credentials {body[:80]!r}")
        params.setdefault(pair[1].lower(), unquote(pair[2]))
        at = pair.end()
    return params


def parse_credentials(body: bytes) -> Digest:
    """Digest credentials of one header; raises BadHeader for another scheme or bad syntax, not for what is missing."""
    if auth_scheme(body) != b"digest":
        raise BadHeader(f"no digest credentials: {body[:20]!r}")
    params = parse_auth_params(body)
    return Digest(**{name: params.get(name.encode(), b"") for name in _FIELDS}, params=params)


def missing_parts(digest: Digest) -> list[bytes]:
    """Names of required parameters that credentials lack; with a qop also nc and cnonce (RFC 7616 3.4)."""
    wanted = REQUIRED + ((b"nc", b"cnonce") if digest.qop else ())
    return [name for name in wanted if name not in digest.params]
