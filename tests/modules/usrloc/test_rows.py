"""A contact goes into a row of Kamailio's form and comes back."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.core.net import sockets
from kahea.core.net.addr import UDP
from kahea.modules.usrloc.contact import NO_SOCKET, NOT_SAID, SYNC, Contact
from kahea.modules.usrloc.rows import READ, BadRow, aor_of, contact_of, is_remote, is_stream, names_of, row_of
from kahea.modules.usrloc.settings import settings

TEXT = st.binary(max_size=40)
U32 = st.integers(0, 0xFFFFFFFF)
CONTACTS = st.builds(
    Contact,
    contact=st.binary(min_size=1, max_size=40), expires=st.integers(0, 2**33), q=st.integers(-1, 1000), callid=TEXT,
    cseq=U32, received=TEXT, path=TEXT, user_agent=TEXT.filter(lambda text: text != b"n/a"), instance=TEXT,
    reg_id=st.integers(0, 0xFFFF), cflags=U32, methods=U32, ruid=TEXT, server_id=U32, modified=U32,
    socket=st.just(NO_SOCKET), state=st.just(SYNC),
)  # fmt: skip


def read(aor: bytes, contact: Contact) -> tuple[bytes, Contact]:
    """Written and read again."""
    row = row_of(aor, contact)
    return contact_of([row[name] for name in READ])


@given(st.binary(min_size=1, max_size=20).filter(lambda text: b"@" not in text), CONTACTS)
def test_contact_comes_back(user: bytes, contact: Contact) -> None:
    for use_domain, aor in ((0, user), (1, user + b"@example.com"), (1, b"a@b@" + user)):
        settings.use_domain = use_domain
        try:
            assert read(aor, contact) == (aor, contact)
        finally:
            settings.use_domain = 0


def test_what_is_absent_is_written_as_kamailio_writes_it() -> None:
    row = row_of(b"alice", Contact(b"sip:a@h", ruid=b"r", flags=8, modified=100))
    assert {name for name, value in row.items() if value is None} == {
        "domain", "received", "path", "socket", "methods", "instance",
    }  # fmt: skip
    assert (row["q"], row["user_agent"], row["connection_id"], row["flags"]) == (-1.0, b"n/a", -1, 0)
    assert row["expires"] == datetime(1970, 1, 1, tzinfo=UTC)


def test_times_as_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """expires_type"""
    monkeypatch.setattr(settings, "expires_type", 1)
    contact = Contact(b"sip:a@h", expires=1_800_000_000, modified=1_700_000_000, ruid=b"r", state=SYNC)
    assert row_of(b"a", contact)["expires"] == 1_800_000_000
    assert read(b"a", contact) == (b"a", contact)


def test_socket_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [sockets.SocketInfo(UDP, b"192.0.2.1", port) for port in (5060, 5070)]
    monkeypatch.setattr(sockets, "_sockets", known)
    row = row_of(b"a", Contact(b"sip:a@h", ruid=b"r", socket=1))
    assert row["socket"] == b"udp:192.0.2.1:5070"
    values = [row[name] for name in READ]
    assert contact_of(values)[1].socket == 1 and not is_remote(values) and not is_stream(values)
    values[READ.index("socket")] = b"tls:192.0.2.9:5061"
    assert contact_of(values)[1].socket == NO_SOCKET and is_remote(values) and is_stream(values)


def test_names_of_aors(monkeypatch: pytest.MonkeyPatch) -> None:
    assert names_of(b"a@b") == (b"a@b", None) and aor_of(b"a", b"b") == b"a"
    monkeypatch.setattr(settings, "use_domain", 1)
    assert names_of(b"a@b") == (b"a", b"b") and aor_of(b"a", b"b") == b"a@b"


def test_negative_methods_of_a_database_without_unsigned_numbers() -> None:
    row = {**row_of(b"a", Contact(b"sip:a@h", ruid=b"r")), "methods": -1}
    assert contact_of([row[name] for name in READ])[1].methods == NOT_SAID


@pytest.mark.parametrize(
    ("name", "value"), [("user", b""), ("contact", None), ("expires", b"tomorrow"), ("expires", None), ("q", b"x")]
)
def test_bad_row(name: str, value: object) -> None:
    row = {**row_of(b"a", Contact(b"sip:a@h", ruid=b"r")), name: value}
    with pytest.raises((BadRow, ValueError, TypeError)):
        contact_of([row[name] for name in READ])
