"""Forwarding without state between UDP, TCP and TLS: RFC 3261 18, as a script sees it and a peer gets it."""

from collections.abc import Callable

import pytest

from kahea.core.scripttest import ScriptTest

Load = Callable[..., ScriptTest]
CLIENT, SERVER = ("192.0.2.100", 40000), ("198.51.100.7", 5060)
LISTEN = """
listen=udp:192.0.2.1:5060
listen=tcp:192.0.2.1:5060
listen=udp:192.0.2.2:5070
listen=tcp:192.0.2.2:5070
auto_aliases=no
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "corex.so"
loadmodule "textops.so"
"""


def script_of(load: Load, body: str, more: str = "") -> ScriptTest:
    return load(f"{LISTEN}{more}\nrequest_route {{\n{body}\n}}")


def to(uri: str, before: str = "") -> str:
    return f'$du = "{uri}"; {before} $avp(r) = forward();'


# replies


def lossy(load: Load) -> tuple[ScriptTest, Callable[[str], list[str]]]:
    """A script, and what became of the reply to a client whose connection was lost, by the end of its Via."""
    script = script_of(load, to("sip:198.51.100.7"))

    def reply_to(via: str) -> list[str]:
        sent = script.send("OPTIONS", "sip:a@b", source=CLIENT, over="tcp", headers={"Via": via}).relayed.only()
        script.lose(CLIENT)
        return [f"{reply.over} {reply.to}" for reply in script.answer(sent, 200).replies]

    return script, reply_to


def test_a_reply_finds_another_way_when_its_connection_is_lost(kahea_script: Load) -> None:
    _, reply_to = lossy(kahea_script)
    via = "SIP/2.0/TCP 10.0.0.9:5099;branch=z9hG4bKx"
    assert reply_to(via) == ["tcp 192.0.2.100:5099"]  # received, and where the client listens (RFC 3261 18.2.2)
    assert reply_to(via + ";rport") == ["tcp 192.0.2.100:5099"]  # the port it came from listens to nobody
    assert reply_to("SIP/2.0/TCP 10.0.0.9;branch=z9hG4bKx") == ["tcp 192.0.2.100:5060"]


def test_a_reply_made_here_does_so_as_well(kahea_script: Load) -> None:
    script = script_of(kahea_script, 'set_reply_close(); sl_send_reply("100", "Trying"); sl_send_reply("200", "OK");')
    via = "SIP/2.0/TCP 10.0.0.9:5099;branch=z9hG4bKx;rport"
    out = script.send("OPTIONS", "sip:a@b", source=CLIENT, over="tcp", headers={"Via": via})
    assert [(m.status, m.to, m.closes) for m in out.replies] == [
        (100, "192.0.2.100:40000", False),  # there is more to come
        (200, "192.0.2.100:40000", True),
    ]


def test_our_own_via_names_the_connection(kahea_script: Load) -> None:
    script = script_of(kahea_script, to("sip:198.51.100.7"))
    sent = script.send("OPTIONS", "sip:a@b", source=CLIENT, over="tcp").relayed.only()
    assert sent.headers("Via")[0].endswith(f";i={script.get('$conid'):x}")
    # whatever the client's Via says, the reply goes where the request came from
    lines = [line.replace("received=192.0.2.100", "received=203.0.113.9") for _, line in sent.lines]
    sent.lines = [(name, line) for (name, _), line in zip(sent.lines, lines, strict=True)]
    assert script.answer(sent, 200).replies.only().connection == script_connection(script, CLIENT)


def script_connection(script: ScriptTest, source: tuple[str, int]) -> int:
    """The number of a connection: what a request over it shows."""
    script.send("OPTIONS", "sip:a@b", source=source, over="tcp")
    number = script.get("$conid")
    assert isinstance(number, int)
    return number


