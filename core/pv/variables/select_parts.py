"""What may stand behind the root of a select: parts of a URI, of a name-addr, of a Via, of credentials.

A path is a tuple of steps; each builder takes the getter of the whole and the steps that are left, and returns the
getter of the part. ValueError for a step that does not exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ....parser.headers.credentials import parse_credentials
from ....parser.headers.nameaddr import parse_nameaddr
from ....parser.uri import try_parse_uri
from ..exports import Getter, Value
from .via import vias


@dataclass(frozen=True, slots=True)
class Step:
    """`.name`, `["key"]` (`key` is set) or `[number]` (`text` is empty)."""

    text: str = ""
    number: int | None = None
    key: bool = False

    @property
    def header(self) -> bytes:
        """As the name of a header: `_` stands for `-` where it is no key."""
        return (self.text if self.key else self.text.replace("_", "-")).encode("latin-1")


Path = tuple[Step, ...]
Parts = Mapping[str, Callable[[Any], Value]]

URI: Parts = {
    "type": lambda uri: uri.scheme, "user": lambda uri: uri.user or None, "rn_user": lambda uri: uri.user or None,
    "pwd": lambda uri: uri.passwd or None, "host": lambda uri: uri.host, "port": lambda uri: uri.port or None,
    "hostport": lambda uri: b"%s:%d" % (uri.host, uri.send_port),
    "transport": lambda uri: uri.transport_val or None, "params": lambda uri: uri.params or None,
}  # fmt: skip
NAME_ADDR: Parts = {
    "name": lambda a: a.display or None, "tag": lambda a: a.tag_value or None, "params": lambda a: a.params or None,
}  # fmt: skip
VIA: Parts = {  # RFC 3261 has no comment in it any more
    "name": lambda via: via.name, "version": lambda via: via.version, "transport": lambda via: via.transport,
    "host": lambda via: via.host, "port": lambda via: via.port_str or None, "branch": lambda via: via.branch or None,
    "received": lambda via: via.received or None, "i": lambda via: via.i or None,
    "rport": lambda via: b"%d" % via.rport if via.rport else None, "alias": lambda via: b"" if via.alias else None,
    "comment": lambda via: None, "params": lambda via: via.params or None,
}  # fmt: skip
DIGEST = frozenset(
    ("username", "realm", "nonce", "uri", "cnonce", "nc", "response", "opaque", "algorithm", "qop")
)  # fmt: skip


def none_left(path: Path) -> None:
    """ValueError when there is more."""
    if path:
        raise ValueError(f"nothing stands behind {path[0].text or path[0].number}")


def _part(parts: Parts, path: Path, what: str) -> Callable[[Any], Value]:
    """One of the named parts, or `params.NAME`."""
    first = path[0].text
    if first == "params" and len(path) == 2 and path[1].text:
        name = path[1].text.lower().encode("latin-1")
        return lambda whole: (whole.param_dict[name] or b"") if name in whole.param_dict else None
    if first not in parts:
        raise ValueError(f"{what} has no part {first}")
    none_left(path[1:])
    return parts[first]


def uri(read: Getter, path: Path) -> Getter:
    """A URI or a part of it."""
    if not path:
        return read
    part = _part(URI, path, "a URI")

    def get(msg: Any) -> Value:
        text = read(msg)
        parsed = try_parse_uri(text) if isinstance(text, bytes) else None
        return None if parsed is None else part(parsed)

    return get


def name_addr(read: Getter, path: Path, params: tuple[str, ...] = ()) -> Getter:
    """A name-addr, its `uri` and what is behind that, `name`, `tag`, `params.NAME`, or one of `params` by its name."""
    if not path:
        return read
    if path[0].text == "uri":
        return uri(_from_name_addr(read, lambda a: a.uri), path[1:])
    if path[0].text in params:
        none_left(path[1:])
        path = (Step("params"), Step({"instance": "+sip.instance"}.get(path[0].text, path[0].text)))
    return _from_name_addr(read, _part(NAME_ADDR, path, "an address"))


def _from_name_addr(read: Getter, part: Callable[[Any], Value]) -> Getter:
    def get(msg: Any) -> Value:
        body = read(msg)
        try:
            return part(parse_nameaddr(body)) if isinstance(body, bytes) else None
        except ValueError:
            return None

    return get


def via(path: Path) -> Getter:
    """`via`, `via[N]`: counted from 1, or from the end below 0."""
    number, path = index(path)
    part = _part(VIA, path, "a Via") if path else lambda one: one.body

    def get(msg: Any) -> Value:
        found = vias(msg)
        return part(found[number]) if -len(found) <= number < len(found) else None

    return get


def index(path: Path) -> tuple[int, Path]:
    """A leading `[N]` as an index of a Python list, and the rest; without it the first."""
    number = path[0].number if path else None
    if number is None:
        return 0, path
    if number == 0:
        raise ValueError("selects count from 1")
    return (number - 1 if number > 0 else number), path[1:]


def credentials(header: bytes, path: Path) -> Getter:
    """`authorization["realm"]` and what Digest credentials hold."""
    realm, path = (path[0].text.encode("latin-1"), path[1:]) if path and path[0].key else (b"", path)
    name = path[0].text if path else ""
    half = path[1].text if name == "username" and len(path) > 1 else ""
    none_left(path[2:] if half else path[1:])
    if (name and name not in DIGEST) or half not in ("", "user", "domain"):
        raise ValueError(f"credentials have no part {half or name}")

    def get(msg: Any) -> Value:
        for body in msg.headers(header):
            try:
                digest = parse_credentials(body)
            except ValueError:
                continue
            if not realm or digest.realm == realm:
                return body if not name else getattr(digest, half or name) or None
        return None

    return get
