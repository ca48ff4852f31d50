"""Registration over the wire: RFC 3261 §10."""

import re

from kahea.tests.support.server import Server

from .peer import Peer


def expiries(contacts: list[str]) -> dict[str, int]:
    found = {}
    for contact in ",".join(contacts).split(","):
        if contact.strip():
            match = re.search(r"<([^>]+)>.*expires=(\d+)", contact)
            assert match, contact
            found[match.group(1)] = int(match.group(2))
    return found


def test_register_reregister_unregister(proxy: Server) -> None:
    with Peer(5070, "bob") as bob:
        ok = bob.register(600)
        assert ok.status == 200
        assert expiries(ok.all("Contact")) == {"sip:bob@127.0.0.1:5070": 600}
        assert "tag=" in ok.get("To")

        again = bob.register(300, cseq=2)
        assert expiries(again.all("Contact")) == {"sip:bob@127.0.0.1:5070": 300}

        gone = bob.register(0, cseq=3)
        assert gone.status == 200
        assert gone.all("Contact") == []


def test_query_without_contact_lists_bindings_and_changes_nothing(proxy: Server) -> None:
    with Peer(5070, "bob") as bob:
        bob.register(600)
        for cseq in (2, 3):
            listed = bob.register(600, contacts=(), cseq=cseq)
            assert list(expiries(listed.all("Contact"))) == ["sip:bob@127.0.0.1:5070"]


def test_star_removes_all_bindings(proxy: Server) -> None:
    with Peer(5070, "bob") as bob:
        bob.register(600, contacts=("<sip:bob@127.0.0.1:5071>;q=0.5", "<sip:bob@127.0.0.1:5072>;q=0.9"))
        assert bob.register(0, contacts=("*",), cseq=2).status == 200
        assert bob.register(600, contacts=(), cseq=3).all("Contact") == []


def test_star_with_expires_other_than_zero_is_refused(proxy: Server) -> None:
    with Peer(5070, "bob") as bob:
        assert bob.register(600, contacts=("*",)).status == 400


def test_too_many_contacts_are_refused_and_nothing_is_stored(proxy: Server) -> None:
    with Peer(5070, "bob") as bob:
        many = tuple(f"<sip:bob@127.0.0.1:{6000 + n}>" for n in range(7))
        assert bob.register(600, contacts=many).status in (403, 503)
        assert bob.register(600, contacts=(), cseq=2).all("Contact") == []


def test_unregistered_user_is_not_found(proxy: Server) -> None:
    with Peer(5070, "alice") as alice:
        alice.invite("nobody")
        refused = alice.expect(404)
        assert "tag=" in refused.get("To")


def test_other_users_are_not_touched(proxy: Server) -> None:
    with Peer(5070, "bob") as bob, Peer(5071, "carol") as carol:
        bob.register(600)
        carol.register(600)
        bob.register(0, cseq=2)
        assert list(expiries(carol.register(600, contacts=(), cseq=2).all("Contact"))) == ["sip:carol@127.0.0.1:5071"]
