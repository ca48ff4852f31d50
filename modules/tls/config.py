"""Reads tls.cfg: sections of `key = value`, a profile each.

    [server:default]                    [server:IP:PORT]    [server:any]    and the same of client
    method = TLSv1.2+
    certificate = "/etc/kahea/cert.pem"     # a value is one word, or a text in quotes

Keys and words are understood in either case. Every mistake is a ConfigError with file, line, column and a caret.
"""

import re
from collections.abc import Callable
from typing import Any, NoReturn

from ...cfg.errors import ConfigError, did_you_mean
from ...cfg.source import Pos, Source
from ...core.net.addr import is_address
from .methods import METHODS
from .profile import ANY, DEFAULT, NameMode, Profile, Role, VerifyClient

MAX_SIZE = 1 << 20  # bytes of the file
YES = ("1", "yes", "on", "true", "enabled", "enable")
NO = ("0", "no", "off", "false", "disabled", "disable")
LARGEST_DEPTH = 100  # of a chain of certificates: no real one comes near, and OpenSSL counts in an int
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}

_HEAD = re.compile(r"\[\s*(\w*)\s*(?::\s*((?:\[[^]]*\])?[^]]*?)\s*)?\]")
_ADDRESS = re.compile(r"(?:\[([^]]*)\]|([^:]*))\s*(?::\s*(\d*))?")
_ITEM = re.compile(r"(\w+)[ \t]*")
_WORD = re.compile(r'[^\s#"]\S*')
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_REST = re.compile(r"[ \t\r]*(?:#.*)?$")


def _boolean(word: str) -> bool:
    if word.lower() not in YES + NO:
        raise ValueError(f'"{word}" is neither yes nor no')
    return word.lower() in YES


def _number(largest: int) -> Callable[[str], int]:
    def number(word: str) -> int:
        if not (word.isascii() and word.isdigit() and int(word[:9]) <= largest):
            raise ValueError(f'"{word}" is no number from 0 to {largest}')
        return int(word)

    return number


def _method(word: str) -> str:
    for name in METHODS:
        if name.lower() == word.lower():
            return name
    raise ValueError(f'"{word}" is no method; there are {", ".join(METHODS)}')


def _verify_client(word: str) -> VerifyClient:
    try:
        return VerifyClient(word.lower())
    except ValueError:
        names = ", ".join(each.value for each in VerifyClient)
        raise ValueError(f'"{word}" is no verify_client; there are {names}') from None


def _name_mode(word: str) -> int:
    mode = _number(2**31 - 1)(word)
    return mode if mode in (NameMode.WITH_SUBDOMAINS, NameMode.SUBDOMAINS) else NameMode.EXACT


TEXTS = ("private_key", "certificate", "ca_list", "ca_path", "crl", "cipher_list", "server_name", "server_id")
#: key -> (field of Profile, what makes a value of the text)
KEYS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "method": ("method", _method),
    "tls_method": ("method", _method),
    "verify_certificate": ("verify_certificate", _boolean),
    "require_certificate": ("require_certificate", _boolean),
    "verify_client": ("verify_client", _verify_client),
    "verify_depth": ("verify_depth", _number(LARGEST_DEPTH)),
    "server_name_mode": ("server_name_mode", _name_mode),
    **{key: (key, str) for key in TEXTS},
}


def read_config(path: str) -> list[Profile]:
    """The profiles of a file, in its order; OSError when it cannot be read, ConfigError when it is wrong."""
    with open(path, "rb") as file:
        text = file.read(MAX_SIZE + 1)
    if len(text) > MAX_SIZE:
        raise ConfigError(f"{path}: the file is longer than {MAX_SIZE} bytes")
    return parse_config(Source(path, text.decode("latin-1")))


def parse_config(source: Source) -> list[Profile]:
    """The same of a text."""
    profiles: list[Profile] = []
    at = 0
    for line in source.text.splitlines(keepends=True):
        content = line.strip()
        if content.startswith("["):
            profiles.append(_section(source, at, line))
        elif content and not content.startswith("#"):
            _set_value(profiles[-1] if profiles else None, source, at, line)
        at += len(line)
    refuse_doubles(profiles)
    return profiles


