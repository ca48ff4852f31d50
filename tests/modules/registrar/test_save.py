"""save(): RFC 3261 10.2 and 10.3, case by case, and what Kamailio adds."""

import pytest

from kahea.parser.msg import SipMsg
from kahea.src.native import lib

from .conftest import Registrar, request

A, B, C, D = (b"<sip:%s@192.0.2.%d>" % (name, i) for i, name in enumerate((b"a", b"b", b"c", b"d"), 1))


def test_new_contact_is_stored_and_listed(registrar: Registrar) -> None:
    answer = registrar.register(A + b";expires=100")
    assert (registrar.rc, answer.code, answer.reason) == (1, 200, b"OK")
    assert answer.header(b"Contact") == A + b";expires=100"
    assert registrar.contacts()[0].contact == b"sip:a@192.0.2.1"


def test_query_without_contact_lists_all(registrar: Registrar) -> None:
    assert registrar.register().header(b"Contact") is None
    registrar.register(A)
    answer = registrar.register()
    assert registrar.rc == 4 and answer.contacts == [A + b";expires=3600"]


def test_update_replaces_the_binding_and_keeps_its_ruid(registrar: Registrar) -> None:
    registrar.register(A + b";expires=100")
    ruid = registrar.contacts()[0].ruid
    answer = registrar.register(A + b";expires=200")
    assert registrar.rc == 2 and answer.contacts == [A + b";expires=200"]
    assert [c.ruid for c in registrar.contacts()] == [ruid]


def test_several_contacts_of_one_request(registrar: Registrar) -> None:
    answer = registrar.register(A + b", " + B + b";q=0.5", C)
    assert answer.contacts == [B + b";q=0.5;expires=3600", A + b";expires=3600", C + b";expires=3600"]


@pytest.mark.parametrize(
    ("contact", "lines", "expires"),
    [
        (A + b";expires=77", b"Expires: 500\r\n", 77),  # the parameter goes before the header
        (A, b"Expires: 500\r\n", 500),
        (A, b"", 3600),
        (A + b";expires=abc", b"Expires: 500\r\n", 3600),  # malformed: the default (10.3 step 7)
        (A + b";expires=99999999999", b"", 3600),
        (A + b";expires=", b"Expires: 500\r\n", 500),
        (A, b"Expires: soon\r\n", 3600),
        (A + b";expires=5", b"", 60),  # min_expires
    ],
)
def test_expiry_of_a_contact(registrar: Registrar, contact: bytes, lines: bytes, expires: int) -> None:
    assert registrar.register(contact, lines=lines).contacts == [A + b";expires=%d" % expires]


def test_max_expires_lowers(registrar: Registrar) -> None:
    registrar.configure(max_expires=600)
    assert registrar.register(A + b";expires=601").contacts == [A + b";expires=600"]


def test_too_brief_is_423_when_so_configured(registrar: Registrar) -> None:
    registrar.configure(min_expires_mode=1)
    answer = registrar.register(A + b";expires=59")
    assert (registrar.rc, answer.code, answer.header(b"Min-Expires")) == (-1, 423, b"60")
    assert registrar.register(A + b";expires=0").code == 200


def test_expires_are_spread_within_the_range(registrar: Registrar) -> None:
    registrar.configure(expires_range=10)
    seen = set()
    for _ in range(60):
        registrar.register(A + b";expires=1000")
        seen.add(registrar.contacts()[0].expires - lib.kh_ul_now())
    assert len(seen) > 10 and min(seen) >= 898 and max(seen) <= 1100
    registrar.register(A + b";expires=1000", flags=8)
    assert registrar.contacts()[0].expires - lib.kh_ul_now() == 1000


def test_expires_0_removes(registrar: Registrar) -> None:
    registrar.register(A, B)
    answer = registrar.register(A + b";expires=0")
    assert registrar.rc == 3 and answer.contacts == [B + b";expires=3600"]
    assert registrar.register(B, lines=b"Expires: 0\r\n").header(b"Contact") is None
    assert registrar.table.users() == 0


def test_removal_of_what_is_not_registered_is_no_error(registrar: Registrar) -> None:
    assert registrar.register(A + b";expires=0").code == 200


def test_star_removes_all(registrar: Registrar) -> None:
    registrar.register(A, B)
    answer = registrar.register(b"*", lines=b"Expires: 0\r\n")
    assert (registrar.rc, answer.code, answer.header(b"Contact")) == (3, 200, None)
    assert registrar.contacts() == []


