"""One database, used by Debian's Kamailio and by Kahea in turn: each finds what the other has left."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kahea.core.db.schema import create
from kahea.core.db.url import parse_url
from kahea.modules.db_sqlite.connection import SqliteConnection
from kahea.tests.e2e.conftest import Oracle
from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipSocket

DRIVERS = list(Path("/usr/lib").glob("*/kamailio/modules/db_sqlite.so"))
pytestmark = pytest.mark.skipif(
    shutil.which("kamailio") is None or not DRIVERS, reason="Kamailio with kamailio-sqlite-modules is not installed"
)
CONFIG = """#!KAMAILIO
debug=1
log_stderror=yes
children=2
disable_tcp=yes
listen=udp:127.0.0.1:5060
loadmodule "db_sqlite.so"
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("registrar", "path_mode", 0)
modparam("registrar", "use_path", 1)
modparam("registrar", "min_expires", 1)
modparam("usrloc", "timer_interval", 1)
modparam("usrloc", "db_url", "sqlite:///{path}")
modparam("usrloc", "db_mode", {mode})
modparam("usrloc", "use_domain", {use_domain})
request_route {{
    if (is_method("REGISTER")) {{ setbflag(6); save("location"); exit; }}
    if (lookup("location")) {{
        append_to_reply("X-Found: $ru $du $bf\\r\\n");
        sl_send_reply("200", "Found");
        exit;
    }}
    sl_send_reply("404", "Unknown");
}}
"""
# user, Contact, more lines
PHONES = [
    ("plain", "<sip:plain@192.0.2.1:5070>", ()),
    ("q", "<sip:q@192.0.2.2>;q=0.7", ("User-Agent: Phone/1",)),
    ("methods", '<sip:methods@192.0.2.3;transport=udp>;methods="INVITE, BYE, ACK"', ()),
    ("instance", '<sip:i@192.0.2.4>;+sip.instance="<urn:uuid:0-1-2>";reg-id=2', ("Supported: path, outbound",)),
    ("path", "<sip:path@192.0.2.5>", ("Supported: path", "Path: <sip:edge.example.com;lr>, <sip:two.example.com;lr>")),
    ("received", '<sip:r@10.0.0.1>;received="sip:192.0.2.6:40000"', ()),
    ("two", "<sip:two@192.0.2.7>;q=0.2", ()),
    ("two", "<sip:two@192.0.2.8>;q=0.9", ()),
]
USERS = sorted({user for user, *_ in PHONES} | {"new"})
Views = dict[str, tuple[list[str], list[str]]]


class Place:
    """The database, and whichever server uses it now."""

    def __init__(self, folder: Path, phone: SipSocket, mode: int, use_domain: int) -> None:
        self.folder, self.phone, self.mode, self.use_domain = folder, phone, mode, use_domain
        self.path = folder / "k.sqlite"
        self.cseq = 0
        self.server: Server | None = None
        con = SqliteConnection(parse_url(f"sqlite:///{self.path}"))
        create(con)
        con.close()

    def run(self, oracle: bool) -> None:
        """Stop one, start the other."""
        self.stop()
        text = CONFIG.format(path=self.path, mode=self.mode, use_domain=self.use_domain)
        folder = self.folder / ("kamailio" if oracle else "kahea")
        kind, command = (Oracle, ["kamailio"]) if oracle else (Server, None)
        self.server = kind(text, folder, workers=None, command=command)
        self.server.start()

    def stop(self) -> None:
        if self.server is not None:
            assert self.server.stop(timeout=10) == 0, self.server.log
            assert "Traceback" not in self.server.log
        self.server = None

    def ask(self, method: str, user: str, *lines: str) -> tuple[int, list[str]]:
        """Status, and what the answer says of contacts, with seconds rounded off."""
        self.cseq += 1
        aor = f"<sip:{user}@example.com>"
        uri = "sip:example.com" if method == "REGISTER" else f"sip:{user}@example.com"
        request = self.phone.request(method, uri, *lines, to=aor, call_id=f"call of {user}".replace(" ", "-"),
                                     cseq=self.cseq)  # fmt: skip
        self.phone.send(request)
        reply = self.phone.receive()
        values = reply.all("Contact") + reply.all("X-Found")
        return reply.status, [re.sub(r"expires=(\d+)", lambda m: f"expires={round(int(m[1]), -2)}", v) for v in values]

    def register(self, user: str, contact: str, *lines: str) -> None:
        status, _ = self.ask("REGISTER", user, f"Contact: {contact};expires=3600", *lines)
        assert status == 200

    def view(self) -> Views:
        """How the server sees every user: bindings, and where a request goes."""
        return {user: (self.ask("REGISTER", user)[1], self.ask("OPTIONS", user)[1]) for user in USERS}

    def rows(self) -> dict[str, tuple[object, ...]]:
        """By contact, all but what differs from start to start."""
        left_out = {"id", "ruid", "expires", "last_modified", "cseq"}
        with sqlite3.connect(self.path) as con:
            con.row_factory = sqlite3.Row
            found = con.execute("select * from location").fetchall()
            times = con.execute(
                "select contact, strftime('%s', expires) - strftime('%s', last_modified), "
                "abs(strftime('%s', 'now') - strftime('%s', last_modified)) < 60 from location"
            ).fetchall()
        con.close()
        assert all(row[2] for row in times) and all(abs(row[1] - 3600) <= 1 for row in times), times
        return {row["contact"]: tuple((k, row[k]) for k in row.keys() if k not in left_out) for row in found}  # noqa: SIM118


@pytest.fixture(params=[(1, 0), (1, 1), (2, 0), (3, 0)], ids=["write-through", "domains", "write-back", "db-only"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, sip_socket: Callable[..., SipSocket], isolated: None
) -> Iterator[Place]:
    made = Place(tmp_path, sip_socket(), *request.param)
    yield made
    if made.server is not None:
        made.server.close()


@pytest.mark.parametrize("oracle_first", [True, False], ids=["kamailio-first", "kahea-first"])
def test_each_goes_on_where_the_other_has_stopped(place: Place, oracle_first: bool) -> None:
    place.run(oracle_first)
    for user, contact, lines in PHONES:
        place.register(user, contact, *lines)
    before = place.view()
    assert all(before[user][0] for user in USERS if user != "new") and before["new"] == ([], [])

    place.run(not oracle_first)
    assert place.view() == before
    place.register("plain", "<sip:plain@192.0.2.1:5070>", "User-Agent: Phone/2")  # refreshes what the other wrote
    place.register("new", "<sip:new@192.0.2.9>")
    assert place.ask("REGISTER", "q", "Contact: *", "Expires: 0")[0] == 200
    assert place.ask("REGISTER", "two", "Contact: <sip:two@192.0.2.7>;expires=0")[0] == 200
    after = place.view()
    assert after["q"] == ([], []) and len(after["two"][0][0].split(",")) == 1

    place.run(oracle_first)
    assert place.view() == after
    place.stop()
    assert len(place.rows()) == len(PHONES) - 1


def test_rows_are_the_same(place: Place) -> None:
    """The same phones, written by the one and by the other."""
    written = []
    for oracle in (True, False):
        place.run(oracle)
        for user, contact, lines in PHONES:
            place.register(user, contact, *lines)
        place.stop()
        written.append(place.rows())
        with sqlite3.connect(place.path) as con:
            con.execute("delete from location")
        con.close()
    assert written[0] == written[1]
