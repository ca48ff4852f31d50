"""The destination set and the Request-URI's edits."""

import pytest

from kahea.cfg.core_params import CoreParams
from kahea.core import options, settings
from kahea.core.msg import dset
from kahea.core.msg.dset import Branch
from kahea.parser.msg import SipMsg
from kahea.src.native import lib
from kahea.tests.core.msg.messages import REQUEST, request

FULL = Branch(b"sip:b@10.0.0.2", b"sip:10.0.0.3", b"<sip:p;lr>", b"<urn:uuid:1>", b"r1", b"phone", 700, 5, 1, 9)


def uri_edit(msg: SipMsg, op: int, text: bytes = b"", n: int = 0) -> int:
    return lib.kh_uri_edit(msg.edits, msg.c, op, text, len(text), n)


def test_branch_keeps_all_its_parts() -> None:
    msg = request()
    assert dset.append_branch(msg, FULL) == 0
    assert dset.get_branch(msg, 0) == FULL
    assert dset.get_branch(msg, 1) is None


def test_branch_without_argument_copies_the_first_destination() -> None:
    msg = request()
    dset.append_branch(msg)
    assert dset.branches(msg) == [Branch(b"sip:bob@example.com")]


def test_first_destination_can_be_set_and_read() -> None:
    msg = request()
    assert dset.set_first_branch(msg, FULL)
    assert dset.first_branch(msg) == FULL
    assert msg.ruri == FULL.uri


def test_twelve_destinations_fit_by_default() -> None:
    msg = request()
    assert [dset.append_branch(msg) for _ in range(12)] == [*range(11), -1]


def test_max_branches_of_the_configuration_is_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dset.Limit, "branches", dset.Limit.branches)  # restored at the end
    params = CoreParams()
    params.set("max_branches", 3)
    settings.apply(params, options.parse([]))
    msg = request()
    assert [dset.append_branch(msg) for _ in range(3)] == [0, 1, -1]


def test_branch_can_be_removed_from_any_place() -> None:
    msg = request()
    for number in range(4):
        dset.append_branch(msg, Branch(b"sip:%d" % number))
    assert dset.remove_branch(msg, 3) and dset.remove_branch(msg, 0) and not dset.remove_branch(msg, 5)
    dset.append_branch(msg, Branch(b"sip:9"))
    assert [b.uri for b in dset.branches(msg)] == [b"sip:1", b"sip:2", b"sip:9"]
    dset.clear_branches(msg)
    assert dset.branch_count(msg) == 0


def test_redirection_names_the_changed_uri_and_the_branches() -> None:
    msg = request()
    dset.append_branch(msg, Branch(b"sip:x", q=500))
    assert dset.destinations(msg) == [(b"sip:x", 500)]
    uri_edit(msg, lib.KH_URI_SET, b"sip:y")
    assert dset.destinations(msg) == [(b"sip:y", -1), (b"sip:x", 500)]


@pytest.mark.parametrize(
    ("uri", "op", "text", "n", "result"),
    [
        (b"sip:bob@h", lib.KH_URI_SET_HOST, b"new", 0, b"sip:bob@new"),
        (b"sip:bob@h:5070;a=b", lib.KH_URI_SET_HOST, b"new", 0, b"sip:bob@new:5070;a=b"),
        (b"sip:bob@h:5070;a=b?X=y", lib.KH_URI_SET_HOSTPORT, b"n:1", 0, b"sip:bob@n:1;a=b?X=y"),
        (b"sip:bob@[::1]:5070", lib.KH_URI_SET_HOSTPORT, b"n", 0, b"sip:bob@n"),
        (b"sip:b@h;transport=tcp;x", lib.KH_URI_SET_HOSTPORTTRANS, b"n;transport=udp", 0, b"sip:b@n;transport=udp;x"),
        (b"sip:bob@h", lib.KH_URI_SET_PORT, b"7", 0, b"sip:bob@h:7"),
        (b"sip:bob@h:5070", lib.KH_URI_SET_PORT, b"", 0, b"sip:bob@h"),
        (b"sip:bob:pw@h", lib.KH_URI_SET_USER, b"al", 0, b"sip:al:pw@h"),
        (b"sip:h", lib.KH_URI_SET_USER, b"al", 0, b"sip:al@h"),
        (b"sip:bob:pw@h", lib.KH_URI_SET_USER, b"", 0, b"sip:h"),
        (b"sip:bob:pw@h", lib.KH_URI_SET_USERPASS, b"a:b", 0, b"sip:a:b@h"),
        (b"sips:bob@h", lib.KH_URI_PREFIX, b"00", 0, b"sips:00bob@h"),
        (b"sip:bob@h", lib.KH_URI_STRIP, b"", 2, b"sip:b@h"),
        (b"sip:bob:pw@h", lib.KH_URI_STRIP, b"", 9, b"sip:h"),
        (b"sip:bob:pw@h", lib.KH_URI_STRIP_TAIL, b"", 1, b"sip:bo:pw@h"),
        (b"sip:bob@h?X=y", lib.KH_URI_USERPHONE, b"", 0, b"sip:bob@h;user=phone?X=y"),
        (b"sip:bob@h;user=phone", lib.KH_URI_USERPHONE, b"", 0, b"sip:bob@h;user=phone"),
        (b"sip:bob@h", lib.KH_URI_SET, b"tel:1", 0, b"tel:1"),
    ],
)
def test_parts_of_the_request_uri_are_replaced(uri: bytes, op: int, text: bytes, n: int, result: bytes) -> None:
    msg = request(REQUEST.replace(b"sip:bob@example.com SIP", uri + b" SIP"))
    assert uri_edit(msg, op, text, n) >= 0
    assert msg.ruri == result


def test_edits_of_the_request_uri_build_on_one_another() -> None:
    msg = request()
    uri_edit(msg, lib.KH_URI_SET_USER, b"carol")
    uri_edit(msg, lib.KH_URI_SET_HOSTPORT, b"h:1")
    assert msg.ruri == b"sip:carol@h:1"


def test_uri_that_is_not_sip_has_no_parts_to_replace() -> None:
    msg = request(REQUEST.replace(b"sip:bob@example.com SIP", b"tel:+123 SIP"))
    assert uri_edit(msg, lib.KH_URI_SET_HOST, b"h") == lib.KH_EMALFORMED
    assert msg.ruri == b"tel:+123"


def test_uri_that_would_be_too_long_is_refused() -> None:
    msg = request()
    assert uri_edit(msg, lib.KH_URI_SET_USER, b"x" * 5000) == lib.KH_ETOOBIG
    assert msg.ruri == b"sip:bob@example.com"
