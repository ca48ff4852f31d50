"""lookup() and its like: destinations from the location table; registered(), unregister(), $ulc."""

import pytest

from kahea.core.loader import register_variables
from kahea.core.msg.dset import Branch, append_branch, branches, first_branch
from kahea.core.pv import parse_spec
from kahea.modules.registrar import contacts_pv, exports, lookup, registered

from .conftest import Registrar, request

A, B, C = (b"<sip:%s@192.0.2.%d>" % (name, i) for i, name in enumerate((b"a", b"b", b"c"), 1))
URI_A, URI_B, URI_C = (contact.strip(b"<>") for contact in (A, B, C))


def test_best_contact_goes_to_the_request_uri_the_others_to_branches(registrar: Registrar) -> None:
    registrar.register(A + b";q=0.1", B + b";q=0.9", C)
    msg = registrar.lookup()
    assert registrar.rc == 1
    assert (msg.ruri, first_branch(msg).q) == (URI_B, 900)
    assert [(b.uri, b.q) for b in branches(msg)] == [(URI_A, 100), (URI_C, -1)]


def test_unknown_user_is_not_found(registrar: Registrar) -> None:
    msg = registrar.lookup(b"nobody")
    assert (registrar.rc, msg.ruri) == (-1, b"sip:nobody@example.com")


def test_expired_contact_is_not_found(registrar: Registrar) -> None:
    registrar.register(A + b";expires=60")
    registrar.wait_until(61)
    registrar.lookup()
    assert registrar.rc == -1
    registrar.configure(use_expired_contacts=1)
    registrar.lookup()
    assert registrar.rc == 1


def test_uri_that_names_no_aor_is_an_error(registrar: Registrar) -> None:
    registrar.lookup(uri=b"nonsense")
    assert registrar.rc == -3


def test_only_the_best_without_append_branches(registrar: Registrar) -> None:
    registrar.configure(append_branches=0)
    registrar.register(A, B)
    msg = registrar.lookup()
    assert msg.ruri == URI_A and branches(msg) == []


def test_no_more_branches_than_the_server_allows(registrar: Registrar) -> None:
    for n in range(20):
        registrar.register(b"<sip:%d@h>" % n)
    msg = registrar.lookup()
    assert registrar.rc == 1 and len(branches(msg)) == 11


def test_contact_behind_nat_is_reached_at_received(registrar: Registrar) -> None:
    registrar.register(A + b';received="sip:198.51.100.1:4711"')
    registrar.register(B + b';received="sip:198.51.100.2:4711"')
    msg = registrar.lookup()
    assert msg.dst_uri == b"sip:198.51.100.1:4711"
    assert branches(msg)[0].dst_uri == b"sip:198.51.100.2:4711"


def test_path_gives_next_hop_and_route(registrar: Registrar) -> None:
    registrar.configure(use_path=1)
    path = b"<sip:p1.example;lr>,<sip:p2.example;lr>"
    registrar.register(A, B, lines=b"Path: " + path + b"\r\nSupported: path\r\n")
    msg = registrar.lookup()
    for branch in (first_branch(msg), *branches(msg)):
        assert (branch.dst_uri, branch.path) == (b"sip:p1.example;lr", path)


def test_second_lookup_forgets_the_destination_of_the_first(registrar: Registrar) -> None:
    registrar.register(A + b';received="sip:198.51.100.1:4711"')
    registrar.register(B, user=b"bob")
    msg = registrar.lookup()
    assert lookup.lookup(msg, b"location", b"sip:bob@example.com") == 1
    assert (msg.ruri, msg.dst_uri) == (URI_B, None)


def test_method_filtering(registrar: Registrar) -> None:
    registrar.configure(method_filtering=1)
    registrar.register(A + b';methods="INVITE,ACK"', B)
    assert registrar.lookup(method=b"INVITE").ruri == URI_A
    assert registrar.lookup(method=b"MESSAGE").ruri == URI_B
    registrar.register(B + b";expires=0")
    registrar.lookup(method=b"MESSAGE")
    assert registrar.rc == -2


def test_socket_and_branch_flags_of_the_registration_come_back(registrar: Registrar) -> None:
    msg = request(lines=b"Contact: %s\r\n" % A)
    msg.edits.bflags = 1 << 6
    msg.c.rcv.sock = 0
    from kahea.modules.registrar.save import save

    save(msg, b"location")
    found = first_branch(registrar.lookup())
    assert (found.flags, found.socket) == (1 << 6, 0)