@pytest.mark.parametrize("lines", [b"", b"Expires: 10\r\n"])
def test_star_needs_expires_0(registrar: Registrar, lines: bytes) -> None:
    registrar.register(A)
    answer = registrar.register(b"*", lines=lines)
    assert (registrar.rc, answer.code) == (-1, 400)
    assert answer.header(b"P-Registrar-Error") == b"* used in contact and expires is not zero"
    assert len(registrar.contacts()) == 1


@pytest.mark.parametrize("contacts", [(b"*", A), (A, b"*")])
def test_star_stands_alone(registrar: Registrar, contacts: tuple[bytes, bytes]) -> None:
    answer = registrar.register(*contacts, lines=b"Expires: 0\r\n")
    assert answer.header(b"P-Registrar-Error") == b"* used in contact and more than 1 contact"


def test_lower_cseq_of_the_same_call_is_refused(registrar: Registrar) -> None:
    registrar.register(A, cseq=5)
    answer = registrar.register(A + b";expires=99", cseq=4)
    assert (registrar.rc, answer.code) == (-1, 400)
    assert answer.header(b"P-Registrar-Error") == b"Invalid CSeq number"
    assert answer.contacts == [A + b";expires=3600"]


def test_lower_cseq_of_another_call_is_taken(registrar: Registrar) -> None:
    registrar.register(A, cseq=5)
    assert registrar.register(A + b";expires=99", cseq=1, callid=b"after reboot").contacts == [A + b";expires=99"]


def test_retransmission_changes_nothing_and_is_answered(registrar: Registrar) -> None:
    registrar.register(A, cseq=5)
    registrar.wait_until(10)
    assert registrar.register(A, cseq=5).contacts == [A + b";expires=3590"]
    registrar.wait_until(30)
    assert registrar.register(A, cseq=5).code == 400  # past cseq_delay it is no retransmission


def test_star_with_an_old_cseq_removes_nothing(registrar: Registrar) -> None:
    registrar.register(A, cseq=5)
    assert registrar.register(b"*", lines=b"Expires: 0\r\n", cseq=4).code == 400
    assert len(registrar.contacts()) == 1


def test_all_or_nothing(registrar: Registrar) -> None:
    registrar.register(A, cseq=5)
    registrar.register(B, cseq=7)
    assert registrar.register(A + b";expires=0", C, B, cseq=6).code == 400
    assert [c.contact for c in registrar.contacts()] == [b"sip:a@192.0.2.1", b"sip:b@192.0.2.2"]


@pytest.mark.parametrize(
    ("contact", "text"),
    [
        (b"<sip:x@y", b"Contact parse error"),
        (b"<>", b"Contact parse error"),
        (A + b";q=3", b"Invalid q param in contact"),
        (A + b";q=1.1", b"Invalid q param in contact"),
        (A + b";q=abc", b"Invalid q param in contact"),
        (b"<sip:" + b"a" * 600 + b"@y>", b"Contact/received too long"),
    ],
)
def test_bad_contact_is_400(registrar: Registrar, contact: bytes, text: bytes) -> None:
    answer = registrar.register(contact)
    assert (registrar.rc, answer.code, answer.header(b"P-Registrar-Error")) == (-1, 400, text)


@pytest.mark.parametrize(
    ("q", "shown"),
    [
        (b"1.0", b";q=1"), (b"0.5", b";q=0.5"), (b".5", b";q=0.5"), (b"0.05", b";q=0.05"), (b"0.1234", b";q=0.123"),
        (b"0", b";q=0"), (b"1", b";q=1"), (b"", b""), (b"0.700", b";q=0.7"),
    ],
)  # fmt: skip
def test_q_values(registrar: Registrar, q: bytes, shown: bytes) -> None:
    assert registrar.register(A + b";q=" + q).contacts == [A + shown + b";expires=3600"]


def test_contacts_are_ordered_by_q_also_after_an_update(registrar: Registrar) -> None:
    registrar.register(A + b";q=0.3")
    registrar.register(B + b";q=0.9")
    registrar.register(C)
    assert [c.q for c in registrar.contacts()] == [900, 300, -1]
    registrar.register(C + b";q=1")
    assert [c.q for c in registrar.contacts()] == [1000, 900, 300]


def test_too_many_contacts_are_503(registrar: Registrar) -> None:
    registrar.configure(max_contacts=2, retry_after=7)
    registrar.register(A, B)
    answer = registrar.register(C)
    assert (registrar.rc, answer.code, answer.header(b"Retry-After")) == (-2, 503, b"7")
    assert answer.header(b"P-Registrar-Error") == b"Too many registered contacts"
    assert len(answer.contacts) == 2
    assert registrar.register(B, A + b";expires=0", C).code == 200


