"""URLs of databases: `driver://user:password@host:port/database?name=value`, as modparams give them."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True, slots=True)
class DbUrl:
    """A URL in parts; "" or 0 for what it does not say. `database` of `sqlite:////x` is `/x`, of `sqlite:///x` `x`."""

    scheme: str
    user: str = ""
    password: str = field(default="", repr=False)
    host: str = ""
    port: int = 0
    database: str = ""
    options: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """For people: without the password."""
        user = f"{self.user}{':***' if self.password else ''}@" if self.user else ""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{user}{self.host}{port}/{self.database}"


def parse_url(text: bytes | str) -> DbUrl:
    """The parts; ValueError with a sentence."""
    given = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
    scheme, found, rest = given.partition("://")
    if not found or not scheme.isidentifier():
        raise ValueError(f'"{scheme}..." is not the URL of a database: driver://user:password@host:port/database')
    server, _, path = rest.partition("/")
    path, _, query = path.partition("?")
    login, at, place = server.rpartition("@")  # a password may hold an @
    user, _, password = login.partition(":")
    host, colon, port = (place if at else server).rpartition(":")
    if not colon:
        host, port = port, ""
    if port and not port.isdigit():
        raise ValueError(f"{port} is not a port")
    return DbUrl(scheme, unquote(user), unquote(password), host, int(port or 0), path, dict(parse_qsl(query)))