def _fail(source: Source, offset: int, message: str, hint: str = "") -> NoReturn:
    raise ConfigError(message, Pos(source, offset), hint)


def _section(source: Source, at: int, line: str) -> Profile:
    """`[server:default]`."""
    start = at + len(line) - len(line.lstrip())
    head = _HEAD.match(source.text, start, at + len(line.rstrip()))
    if head is None or not _REST.match(source.text[head.end() : at + len(line.rstrip())]):
        _fail(source, start, 'a section is [server:IP:PORT], [server:default] or [server:any], the same with "client"')
    try:
        role = Role(head[1].lower())
    except ValueError:
        _fail(source, head.start(1), f'"{head[1]}" is no kind of profile: server or client')
    if head[2] is None:
        _fail(source, head.end(1), f'":" is expected: [{head[1]}:default], [{head[1]}:any] or [{head[1]}:IP:PORT]')
    where = {"": Pos(source, start)}
    if head[2].lower() in (DEFAULT, ANY):
        return Profile(role, head[2].lower(), where=where)
    address = _ADDRESS.fullmatch(head[2])
    host = (address[1] or address[2] or "") if address else ""
    if address is None or not is_address(host.encode("latin-1")) or (":" in host) != (address[1] is not None):
        _fail(source, head.start(2), f'"{head[2]}" is no IP:PORT (of IPv6: [IP]:PORT), nor "default" or "any"')
    if not address[3] or int(address[3][:6]) > 0xFFFF:
        _fail(source, head.start(2) + address.end(2 if address[1] is None else 1), "a port is expected: IP:PORT")
    return Profile(role, host, int(address[3]), where=where)


def _set_value(profile: Profile | None, source: Source, at: int, line: str) -> None:
    """`key = value`, laid down in the profile."""
    text, end = source.text, at + len(line.rstrip())
    start = at + len(line) - len(line.lstrip())
    item = _ITEM.match(text, start, end)
    if item is None:
        _fail(source, start, "a line is [section] or key = value")
    key = item[1].lower()
    if profile is None:
        _fail(source, start, f'"{item[1]}" stands before the first section')
    if key not in KEYS:
        _fail(source, start, f'there is no key "{item[1]}"', did_you_mean(key, KEYS))
    if text[item.end() : item.end() + 1] != "=":
        _fail(source, item.end(), f'"=" is expected after {item[1]}')
    begin = item.end() + 1
    begin += len(text[begin:end]) - len(text[begin:end].lstrip())
    name, make = KEYS[key]
    value, after = _value(source, begin, end)
    rest = text[after:end]
    if not _REST.match(rest):
        _fail(
            source, after + len(rest) - len(rest.lstrip()), "the line should end here; a text with blanks needs quotes"
        )
    try:
        setattr(profile, name, make(value))
    except ValueError as error:
        _fail(source, begin, f"{item[1]}: {error}")
    profile.where[name] = Pos(source, begin)


def _value(source: Source, begin: int, end: int) -> tuple[str, int]:
    """A word or a text in quotes that begins here; and the offset behind it."""
    quoted = _QUOTED.match(source.text, begin, end)
    if quoted is not None:
        text = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), quoted[1])
        return text, quoted.end()
    word = _WORD.match(source.text, begin, end)
    if word is None:
        missing = 'the closing " is missing' if source.text[begin:end].startswith('"') else "a value is expected"
        _fail(source, begin, missing)
    return word[0], word.end()


def refuse_doubles(profiles: list[Profile]) -> None:
    """Profiles of one place are told apart by their names alone."""
    seen: set[tuple[Any, ...]] = set()
    for profile in profiles:
        named = profile.server_name or (profile.role is Role.CLIENT and profile.server_id)
        if profile.place == ANY and not named:
            raise ConfigError(f"[{profile}] needs a server_name: it is chosen by that alone", profile.where[""])
        name = "" if profile.place == DEFAULT else profile.server_name.lower()
        key = (profile.role, profile.place, profile.port, name, profile.server_id)
        if key in seen:
            raise ConfigError(
                f"[{profile}] is there twice; profiles of one address need different server_name or server_id",
                profile.where[""],
            )
        seen.add(key)