def test_lookup_to_dset_leaves_the_request_uri(registrar: Registrar) -> None:
    registrar.register(A, B)
    msg = request(b"INVITE", b"sip:alice@example.com")
    assert lookup.lookup_to_dset(msg, b"location") == 1
    assert msg.ruri == b"sip:alice@example.com"
    assert [branch.uri for branch in branches(msg)] == [URI_A, URI_B]


def test_lookup_branches_looks_up_all(registrar: Registrar) -> None:
    registrar.register(A)
    registrar.register(B, C, user=b"bob")
    msg = request(b"INVITE", b"sip:alice@example.com")
    append_branch(msg, Branch(b"sip:bob@example.com"))
    append_branch(msg, Branch(b"sip:elsewhere@example.org"))
    assert lookup.lookup_branches(msg, b"location") == 1
    assert msg.ruri == URI_A
    assert [branch.uri for branch in branches(msg)] == [URI_B, URI_C, b"sip:elsewhere@example.org"]


def test_gruus_find_their_contact(registrar: Registrar) -> None:
    registrar.register(A)
    answer = registrar.register(B + b';+sip.instance="<urn:uuid:7>"', lines=b"Supported: gruu\r\n")
    assert registrar.lookup(uri=b"sip:alice@example.com;gr=urn:uuid:7").ruri == URI_B
    temporary = answer.contacts[1].partition(b'temp-gruu="')[2].partition(b'"')[0]
    assert registrar.lookup(uri=temporary).ruri == URI_B
    registrar.lookup(uri=b"sip:alice@example.com;gr=urn:uuid:8")
    assert registrar.rc == -1


def test_registered(registrar: Registrar) -> None:
    assert registrar.registered() == -1
    registrar.register(A)
    assert registrar.registered() == 1
    registrar.wait_until(4000)
    assert registrar.registered() == -1


def test_unregister_all_and_one(registrar: Registrar) -> None:
    registrar.register(A, B)
    ruid, msg = registrar.contacts()[0].ruid, request()
    assert registered.unregister(msg, b"location", b"sip:alice@example.com", ruid) == 1
    assert registered.unregister(msg, b"location", b"sip:alice@example.com", ruid) == -3
    assert [c.contact for c in registrar.contacts()] == [URI_B]
    assert registered.unregister(msg, b"location", b"sip:alice@example.com") == 1
    assert registered.unregister(msg, b"location", b"sip:alice@example.com") == 1
    assert registered.unregister(msg, b"location", b"nonsense") == -1
    assert registrar.table.users() == 0


def test_ulc_shows_a_snapshot(registrar: Registrar) -> None:
    registrar.register(A + b";q=0.5", B + b";expires=100")
    msg = request()
    assert contacts_pv.reg_fetch_contacts(msg, b"location", b"sip:alice@example.com", b"caller") == 1
    assert contacts_pv.values(msg, contacts_pv.parse_name(b"caller=>addr")) == [URI_A, URI_B]
    assert contacts_pv.values(msg, contacts_pv.parse_name(b"caller=>count")) == [2]
    assert contacts_pv.values(msg, contacts_pv.parse_name(b"caller=>expires"))[1] in (99, 100)
    contacts_pv.reg_free_contacts(msg, b"caller")
    assert contacts_pv.values(msg, contacts_pv.parse_name(b"caller=>addr")) == []
    assert contacts_pv.reg_fetch_contacts(msg, b"location", b"sip:nobody@example.com", b"caller") == -1


def test_ulc_is_not_changed(registrar: Registrar) -> None:
    register_variables(exports)
    spec = parse_spec(b"$ulc(caller=>addr)")
    assert spec.set is not None and spec.set(request(), b"sip:x@y") == -1


@pytest.mark.parametrize("text", [b"caller", b"caller=>nothing", b"=>addr"])
def test_ulc_refuses_what_it_does_not_know(text: bytes) -> None:
    with pytest.raises(ValueError):
        contacts_pv.parse_name(text)


@pytest.mark.parametrize("attribute", [*contacts_pv.ATTRIBUTES, contacts_pv.COUNT])
def test_every_attribute_has_a_value(registrar: Registrar, attribute: bytes) -> None:
    registrar.register(A)
    msg = request()
    contacts_pv.reg_fetch_contacts(msg, b"location", b"sip:alice@example.com", b"p")
    (value,) = contacts_pv.values(msg, contacts_pv.parse_name(b"p=>" + attribute))
    assert value is None or isinstance(value, (bytes, int))