def test_a_number_in_our_via_that_means_nothing_is_passed_over(kahea_script: Load) -> None:
    script = script_of(kahea_script, to("sip:198.51.100.7"))
    for wrong in ("zz", "ffffffffffff", "0", "7fff"):
        sent = script.send("OPTIONS", "sip:a@b", source=CLIENT, over="tcp").relayed.only()
        number = f"i={script.get('$conid'):x}"
        sent.lines = [(name, text.replace(number, f"i={wrong}")) for name, text in sent.lines]
        assert script.answer(sent, 200).replies.only().over == "tcp"


def test_what_goes_to_a_stream_says_how_long_it_is(kahea_script: Load) -> None:
    script = script_of(kahea_script, to("sip:198.51.100.7;transport=tcp"))
    request = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.100:40000;branch=z9hG4bKx\r\n"
    request += b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\nbody"
    sent = script.push(request, CLIENT).relayed.only()
    assert (sent.over, sent.header("Content-Length"), sent.body) == ("tcp", "4", "body")
    script = script_of(kahea_script, to("sip:198.51.100.7"))
    sent = script.send("OPTIONS", "sip:a@b", source=CLIENT, over="tcp").relayed.only()
    reply = b"\r\n".join([b"SIP/2.0 200 OK", *(f"{n}: {t}".encode() for n, t in sent.lines if n != "Content-Length")])
    got = script.push(reply + b"\r\n\r\n", SERVER).replies.only()
    assert (got.over, got.header("Content-Length")) == ("tcp", "0")


# where to, and from where


@pytest.mark.parametrize(
    ("body", "over", "socket"),
    [
        (to("sip:198.51.100.7"), "udp", "udp:192.0.2.1:5060"),
        (to("sip:198.51.100.7;transport=TCP"), "tcp", "tcp:192.0.2.1:5060"),
        (to("sip:198.51.100.7;transport=tcp", "force_send_socket(tcp:192.0.2.2:5070);"), "tcp", "tcp:192.0.2.2:5070"),
        # a forced socket of another transport: the one beside it that has the right one
        (to("sip:198.51.100.7;transport=tcp", "force_send_socket(udp:192.0.2.2:5070);"), "tcp", "tcp:192.0.2.2:5070"),
        ('$ru = "sip:bob@198.51.100.7;transport=tcp"; forward();', "tcp", "tcp:192.0.2.1:5060"),
        ("forward_tcp(198.51.100.7, 5060);", "tcp", "tcp:192.0.2.1:5060"),
        ('$du = "sip:198.51.100.7;transport=tcp"; send_tcp();', "tcp", "tcp:192.0.2.1:5060"),
        ('$du = "sip:198.51.100.7;transport=tcp"; send_udp();', "udp", "udp:192.0.2.1:5060"),
        ('send_tcp("198.51.100.7:5060");', "tcp", "tcp:192.0.2.1:5060"),
        ('send_data("sip:198.51.100.7;transport=tcp", "$rb");', "tcp", "tcp:192.0.2.1:5060"),
        ('sendx("sip:198.51.100.7", "tcp:192.0.2.2:5070", "x");', "tcp", "tcp:192.0.2.2:5070"),
    ],
)
def test_the_destination_decides_the_transport(kahea_script: Load, body: str, over: str, socket: str) -> None:
    sent = script_of(kahea_script, body).send("OPTIONS", "sip:a@b", body="x", source=CLIENT).sent[0]
    assert (sent.over, sent.socket, sent.to) == (over, socket, "198.51.100.7:5060")


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("sip:198.51.100.7;transport=tls", -7),  # nothing listens on TLS
        ("sips:198.51.100.7", -7),
        ("sips:198.51.100.7;transport=udp", -478),  # no datagram is secure
        ("sip:[2001:db8::1];transport=tcp", -7),
        ("sip:198.51.100.8;transport=tcp", -477),  # takes no connection
    ],
)
def test_what_cannot_be_sent_has_a_code(kahea_script: Load, uri: str, code: int) -> None:
    script = script_of(kahea_script, to(uri) + " $avp(x) = $avp(r); sl_reply_error();")
    script.refuse(("198.51.100.8", 5060))
    out = script.send("OPTIONS", "sip:a@b", source=CLIENT)
    assert script.get("$avp(x)") == code
    assert out.replied == [{-7: 500, -478: 478, -477: 477}[code]]


