"""Comma lists and `value;params` bodies: the two shapes that most headers have."""

from collections.abc import Iterator
from dataclasses import dataclass

from .errors import BadHeader
from .params import parse_params

TOKEN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~")


def split_list(body: bytes) -> Iterator[bytes]:
    """The values of a comma list, blanks around removed, empty ones left out. Commas in quotes and < > do not count;
    raises BadHeader for a quote or bracket that does not end."""
    start, quoted, bracket, escaped = 0, False, False, False
    for at, c in enumerate(body):
        if escaped:
            escaped = False
        elif quoted:
            escaped = c == 0x5C
            quoted = c != 0x22
        elif c == 0x22 and not bracket:
            quoted = True
        elif c == 0x3C:
            bracket = True
        elif c == 0x3E:
            bracket = False
        elif c == 0x2C and not bracket:
            if value := body[start:at].strip():
                yield value
            start = at + 1
    if quoted or bracket:
        raise BadHeader(f"open quote or bracket: {body[:80]!r}")
    if value := body[start:].strip():
        yield value


def is_token(text: bytes) -> bool:
    """token of RFC 3261 25.1."""
    return bool(text) and TOKEN.issuperset(text)


def parse_tokens(body: bytes) -> tuple[bytes, ...]:
    """Allow, Supported, Require, Proxy-Require, Unsupported, Allow-Events: a list of tokens; raises BadHeader."""
    tokens = tuple(split_list(body))
    for token in tokens:
        if not is_token(token):
            raise BadHeader(f"no token: {token[:40]!r}")
    return tokens


@dataclass(frozen=True, slots=True)
class Valued:
    """`value *( ; param )`: the value as written, parameters by name in lower case without quotes."""

    value: bytes
    params: dict[bytes, bytes | None]

    def param(self, name: bytes) -> bytes | None:
        """A parameter (name in lower case); b"" for one without value, None when absent."""
        return (self.params[name] or b"") if name in self.params else None


def parse_valued(body: bytes) -> Valued:
    """Raises BadHeader when there is no value."""
    if body.lstrip().startswith(b"<"):  # a URI in brackets may hold semicolons
        value, close, rest = body.partition(b">")
        value, params = value + close, rest.lstrip().removeprefix(b";")
    else:
        value, _, params = body.partition(b";")
    if not (value := value.strip()):
        raise BadHeader(f"no value: {body[:80]!r}")
    return Valued(value, parse_params(params))


def parse_valued_list(body: bytes) -> tuple[Valued, ...]:
    """A comma list of them: Accept, Reason, Accept-Contact..."""
    return tuple(parse_valued(item) for item in split_list(body))
