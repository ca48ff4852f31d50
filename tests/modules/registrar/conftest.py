"""A registrar without a server: usrloc and registrar in shared memory of the test process, replies captured."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from kahea.core import loader
from kahea.modules.registrar import details, location, lookup, registered, reply, save
from kahea.modules.registrar.settings import Settings, settings
from kahea.modules.usrloc import callbacks, domain
from kahea.modules.usrloc.contact import Contact
from kahea.modules.usrloc.settings import settings as ul_settings
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib
from kahea.tests.support import shared

shared.attach()
START = 1_800_000_000  # the time of every test, in Unix seconds


@dataclass
class Reply:
    """What save() sent: status, phrase and the lines added to the reply."""

    code: int
    reason: bytes
    headers: bytes

    def header(self, name: bytes) -> bytes | None:
        """The value of a line; None without."""
        for line in self.headers.split(b"\r\n"):
            found, _, value = line.partition(b": ")
            if found == name:
                return value
        return None

    @property
    def contacts(self) -> list[bytes]:
        """The values of Contact."""
        value = self.header(b"Contact")
        return value.split(b", ") if value else []


def request(
    method: bytes = b"REGISTER", ruri: bytes = b"sip:example.com", user: bytes = b"alice", **values: Any
) -> SipMsg:
    """A message; `values`: to, callid, cseq, lines."""
    to = values.get("to", b"<sip:%s@example.com>" % user)
    lines = values.get("lines", b"")
    text = (
        b"%s %s SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK1\r\nFrom: %s;tag=a\r\nTo: %s\r\n"
        b"Call-ID: %s\r\nCSeq: %d %s\r\n%sContent-Length: 0\r\n\r\n"
    ) % (method, ruri, to, to, values.get("callid", b"c1"), values.get("cseq", 1), method, lines)
    return SipMsg.from_bytes(text)


def reply_lines(msg: SipMsg) -> bytes:
    """The header lines among the reply lumps."""
    edits, lines = msg.edits, b""
    at = edits.reply_first
    while at:
        lump = lib.kh_lump_at(edits, at)
        lines += ffi.unpack(edits.data + lump.text.off, lump.text.len)
        at = lump.next
    return lines


@dataclass
class Registrar:
    """Calls the functions of the script and keeps what was sent."""

    replies: list[Reply] = field(default_factory=list)
    rc: int = 0
    cseq: int = 0

    @property
    def table(self) -> domain.Domain:
        """The location table."""
        found = domain.known_domain(b"location")
        assert found is not None
        return found

    def send(self, msg: SipMsg, code: int, reason: bytes) -> bool:
        """Stands for sl's send_reply."""
        self.replies.append(Reply(code, reason, reply_lines(msg)))
        return True

    def register(self, *contacts: bytes, flags: int = 0, lines: bytes = b"", **values: Any) -> Reply:
        """One REGISTER with a Contact line each; the CSeq counts up by itself."""
        self.cseq += 1
        values.setdefault("cseq", self.cseq)
        msg = request(lines=b"".join(b"Contact: %s\r\n" % c for c in contacts) + lines, **values)
        before = len(self.replies)
        self.rc = save.specialise(b"location", flags)(msg)
        assert len(self.replies) <= before + 1
        return self.replies[-1] if len(self.replies) > before else Reply(0, b"", reply_lines(msg))

    def lookup(self, user: bytes = b"alice", method: bytes = b"INVITE", uri: bytes = b"") -> SipMsg:
        """The message after lookup()."""
        msg = request(method, uri or b"sip:%s@example.com" % user)
        self.rc = lookup.lookup(msg, b"location")
        return msg

    def wait_until(self, seconds: int) -> None:
        """So long after the start of the test."""
        lib.kh_ul_stop_clock(START + seconds)

    def contacts(self, aor: bytes = b"alice") -> list[Contact]:
        """What the table has."""
        return self.table.get(aor)

    def registered(self, user: bytes = b"alice") -> int:
        """registered("location") of a request to the user."""
        return registered.registered(request(b"INVITE", b"sip:%s@example.com" % user), b"location")

    def configure(self, **values: Any) -> None:
        """modparams of registrar."""
        for name, value in values.items():
            assert hasattr(settings, name), name
            setattr(settings, name, value)
        settings.apply(bool(ul_settings.use_domain))
        save.bind()


@pytest.fixture
def registrar(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registrar]:
    monkeypatch.setattr(loader, "_modules", {})
    monkeypatch.setattr(location, "_bound", [])
    monkeypatch.setattr(domain, "_domains", {})
    monkeypatch.setattr(domain.Phase, "open", True)
    monkeypatch.setattr(domain.Phase, "frozen", False)
    monkeypatch.setattr(callbacks.callbacks, "listeners", [])
    monkeypatch.setattr(details, "_getters", {})
    loader.load_module("usrloc")
    lib.kh_ul_stop_clock(START)
    made = Registrar()
    for name, value in vars(Settings()).items():
        monkeypatch.setattr(settings, name, value)
    ul_settings.apply()
    location.find_table(b"location")
    made.configure()
    monkeypatch.setattr(reply.Send, "reply", made.send)
    monkeypatch.setattr(reply.Send, "ok", lambda msg: made.send(msg, 200, b"OK"))
    yield made
    lib.kh_ul_stop_clock(0)
    assert made.table.table.check() == 0
    made.table.table.clear()
    loader.unload_all()