def test_only_a_connection_that_exists_and_one_to_be_closed(kahea_script: Load) -> None:
    script = script_of(
        kahea_script, to("sip:198.51.100.7;transport=tcp", "set_forward_no_connect(); set_forward_close();")
    )
    assert script.send("OPTIONS", "sip:a@b", source=CLIENT).silent
    script.push(b"OPTIONS junk", SERVER, "tcp")
    assert script.send("OPTIONS", "sip:a@b", source=CLIENT).relayed.only().closes


# requests that are too long for a datagram (RFC 3261 18.1.1)

MTU = "udp_mtu=700\nudp_mtu_try_proto=TCP\n"
LONG = "a=x\r\n" * 100


@pytest.mark.parametrize("more", [MTU, "udp_mtu=700\n", "udp_mtu_try_proto=TCP\n"])
def test_a_long_request_goes_by_tcp(kahea_script: Load, more: str) -> None:
    script = script_of(kahea_script, "record_route();" + to("sip:198.51.100.7"), more)
    assert script.send("INVITE", "sip:a@b", source=CLIENT).relayed.only().over == "udp"
    sent = script.send("INVITE", "sip:a@b", source=CLIENT, body=LONG).relayed.only()
    assert sent.over == ("tcp" if more == MTU else "udp")
    assert sent.headers("Via")[0].startswith(f"SIP/2.0/{sent.over.upper()} 192.0.2.1;")
    # only the Via says so, as in Kamailio: what follows in the dialog is not as long
    assert sent.headers("Record-Route") == ["<sip:192.0.2.1;lr;ftag=from2>"]
    assert script.answer(sent, 200).replies.only().to == "192.0.2.100:40000"


@pytest.mark.parametrize(("more", "found"), [(MTU, ["udp", "tcp", "tcp"]), ("udp_mtu=700\n", ["udp", "tcp", "udp"])])
def test_a_message_may_choose_for_itself(kahea_script: Load, more: str, found: list[str]) -> None:
    body = 'if ($rU == "udp") udp_mtu_try_proto(UDP); if ($rU == "tcp") udp_mtu_try_proto(TCP);'
    script = script_of(kahea_script, body + to("sip:198.51.100.7"), more)
    users = ("udp", "tcp", "x")
    sent = [script.send("INVITE", f"sip:{user}@b", source=CLIENT, body=LONG).relayed[0] for user in users]
    assert [m.over for m in sent] == found


def test_a_peer_without_tcp_gets_the_long_request_as_a_datagram(kahea_script: Load) -> None:
    script = script_of(kahea_script, to("sip:198.51.100.7"), MTU)
    script.refuse(SERVER)
    sent = script.send("INVITE", "sip:a@b", source=CLIENT, body=LONG).relayed.only()
    assert (sent.over, sent.headers("Via")[0][:12]) == ("udp", "SIP/2.0/UDP ")


def test_onsend_route_sees_the_stream(kahea_script: Load) -> None:
    onsend = "onsend_route { $avp(s) = $snd(sproto) + $sndfrom(port); }"
    script = kahea_script(f"{LISTEN}{MTU}request_route {{ {to('sip:198.51.100.7')} }} {onsend}")
    assert script.send("INVITE", "sip:a@b", source=CLIENT, body=LONG).relayed.only().over == "tcp"
    assert script.get("$avp(s)") == "tcp5060"
    assert script.send("INVITE", "sip:a@b", source=CLIENT).relayed.only().over == "udp"
    assert script.get("$avp(s)") == "udp5060"