def test_expired_contacts_do_not_count(registrar: Registrar) -> None:
    registrar.configure(max_contacts=1)
    registrar.register(A + b";expires=60")
    registrar.wait_until(61)
    assert registrar.register(B).contacts == [B + b";expires=3600"]


def test_flag_4_keeps_the_new_contact_only(registrar: Registrar) -> None:
    registrar.register(A, B)
    assert registrar.register(C, flags=4).contacts == [C + b";expires=3600"]


def test_flag_2_sends_nothing(registrar: Registrar) -> None:
    registrar.register(A, flags=2)
    assert registrar.replies == [] and len(registrar.contacts()) == 1


def test_uri_comparison_ignores_the_case_of_the_host(registrar: Registrar) -> None:
    registrar.register(b"<sip:u@HOST.example>")
    registrar.register(b"<sip:u@host.example>")
    assert len(registrar.contacts()) == 1
    registrar.register(b"<sip:U@host.example>")
    registrar.register(b"<sip:u@host.example:5060>")
    assert len(registrar.contacts()) == 3


def test_aor_is_unescaped_and_in_lower_case(registrar: Registrar) -> None:
    registrar.register(A, user=b"%61LICE")
    assert len(registrar.contacts(b"alice")) == 1


@pytest.mark.parametrize("to", [b"<foo:bar>", b"<sip:>", b"nonsense"])
def test_bad_aor_is_400(registrar: Registrar, to: bytes) -> None:
    assert registrar.register(A, to=to).code == 400 and registrar.rc == -1


def test_fields_are_kept(registrar: Registrar) -> None:
    lines = b"User-Agent: Phone 1.0\r\nAllow: INVITE, MESSAGE\r\n"
    registrar.register(A, lines=lines)
    registrar.register(B + b';methods="INVITE, BYE, FOO";received="sip:4.4.4.4:4"', lines=lines)
    first, second = registrar.contacts()
    assert (first.user_agent, first.methods, first.callid, first.cseq) == (b"Phone 1.0", 257, b"c1", 1)
    assert (second.methods, second.received) == (524297, b"sip:4.4.4.4:4")
    assert registrar.register().contacts[1] == B + b';expires=3600;received="sip:4.4.4.4:4"'


def test_path_is_stored_and_echoed_when_supported(registrar: Registrar) -> None:
    registrar.configure(use_path=1)
    lines = b"Path: <sip:p1;lr>,<sip:p2;lr>\r\nPath: <sip:p3;lr>\r\nSupported: path\r\n"
    answer = registrar.register(A, lines=lines)
    assert answer.header(b"Path") == b"<sip:p1;lr>,<sip:p2;lr>,<sip:p3;lr>"
    assert registrar.contacts()[0].path == b"<sip:p1;lr>,<sip:p2;lr>,<sip:p3;lr>"


def test_path_without_support_is_420(registrar: Registrar) -> None:
    registrar.configure(use_path=1)
    answer = registrar.register(A, lines=b"Path: <sip:p1;lr>\r\n")
    assert (registrar.rc, answer.code, answer.header(b"Unsupported")) == (-1, 420, b"path")
    assert registrar.contacts() == []


@pytest.mark.parametrize("mode", [0, 1])
def test_path_modes_that_store_silently(registrar: Registrar, mode: int) -> None:
    registrar.configure(use_path=1, path_mode=mode)
    answer = registrar.register(A, lines=b"Path: <sip:p1;lr>\r\n")
    assert (answer.code, answer.header(b"Path")) == (200, None)
    assert registrar.contacts()[0].path == b"<sip:p1;lr>"


def test_received_of_the_path(registrar: Registrar) -> None:
    registrar.configure(use_path=1, path_mode=0, path_use_received=1)
    registrar.register(A, lines=b"Path: <sip:p1;received=sip%3a192.0.2.9%3a4711;lr>\r\n")
    assert registrar.contacts()[0].received == b"sip:192.0.2.9:4711"


def test_instance_is_found_under_a_new_uri(registrar: Registrar) -> None:
    instance = b';+sip.instance="<urn:uuid:1>"'
    registrar.register(A + instance)
    answer = registrar.register(B + instance, callid=b"other")
    assert registrar.rc == 2
    assert answer.contacts == [B + b';expires=3600;+sip.instance="<urn:uuid:1>"']


