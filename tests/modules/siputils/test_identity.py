"""Contact URIs packed into a parameter; Remote-Party-ID; P-Charging-Vector."""

import pytest

from kahea.core.loader import register_variables
from kahea.core.msg.translate import build_all
from kahea.core.pv import parse_format, parse_spec
from kahea.modules.siputils import contact_param, exports, identity
from kahea.modules.siputils.settings import Settings
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import INVITE

register_variables(exports)
OURS = b"sip:1.2.3.4:5060;transport=tcp"


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


def sent(msg: SipMsg) -> SipMsg:
    return SipMsg.from_bytes(build_all(msg))


def test_contacts_are_packed_and_unpacked(msg: SipMsg) -> None:
    contact = msg.header(b"Contact")
    assert contact_param.contact_param_encode(msg, b"ksu", OURS) == 1
    packed = sent(msg)
    assert packed.contact_uri is not None and packed.contact_uri.startswith(OURS + b";ksu=")
    assert contact_param.contact_param_decode(packed, b"KSU") == 1
    assert sent(packed).header(b"Contact") == contact


def test_parameter_is_taken_off(msg: SipMsg) -> None:
    contact_param.contact_param_encode(msg, b"ksu", OURS)
    packed = sent(msg)
    assert contact_param.contact_param_rm(packed, b"ksu") == 1
    assert sent(packed).header(b"Contact") == b"<" + OURS + b">;expires=60, <" + OURS + b">"
    assert contact_param.contact_param_rm(SipMsg.from_bytes(INVITE), b"ksu") == -1


def test_request_uri_is_unpacked(msg: SipMsg) -> None:
    contact_param.contact_param_encode(msg, b"ksu", OURS)
    ruri = parse_spec(b"$ru")
    assert ruri.set is not None
    ruri.set(msg, sent(msg).contact_uri)
    assert contact_param.contact_param_decode_ruri(msg, b"ksu") == 1
    assert msg.ruri == b"sip:alice@10.0.0.2"
    assert contact_param.contact_param_decode_ruri(msg, b"ksu") == -1


def test_remote_party_id_of_an_avp(msg: SipMsg) -> None:
    assert identity.append_rpid_hf(msg) == -1
    assert identity.is_rpid_user_e164(msg) == -1
    avp = parse_spec(b"$avp(rpid)")
    assert avp.set is not None
    avp.set(msg, b"<sip:+123@h>")
    assert identity.is_rpid_user_e164(msg) == 1
    assert identity.append_rpid_hf(msg) == 1
    assert sent(msg).header(b"Remote-Party-ID") == b"<sip:+123@h>;party=calling;id-type=subscriber;screen=yes"
    with pytest.raises(ValueError):
        Settings().set_rpid_avp(b"$nope")


def test_charging_vector(msg: SipMsg) -> None:
    assert parse_spec(b"$pcv(all)").get(msg) is None
    identity.sip_p_charging_vector(msg, b"g")
    first = sent(msg)
    value = parse_spec(b"$pcv(value)").get(first)
    assert value and parse_format(b"$pcv(genaddr)").eval(first) == b"127.0.0.1"
    identity.sip_p_charging_vector(first, b"g")
    assert parse_spec(b"$pcv(value)").get(sent(first)) == value
    identity.sip_p_charging_vector(first, b"f")
    assert parse_spec(b"$pcv(value)").get(sent(first)) != value
    identity.sip_p_charging_vector(first, b"r")
