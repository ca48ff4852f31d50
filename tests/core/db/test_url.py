"""URLs of databases, in Kamailio's form."""

import pytest

from kahea.core.db import DbUrl, parse_url


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (b"mysql://kamailio:kamailiorw@localhost/openser",
         DbUrl("mysql", "kamailio", "kamailiorw", "localhost", 0, "openser")),
        (b"postgres://u:p@a:s@db.example.com:5433/x?a=1&b=2",
         DbUrl("postgres", "u", "p@a:s", "db.example.com", 5433, "x", {"a": "1", "b": "2"})),
        (b"sqlite:////var/lib/k.sqlite", DbUrl("sqlite", database="/var/lib/k.sqlite")),
        (b"sqlite:///k.sqlite", DbUrl("sqlite", database="k.sqlite")),
        (b"text:///etc/db", DbUrl("text", database="etc/db")),
        (b"redis://u%40x@h/0", DbUrl("redis", "u@x", "", "h", 0, "0")),
    ],
)  # fmt: skip
def test_parts(text: bytes, parts: DbUrl) -> None:
    assert parse_url(text) == parts


@pytest.mark.parametrize("text", [b"", b"mysql", b"mysql:/x", b"://x", b"a b://x", b"mysql://h:port/x"])
def test_what_is_no_url(text: bytes) -> None:
    with pytest.raises(ValueError):
        parse_url(text)


def test_password_is_never_shown() -> None:
    url = parse_url("mysql://kamailio:secret@localhost:3306/kamailio")
    assert str(url) == "mysql://kamailio:***@localhost:3306/kamailio"
    assert "secret" not in repr(url)
