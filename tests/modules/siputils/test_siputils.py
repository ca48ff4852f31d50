from collections.abc import Callable

import pytest

from kahea.core.pv import Value
from kahea.modules.siputils import checks, contact, uri
from kahea.parser.msg import SipMsg
from kahea.tests.modules.edited import INVITE, edited, invite


def test_has_totag_is_about_to_only() -> None:
    assert checks.has_totag(invite()) == -1
    assert (
        checks.has_totag(SipMsg.from_bytes(INVITE.replace(b"To: <sip:bob@example.org>", b"To: <sip:b@c>;tag=x"))) == 1
    )


@pytest.mark.parametrize(
    ("function", "args", "result"),
    [
        (checks.is_uri, (b"sip:a@b",), 1),
        (checks.is_uri, (b"tel:+49",), 1),
        (checks.is_uri, (b"a@b",), -1),
        (checks.is_e164, (b"+4930123",), 1),
        (checks.is_e164, (b"4930123",), -1),
        (checks.is_e164, (b"+1234567890123456",), -1),
        (checks.is_uri_user_e164, (b"sip:+4930@b",), 1),
        (checks.is_tel_number, (b"0301",), 1),
        (checks.is_tel_number, (b"03a1",), -1),
        (checks.is_numeric, (b"",), -1),
        (checks.is_numeric, (b"12",), 1),
        (checks.is_alphanum, (b"a1-",), -1),
        (checks.is_alphanumex, (b"a1-", b"-_"), 1),
        (checks.is_supported, (b"path",), 1),
        (checks.is_supported, (b"gruu",), -1),
        (checks.is_first_hop, (), 1),
        (checks.is_gruu, (b"sip:a@b;gr=1",), 1),
        (checks.is_gruu, (b"sip:a@b;gr",), 2),
        (checks.is_gruu, (b"sip:a@b",), -1),
        (uri.cmp_uris, (b"sip:a@b", b"sip:a@B"), 1),
        (uri.cmp_uris, (b"sip:a@b", b"sip:a@b:5060"), -1),
        (uri.cmp_aor, (b"sip:a@b;x=1", b"sip:a@B"), 1),
        (uri.cmp_hdr_name, (b"f", b"From"), 1),
        (uri.cmp_hdr_name, (b"f", b"To"), -1),
        (uri.uri_param, (b"x", b"1"), 1),
        (uri.uri_param, (b"x",), -1),
        (uri.uri_param_any, (b"X",), 1),
        (uri.uri_param_any, (b"y",), -1),
    ],
)
def test_checks(function: Callable[..., int], args: tuple[object, ...], result: int) -> None:
    found = function(invite(), *args)
    assert found == result or found < 0 > result  # any negative number is no


def test_parameters_of_the_request_uri_are_added_and_removed() -> None:
    msg = invite()
    assert uri.add_uri_param(msg, b"y=2") == 1
    assert msg.ruri == b"sip:bob@example.org:5060;x=1;y=2"
    assert uri.uri_param_rm(msg, b"x") == 1
    assert msg.ruri == b"sip:bob@example.org:5060;y=2"


class Variable:
    """Stands for a writable variable of the script."""

    def __init__(self, value: Value = None) -> None:
        self.value = value

    def get(self, msg: SipMsg) -> Value:
        return self.value

    def set(self, msg: SipMsg, value: Value) -> None:
        self.value = value


@pytest.mark.parametrize(
    ("tel", "result", "value"),
    [
        (b"tel:+1-202;phone-context=x", 1, b"sip:+1202;phone-context=x@h;user=phone"),
        (b"sip:a@b", 2, None),
        (b"nonsense", -1, None),
    ],
)
def test_tel2sip(tel: bytes, result: int, value: bytes) -> None:
    target = Variable()
    assert uri.tel2sip(invite(), tel, b"h", target) == result
    assert target.value == value


def test_parts_of_a_uri_in_a_variable() -> None:
    target = Variable(b"sip:a:pw@b:5070;x?h=1")
    uri.set_uri_user(invite(), target, b"new")
    uri.set_uri_host(invite(), target, b"host")
    assert target.value == b"sip:new@host:5070;x?h=1"


def test_contact_is_packed_and_the_request_uri_unpacked() -> None:
    msg = invite()
    assert contact.encode_contact(msg, b"nat", b"192.0.2.9") == 1
    packed = b"sip:nat*alice**10.0.0.1*5070*udp@192.0.2.9"
    assert b"Contact: <" + packed + b">\r\n" in edited(msg)
    back = SipMsg.from_bytes(INVITE.replace(b"sip:bob@example.org:5060;x=1", packed, 1))
    assert contact.decode_contact(back) == 1
    assert back.ruri == b"sip:alice@10.0.0.1:5070;transport=udp"
    assert contact.decode_contact(invite()) == -1
