"""URIs: parts, limits, and equivalence by RFC 3261 19.1.4."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kahea.parser.errors import BadUri
from kahea.parser.uri import Proto, UriType, cmp_uri, parse_uri, try_parse_uri


def test_all_parts_of_a_sip_uri() -> None:
    uri = parse_uri(b"sip:alice:secret@example.com:5070;transport=tcp;user=phone;lr;x=y?Subject=a&Priority=b")
    assert uri.type == UriType.SIP
    assert (uri.user, uri.passwd, uri.host, uri.port, uri.port_no) == (
        b"alice",
        b"secret",
        b"example.com",
        b"5070",
        5070,
    )
    assert uri.params == b"transport=tcp;user=phone;lr;x=y"
    assert uri.headers == b"Subject=a&Priority=b"
    assert (uri.transport_val, uri.user_param_val, uri.proto) == (b"tcp", b"phone", Proto.TCP)
    assert (uri.lr, uri.transport, uri.user_param, uri.ttl) == (b"lr", b"transport=tcp", b"user=phone", b"")
    assert uri.param_dict == {b"transport": b"tcp", b"user": b"phone", b"lr": None, b"x": b"y"}


def test_absent_parts_are_empty() -> None:
    uri = parse_uri(b"sip:example.com")
    assert (uri.user, uri.passwd, uri.host, uri.port, uri.port_no, uri.params) == (
        b"",
        b"",
        b"example.com",
        b"",
        0,
        b"",
    )
    assert (uri.proto, uri.lr, uri.is_ip) == (Proto.NONE, b"", False)


@pytest.mark.parametrize(
    ("raw", "send_proto", "send_port"),
    [
        (b"sip:a", Proto.UDP, 5060),
        (b"sip:a;transport=tls", Proto.TLS, 5061),
        (b"sips:a", Proto.TLS, 5061),
        (b"sips:a:5070;transport=tcp", Proto.TLS, 5070),
        (b"sip:a;transport=WS", Proto.WS, 80),
        (b"sip:a;transport=wss", Proto.WSS, 443),
        (b"sip:a;transport=sctp", Proto.SCTP, 5060),
    ],
)
def test_transport_and_port_to_send_by(raw: bytes, send_proto: int, send_port: int) -> None:
    uri = parse_uri(raw)
    assert (uri.send_proto, uri.send_port) == (send_proto, send_port)


def test_ipv6_reference_keeps_its_brackets_and_parts_port() -> None:
    uri = parse_uri(b"sip:a@[2001:db8::10]:5070")
    assert (uri.host, uri.host_ip, uri.port_no, uri.is_ipv6, uri.is_ip) == (
        b"[2001:db8::10]", b"2001:db8::10", 5070, True, True,
    )  # fmt: skip
    assert parse_uri(b"sip:1.2.3.4").is_ip


def test_user_part_may_hold_semicolons_question_marks_and_slashes() -> None:
    uri = parse_uri(b"sip:user;par=u%40example.net/x?y@example.com;lr")
    assert uri.user == b"user;par=u%40example.net/x?y"
    assert uri.params == b"lr"


def test_hash_in_a_dial_string_is_tolerated() -> None:
    assert parse_uri(b"sip:*21*123#@example.com").user == b"*21*123#"


def test_tel_and_urn() -> None:
    tel = parse_uri(b"tel:+1-201-555-0123;phone-context=example.com")
    assert (tel.type, tel.user, tel.host, tel.params) == (
        UriType.TEL, b"+1-201-555-0123", b"", b"phone-context=example.com",
    )  # fmt: skip
    urn = parse_uri(b"urn:service:sos.fire")
    assert (urn.type, urn.user, urn.host, urn.aor) == (UriType.URN, b"service", b"sos.fire", b"urn:service:sos.fire")


def test_other_schemes_are_known_as_such() -> None:
    uri = parse_uri(b"http://www.example.com/x")
    assert (uri.type, uri.scheme) == (UriType.OTHER, b"http")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"sip", b"sip:", b"sip:@example.com", b"sip:a@", b"sip:a@[::1", b"sip:a@[]", b"sip:a@[:]", b"sip:a@b:",
        b"sip:a@b:65536", b"sip:a@b:x", b"sip:2001:db8::1", b"sip:a b@c", b"sip:a@b c", b"sip:a@b;x y", b"<sip:a@b>",
        b"sip:a@b\r\n", b"sip:a\x00b@c", b"sip\x1aa@b", b"sip:a@b@c", b"sip:a@b;=x", b"tel:", b"tel:abcxyz", b"urn:x",
        b"nothing", b"sip:a@b\"", b"sips:",
    ],
)  # fmt: skip
def test_malformed_uris_are_refused(raw: bytes) -> None:
    with pytest.raises(BadUri):
        parse_uri(raw)
    assert try_parse_uri(raw) is None


def test_a_uri_longer_than_a_message_is_refused() -> None:
    with pytest.raises(BadUri):
        parse_uri(b"sip:" + b"a" * 70000 + b"@b")


def test_str_rebuilds_the_uri() -> None:
    raw = b"sip:alice:x@[::1]:5070;lr?a=b"
    assert bytes(parse_uri(raw)) == raw
    assert str(parse_uri(raw)) == raw.decode()


EQUAL = [  # RFC 3261 19.1.4
    (b"sip:%61lice@atlanta.com;transport=TCP", b"sip:alice@AtlanTa.CoM;Transport=tcp"),
    (b"sip:carol@chicago.com", b"sip:carol@chicago.com;newparam=5"),
    (b"sip:carol@chicago.com", b"sip:carol@chicago.com;security=on"),
    (
        b"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        b"sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        b"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        b"sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    (b"tel:+1-201-555-0123", b"tel:+12015550123"),
    (b"tel:7042;phone-context=Example.com", b"tel:7042;phone-context=example.COM"),
    (b"sip:a@[2001:db8::1]", b"sip:a@[2001:DB8:0:0::1]"),
    (b"sip:a%3bb@c", b"sip:a%3Bb@c"),
    (b"urn:service:sos", b"URN:service:SOS"),
]
DIFFERENT = [
    (b"SIP:ALICE@AtLanTa.CoM;Transport=udp", b"sip:alice@AtLanTa.CoM;Transport=UDP"),
    (b"sip:bob@biloxi.com", b"sip:bob@biloxi.com:5060"),
    (b"sip:bob@biloxi.com", b"sip:bob@biloxi.com;transport=udp"),
    (b"sip:bob@biloxi.com", b"sip:bob@biloxi.com:6000;transport=tcp"),
    (b"sip:carol@chicago.com", b"sip:carol@chicago.com?Subject=next%20meeting"),
    (b"sip:bob@phone21.boxesbybob.com", b"sip:bob@192.0.2.4"),
    (b"sip:carol@chicago.com;newparam=5", b"sip:carol@chicago.com;newparam=6"),
    (b"sip:a@b", b"sips:a@b"),
    (b"sip:a%3Bb@c", b"sip:a;b@c"),
    (b"sip:a@[2001:db8::1]", b"sip:a@[2001:db8::2]"),
    (b"sip:a@b:0", b"sip:a@b"),
    (b"tel:7042;phone-context=a.com", b"tel:7042;phone-context=b.com"),
]


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_equivalent_uris(a: bytes, b: bytes) -> None:
    assert cmp_uri(parse_uri(a), parse_uri(b))
    assert cmp_uri(parse_uri(b), parse_uri(a))


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_uris_that_differ(a: bytes, b: bytes) -> None:
    assert not cmp_uri(parse_uri(a), parse_uri(b))
    assert not cmp_uri(parse_uri(b), parse_uri(a))


users = st.from_regex(rb"[A-Za-z0-9_.!~*'()&=+$,;?/-]{1,20}", fullmatch=True)
hosts = st.one_of(
    st.from_regex(rb"[a-z][a-z0-9-]{0,10}(\.[a-z][a-z0-9]{0,5}){0,3}", fullmatch=True),
    st.ip_addresses(v=4).map(lambda ip: str(ip).encode()),
    st.ip_addresses(v=6).map(lambda ip: f"[{ip}]".encode()),
)
ports = st.one_of(st.none(), st.integers(0, 65535))
params = st.lists(st.from_regex(rb"[a-z0-9]{1,8}(=[A-Za-z0-9.]{1,8})?", fullmatch=True), max_size=5)


@given(users, hosts, ports, params)
def test_what_is_put_together_comes_apart_again(user: bytes, host: bytes, port: int | None, items: list[bytes]) -> None:
    tail = b"".join(b";" + item for item in items)
    raw = b"sip:" + user + b"@" + host + (b"" if port is None else b":%d" % port) + tail
    uri = parse_uri(raw)
    assert (uri.user, uri.host, uri.port_no, uri.params) == (user, host, port or 0, tail[1:])
    assert cmp_uri(uri, parse_uri(raw.replace(b"sip:", b"SIP:", 1)))


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(data: bytes) -> None:
    for raw in (data, b"sip:" + data, b"tel:" + data):
        uri = try_parse_uri(raw)
        if uri is not None and uri.type == UriType.SIP:
            assert uri.host
            assert uri.user in raw