def test_gruu_is_given_to_who_supports_it(registrar: Registrar) -> None:
    answer = registrar.register(A + b';+sip.instance="<urn:uuid:1>"', lines=b"Supported: gruu\r\n")
    assert b';pub-gruu="sip:alice@example.com;gr=urn:uuid:1";temp-gruu="sip:uloc-' in answer.contacts[0]


def test_reg_id_counts_with_outbound_only(registrar: Registrar) -> None:
    contact = A + b';+sip.instance="<urn:uuid:1>";reg-id=2'
    registrar.register(contact, lines=b"Supported: outbound\r\n")
    registrar.register(contact)
    assert sorted(c.reg_id for c in registrar.contacts()) == [0, 2]


def test_out_of_memory_is_503_and_changes_nothing(registrar: Registrar) -> None:
    registrar.register(A)
    lib.kh_shm_fail_after(0)
    answer = registrar.register(B)
    lib.kh_shm_fail_after(-1)
    assert answer.code == 503 and len(registrar.contacts()) == 1


def test_record_has_a_limit(registrar: Registrar) -> None:
    codes = [registrar.register(*(b"<sip:%d.%d%s@h>" % (n, k, b"x" * 490) for k in range(30))).code for n in range(6)]
    assert codes[0] == 200 and codes[-1] == 503
    assert registrar.lookup().ruri.startswith(b"sip:0.0x")  # type: ignore[union-attr]


def test_callbacks_hear_of_every_change(registrar: Registrar) -> None:
    heard: list[tuple[int, bytes]] = []
    from kahea.modules.usrloc.callbacks import CHANGES, callbacks

    callbacks.register(CHANGES, lambda event, domain, aor, contact: heard.append((event, contact.contact)))
    registrar.table.watch()
    registrar.register(A, B)
    registrar.register(A + b";expires=100")
    registrar.register(B + b";expires=0")
    a, b = b"sip:a@192.0.2.1", b"sip:b@192.0.2.2"
    assert heard == [(1, a), (1, b), (2, a), (4, b)]


def test_xavp_overrides_limits_of_one_request(registrar: Registrar) -> None:
    registrar.configure(xavp_cfg=b"cfg", xavp_rcd=b"rcd")
    from kahea.core.pv import parse_spec
    from kahea.modules.registrar.save import save

    def send(contacts: bytes, **cfg: int) -> SipMsg:
        registrar.cseq += 1
        msg = request(lines=b"Contact: %s\r\n" % contacts, cseq=registrar.cseq)
        for n, (name, value) in enumerate(cfg.items()):
            index = b"[0]" if n else b""  # without one, the assignment makes a new structure
            parse_spec(b"$xavp(cfg%s=>%s)" % (index, name.encode())).set(msg, value)  # type: ignore[misc]
        registrar.rc = save(msg, b"location")
        return msg

    msg = send(A, expires=222, q=300)
    assert registrar.replies[-1].contacts == [A + b";q=0.3;expires=222"]
    assert parse_spec(b"$xavp(rcd=>contact)").get(msg) == b"sip:a@192.0.2.1"
    assert parse_spec(b"$xavp(rcd=>expires)").get(msg) == 222
    send(B, max_contacts=1)
    assert registrar.rc == -2


def test_received_comes_from_the_variable(registrar: Registrar) -> None:
    registrar.configure(received_avp=b"$avp(rcv)")
    from kahea.core.pv import parse_spec
    from kahea.modules.registrar.save import save

    msg = request(lines=b'Contact: %s;received="sip:1.1.1.1"\r\n' % A)
    parse_spec(b"$avp(rcv)").set(msg, b"sip:198.51.100.9:99")  # type: ignore[misc]
    save(msg, b"location")
    assert registrar.contacts()[0].received == b"sip:198.51.100.9:99"


def test_outbound_is_required_of_who_must_support_it(registrar: Registrar) -> None:
    registrar.configure(outbound_mode=2, flow_timer=120)
    assert registrar.register(A).code == 421
    answer = registrar.register(A + b';+sip.instance="<urn:uuid:1>";reg-id=1', lines=b"Supported: outbound\r\n")
    assert (answer.header(b"Require"), answer.header(b"Flow-Timer")) == (b"outbound", b"120")


def test_prepared_reply_is_sent_later(registrar: Registrar) -> None:
    from kahea.modules.registrar.reply import reg_send_reply
    from kahea.modules.registrar.save import save

    msg = request(lines=b"Contact: %s\r\n" % A)
    assert reg_send_reply(msg) == -1
    save(msg, b"location", 0x12)
    assert registrar.replies == []
    assert reg_send_reply(msg) == 1 and registrar.replies[0].contacts == [A + b";expires=3600"]
