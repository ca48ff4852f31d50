"""The commands ul.*: the shapes that Kamailio's tools expect."""

import pytest

from kahea.core.rpc.registry import RpcError
from kahea.modules.usrloc import rpc
from kahea.modules.usrloc.contact import Contact
from kahea.modules.usrloc.domain import Domain
from kahea.modules.usrloc.settings import settings
from kahea.src.native import lib

KEYS = [
    "Address", "Expires", "Q", "Call-ID", "CSeq", "User-Agent", "Received", "Path", "State", "Flags", "CFlags",
    "Socket", "Methods", "Ruid", "Instance", "Reg-Id", "Server-Id", "Tcpconn-Id", "Keepalive", "Last-Keepalive",
    "KA-Roundtrip", "Last-Modified",
]  # fmt: skip


def add(aor: str = "alice", contact: str = "sip:a@h", expires: int = 100, q: float = 0.5, path: str = ".") -> None:
    rpc.add("location", aor, contact, expires, q, path, 0, 0, -1)


def test_added_contact_is_looked_up(location: Domain) -> None:
    add()
    answer = rpc.lookup("location", "alice")
    assert answer["AoR"] == "alice"
    contact = answer["Contacts"][0]["Contact"]
    assert list(contact) == KEYS
    assert (contact["Address"], contact["Q"], contact["Path"], contact["Methods"]) == (
        "sip:a@h", 0.5, "[not set]", 0xFFFFFFFF,
    )  # fmt: skip
    assert contact["Expires"] in (99, 100)


def test_aor_may_be_given_as_uri(location: Domain) -> None:
    add("sip:Alice@example.com")
    assert rpc.lookup("location", "alice@other")["AoR"] == "alice"


def test_permanent_contact(location: Domain) -> None:
    add(expires=0, q=-1.0)
    contact = rpc.lookup("location", "alice")["Contacts"][0]["Contact"]
    assert (contact["Expires"], contact["Q"]) == ("permanent", -1)


def test_dump_and_brief_dump(location: Domain) -> None:
    add()
    add("bob", "sip:b@h")
    dumped = rpc.dump()["Domains"][0]["Domain"]
    assert dumped["Domain"] == "location" and dumped["Stats"] == {"Records": 2, "Max-Slots": 1}
    assert {aor["Info"]["AoR"] for aor in dumped["AoRs"]} == {"alice", "bob"}
    brief = rpc.dump("brief")["Domains"][0]["Domain"]["AoRs"]
    assert sorted(aor["AoR"] for aor in brief) == ["alice", "bob"]


def test_removal(location: Domain) -> None:
    add()
    add(contact="sip:b@h")
    rpc.rm_contact("location", "alice", "sip:a@h")
    assert len(location.get(b"alice")) == 1
    rpc.rm("location", "alice")
    rpc.rm("location", "alice")
    assert location.users() == 0


@pytest.mark.parametrize(
    ("call", "code", "text"),
    [
        (lambda: rpc.lookup("location", "nobody"), 500, "AOR not found in location table"),
        (lambda: rpc.lookup("other", "nobody"), 500, "Domain table not found"),
        (lambda: rpc.rm("other", "nobody"), 500, "Domain table not found"),
        (lambda: rpc.rm_contact("location", "nobody", "sip:a@h"), 404, "AOR not found"),
        (lambda: rpc.db_users("location"), 500, "Command is not supported in db_mode=0"),
        (lambda: add(q="much"), 400, "Invalid parameter: could not convert string to float: 'much'"),  # type: ignore[arg-type]
    ],
)
def test_errors(location: Domain, call: object, code: int, text: str) -> None:
    with pytest.raises(RpcError) as error:
        call()  # type: ignore[operator]
    assert (error.value.code, error.value.text) == (code, text)


def test_missing_contact_of_a_known_aor(location: Domain) -> None:
    add()
    with pytest.raises(RpcError, match="Contact not found"):
        rpc.rm_contact("location", "alice", "sip:other@h")


def test_expired_contact_is_shown_as_such_in_the_dump(location: Domain) -> None:
    location.put(b"alice", Contact(b"sip:a@h", expires=int(lib.kh_ul_now()) - 5))
    dumped = rpc.dump()["Domains"][0]["Domain"]["AoRs"][0]["Info"]["Contacts"][0]["Contact"]
    assert dumped["Expires"] == "expired"
    with pytest.raises(RpcError):
        rpc.lookup("location", "alice")


def test_domain_is_part_of_the_aor_with_use_domain(location: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "use_domain", 1)
    kernel = lib.kh_reg_settings_get()
    monkeypatch.setattr(kernel, "options", kernel.options | lib.KH_REG_USE_DOMAIN)
    add("alice@Example.com")
    assert rpc.lookup("location", "alice@example.com")["AoR"] == "alice@example.com"
    with pytest.raises(RpcError):
        rpc.lookup("location", "alice")
