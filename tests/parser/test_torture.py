"""Every message of RFC 4475 and RFC 5118: taken apart as the RFC says, or refused for the right reason."""

from typing import Any

import pytest

from kahea.parser.errors import BadMessage
from kahea.parser.headers.contact import parse_contact
from kahea.parser.headers.nameaddr import NameAddr, iter_nameaddr, parse_nameaddr
from kahea.parser.headers.via import iter_via
from kahea.parser.malformed import fault
from kahea.parser.msg import SipMsg
from kahea.parser.params import parse_uri_params, unescape
from kahea.parser.uri import SipUri, parse_uri
from kahea.src.native import lib

from .corpus import ENTRIES, message, name

# Which fault is named in the reply to each malformed message.
FAULTS = {
    "badinv01": (400, b"Bad Via"),
    "clerr": (400, b"Bad Content-Length"),
    "ncl": (400, b"Bad Content-Length"),
    "scalar02": (400, b"Bad CSeq"),
    "scalarlg": (400, b"Bad CSeq"),
    "quotbal": (400, b"Bad To"),
    "ltgtruri": (400, b"Bad Request Line"),
    "lwsruri": (400, b"Bad Request Line"),
    "lwsstart": (400, b"Bad Request Line"),
    "trws": (400, b"Bad Request Line"),
    "escruri": (400, b"Bad Request-URI"),
    "baddn": (400, b"Bad From"),
    "badvers": (505, b"Version Not Supported"),
    "mismatch01": (400, b"CSeq Names Another Method"),
    "mismatch02": (400, b"CSeq Names Another Method"),
    "bigcode": (400, b"Bad Request Line"),
    "insuf": (400, b"Bad From"),
    "multi01": (400, b"Bad From"),
    "mcl01": (400, b"Bad Content-Length"),
    "ipv6-bad": (400, b"Bad Request-URI"),
    "ipv6-in-sdp": (400, b"Bad Content-Length"),  # the RFC's own slip: 268 for 251 octets
}
# Malformed, but repaired or not the parser's business: the RFC lets a liberal element go on.
REPAIRED = {"baddate", "regbadct", "badaspec"}

by_name = pytest.mark.parametrize("entry", ENTRIES, ids=name)


@by_name
def test_malformed_messages_are_known_by_their_fault_and_others_are_clean(entry: dict[str, Any]) -> None:
    if name(entry) == "test":  # has no SIP version at all
        with pytest.raises(BadMessage):
            SipMsg.from_bytes(message(entry))
        return
    msg = SipMsg.from_bytes(message(entry))
    expected = FAULTS.get(name(entry))
    assert fault(msg.bad & lib.KH_BAD_VITAL) == expected
    if entry["parse"] == "reject":
        assert expected, "the RFC wants it refused"
    if entry["parse"] == "may-reject":
        assert expected or name(entry) in REPAIRED


def _check_uri(uri: SipUri, want: dict[str, Any]) -> None:
    assert uri.raw.decode() == want["raw"]
    assert uri.scheme.decode() == want["scheme"]
    if "host" in want:
        assert uri.host.decode().strip("[]") == want["host"].strip("[]")
    if "user" in want:
        assert uri.user.decode() == (want["user"] or "")
    if "user_unescaped" in want:
        assert unescape(uri.user).decode() == want["user_unescaped"]
    if "password" in want:
        assert uri.passwd.decode() == want["password"]
    if "port" in want:
        assert (uri.port_no or None) == want["port"]
    if "params" in want:
        as_written = b";".join(
            k.encode() + (b"" if v is None else b"=" + v.encode()) for k, v in want["params"].items()
        )
        assert uri.param_dict == parse_uri_params(as_written)


def _check_addr(addr: NameAddr, want: dict[str, Any]) -> None:
    if "display" in want:
        assert addr.display.decode("utf-8", "replace") == (want["display"] or "")
    if "uri" in want:
        _check_uri(parse_uri(addr.uri), want["uri"])
    if "tag" in want:
        assert addr.tag_value.decode() == (want["tag"] or "")


def _facts(entry: dict[str, Any]) -> dict[str, Any]:
    return {**(entry.get("facts_if_accepted") or {}), **(entry.get("facts") or {})}


with_facts = pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if _facts(e) and name(e) != "test" and name(e) not in FAULTS], ids=name
)


@with_facts
def test_first_line_and_counts_are_read_right(entry: dict[str, Any]) -> None:
    msg, facts = SipMsg.from_bytes(message(entry)), _facts(entry)
    if "method" in facts:
        assert msg.request_method == facts["method"].encode()
    if "status" in facts:
        assert msg.status == facts["status"]
    if "reason" in facts:
        assert (msg.reason or b"").decode() == facts["reason"]
    if "header_lines" in facts:
        assert msg.c.n_hdr == facts["header_lines"]
    for key, header in (("route_count", b"Route"), ("record_route_count", b"Record-Route")):
        if key in facts:
            assert sum(len(list(iter_nameaddr(body))) for body in msg.headers(header)) == facts[key]
    if "via_count" in facts:
        assert sum(len(list(iter_via(body))) for body in msg.headers(b"Via")) == facts["via_count"]
    if "body_length" in facts:
        assert len(msg.body or b"") == facts["body_length"]


@with_facts
def test_hot_headers_are_read_right(entry: dict[str, Any]) -> None:
    msg, facts = SipMsg.from_bytes(message(entry)), _facts(entry)
    assert msg.cseq_num == facts.get("cseq_num", msg.cseq_num)
    assert msg.cseq_method == facts.get("cseq_method", (msg.cseq_method or b"").decode()).encode()
    assert msg.content_length == facts.get("content_length", msg.content_length)
    assert msg.max_forwards == facts.get("max_forwards", msg.max_forwards)
    if "call_id" in facts:
        assert msg.callid == facts["call_id"].encode()
    if facts.get("content_type"):
        assert msg.content_type == facts["content_type"].encode()
    if "from" in facts:
        _check_addr(parse_nameaddr(msg.from_), facts["from"])
        assert (msg.from_tag or b"").decode() == (facts["from"].get("tag") or "")
    if "to" in facts:
        _check_addr(parse_nameaddr(msg.to), facts["to"])
        assert (msg.to_tag or b"").decode() == (facts["to"].get("tag") or "")
    if facts.get("ruri"):
        _check_uri(parse_uri(msg.orig_uri), facts["ruri"])


@with_facts
def test_top_via_and_contacts_are_read_right(entry: dict[str, Any]) -> None:
    msg, facts = SipMsg.from_bytes(message(entry)), _facts(entry)
    if facts.get("top_via"):
        via, want = next(iter(iter_via(msg.header(b"Via") or b""))), facts["top_via"]
        assert (via.transport.decode(), via.host.decode().strip("[]"), via.port or None) == (
            want["transport"], want["host"].strip("[]"), want["port"],
        )  # fmt: skip
        for key, value in want.get("params", {}).items():
            assert via.param_dict[key.lower().encode()] == (None if value is None else value.encode())
    if "contacts" in facts:
        got = [c for body in msg.headers(b"Contact") for c in parse_contact(body).contacts]
        assert len(got) == len(facts["contacts"])
        for contact, want in zip(got, facts["contacts"], strict=True):
            _check_addr(contact.addr, want)
            for key, value in want.get("params", {}).items():
                assert (contact.params[key.lower().encode()] or b"").decode() == (value or "").strip('"')
