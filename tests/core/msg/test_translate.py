"""Messages built, byte for byte."""

import pytest

from kahea.core.msg import lumps
from kahea.core.msg.translate import (
    BuildError,
    build_all,
    build_hop,
    build_req_buf_from_sip_req,
    build_res_buf_from_sip_req,
    build_res_buf_from_sip_res,
)
from kahea.parser.receive_info import ReceiveInfo
from kahea.src.native import ffi, lib
from kahea.tests.core.msg.messages import FROM_CLIENT, FROM_NAT, REPLY, REQUEST, dest, request

BRANCH = b"z9hG4bK1.2.0"
OUR_VIA = b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1.2.0\r\n"
CLIENT_VIA = b"Via: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bKabc\r\n"


def test_request_gets_our_via_and_nothing_else(sockets: None) -> None:
    assert build_req_buf_from_sip_req(request(), dest(), branch=BRANCH) == REQUEST.replace(b"Via:", OUR_VIA + b"Via:")


def test_request_from_elsewhere_gets_received(sockets: None) -> None:
    sent = build_req_buf_from_sip_req(request(rcv=FROM_NAT), dest(), branch=BRANCH)
    assert OUR_VIA + CLIENT_VIA[:-2] + b";received=198.51.100.7\r\n" in sent


def test_rport_is_filled_and_received_added(sockets: None) -> None:
    data = REQUEST.replace(b";branch=z9hG4bKabc", b";rport;branch=z9hG4bKabc")
    sent = build_req_buf_from_sip_req(request(data), dest(), branch=BRANCH)
    assert b"10.0.0.1:5062;rport=5062;branch=z9hG4bKabc;received=10.0.0.1\r\n" in sent


def test_rport_and_received_that_lie_are_replaced(sockets: None) -> None:
    data = REQUEST.replace(b";branch=z9hG4bKabc", b";received=1.2.3.4;rport=99;branch=z9hG4bKabc")
    sent = build_req_buf_from_sip_req(request(data, FROM_NAT), dest(), branch=BRANCH)
    assert b"10.0.0.1:5062;rport=4444;branch=z9hG4bKabc;received=198.51.100.7\r\n" in sent


def test_force_rport_adds_both(sockets: None) -> None:
    msg = request(rcv=FROM_NAT)
    msg.edits.flags |= lib.KH_ED_FORCE_RPORT
    sent = build_req_buf_from_sip_req(msg, dest(), branch=BRANCH)
    assert b";branch=z9hG4bKabc;received=198.51.100.7;rport=4444\r\n" in sent


def test_request_uri_is_replaced(sockets: None) -> None:
    msg = request()
    lumps.set_edit_text(msg, lib.KH_EDP_NEW_URI, b"sip:carol@203.0.113.9")
    assert build_req_buf_from_sip_req(msg, dest()).startswith(b"INVITE sip:carol@203.0.113.9 SIP/2.0\r\n")
    assert build_req_buf_from_sip_req(msg, dest(), uri=b"sip:x@y").startswith(b"INVITE sip:x@y SIP/2.0\r\n")


def test_via_shows_the_advertised_address_and_port(sockets: None) -> None:
    sent = build_req_buf_from_sip_req(request(), dest(sock=2), branch=BRANCH)
    assert b"Via: SIP/2.0/UDP proxy.example.net:6060;branch=z9hG4bK1.2.0\r\n" in sent


def test_via_shows_what_the_script_advertises(sockets: None) -> None:
    msg = request()
    lumps.set_edit_text(msg, lib.KH_EDP_ADV_HOST, b"sip.example.org")
    lumps.set_edit_text(msg, lib.KH_EDP_ADV_PORT, b"7000")
    assert b"Via: SIP/2.0/UDP sip.example.org:7000;branch=" in build_req_buf_from_sip_req(msg, dest())


def test_local_rport_asks_for_it(sockets: None) -> None:
    msg = request()
    msg.edits.flags |= lib.KH_ED_LOCAL_RPORT
    assert OUR_VIA[:-2] + b";rport\r\n" in build_req_buf_from_sip_req(msg, dest(), branch=BRANCH)


def test_path_becomes_the_first_route(sockets: None) -> None:
    msg = request(REQUEST.replace(b"Max-", b"Route: <sip:a;lr>\r\nMax-"))
    lumps.set_edit_text(msg, lib.KH_EDP_PATH, b"<sip:edge;lr>")
    sent = build_req_buf_from_sip_req(msg, dest())
    assert sent.index(b"Route: <sip:edge;lr>\r\n") < sent.index(b"Route: <sip:a;lr>\r\n")


def test_bytes_after_the_body_are_not_sent(sockets: None) -> None:
    assert build_req_buf_from_sip_req(request(REQUEST + b"garbage"), dest()).endswith(b"\r\n\r\nhello")


def test_via_removed_by_the_script_leaves_ours(sockets: None) -> None:
    msg = request()
    lumps.remove_hf(msg, b"Via")
    sent = build_req_buf_from_sip_req(msg, dest(), branch=BRANCH)
    assert sent == REQUEST.replace(CLIENT_VIA, OUR_VIA)


def test_stateless_branch_is_the_same_for_retransmission_cancel_and_ack(sockets: None) -> None:
    def branch(data: bytes) -> bytes:
        return build_req_buf_from_sip_req(request(data), dest()).split(b"branch=")[1].split(b"\r\n")[0]

    first = branch(REQUEST)
    assert first.startswith(b"z9hG4bKsl.")
    assert branch(REQUEST) == first
    assert branch(REQUEST.replace(b"INVITE", b"CANCEL")) == first
    assert branch(REQUEST.replace(b"INVITE", b"ACK").replace(b"bob@example.com>", b"bob@example.com>;tag=t")) == first
    for other in ((b"abc", b"abd"), (b": 7 ", b": 8 "), (b"id@", b"ie@"), (b"=from", b"=frox"), (b"bob@", b"bop@")):
        assert branch(REQUEST.replace(*other)) != first


def test_request_that_would_be_too_long_is_refused(sockets: None) -> None:
    big = REQUEST.replace(b"Length: 5", b"Length: 65000").replace(b"hello", b"x" * 65000)
    msg = request(big[: lib.KH_MSG_MAX])
    lumps.append_hf(msg, b"X: " + b"y" * 1000 + b"\r\n")
    with pytest.raises(BuildError, match="too long"):
        build_req_buf_from_sip_req(msg, dest())


def test_request_is_built_into_exactly_as_much_room_as_it_needs(sockets: None) -> None:
    msg, to = request(), dest()
    size = len(build_req_buf_from_sip_req(msg, to))
    out = ffi.new("char[]", size)
    null = ffi.NULL
    assert lib.kh_build_request(msg.c, msg.edits, to, null, 0, null, 0, out, size) == size
    for cap in range(size):
        assert lib.kh_build_request(msg.c, msg.edits, to, null, 0, null, 0, out, cap) == lib.KH_ETOOBIG


def test_request_without_socket_is_refused(sockets: None) -> None:
    with pytest.raises(BuildError, match="socket"):
        build_req_buf_from_sip_req(request(), dest(sock=lib.KH_NO_SOCK))


def test_reply_copies_what_it_must(sockets: None) -> None:
    data = REQUEST.replace(b"Max-", b"Record-Route: <sip:192.0.2.8;lr>\r\nMax-")
    reply = build_res_buf_from_sip_req(request(data, FROM_NAT), 180, b"Ringing", b"tag1", b"Server: s\r\n")
    assert reply == (
        b"SIP/2.0 180 Ringing\r\n"
        b"Via: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bKabc;received=198.51.100.7\r\n"
        b"Record-Route: <sip:192.0.2.8;lr>\r\n"
        b"From: <sip:alice@example.com>;tag=from\r\n"
        b"To: <sip:bob@example.com>;tag=tag1\r\n"
        b"Call-ID: id@10.0.0.1\r\n"
        b"CSeq: 7 INVITE\r\n"
        b"Server: s\r\n"
        b"Content-Length: 0\r\n"
        b"\r\n"
    )


@pytest.mark.parametrize(("code", "copied"), [(100, False), (183, True), (200, True), (302, False), (486, False)])
def test_record_route_goes_into_what_makes_a_dialog(sockets: None, code: int, copied: bool) -> None:
    data = REQUEST.replace(b"Max-", b"Record-Route: <sip:192.0.2.8;lr>\r\nMax-")
    assert (b"Record-Route" in build_res_buf_from_sip_req(request(data), code, b"x", b"t")) == copied


def test_100_has_no_tag_and_returns_the_timestamp(sockets: None) -> None:
    data = REQUEST.replace(b"Max-", b"Timestamp: 54\r\nMax-")
    reply = build_res_buf_from_sip_req(request(data), 100, b"Trying", b"tag1")
    assert b"tag1" not in reply
    assert b"Timestamp: 54\r\n" in reply
    assert b"Timestamp" not in build_res_buf_from_sip_req(request(data), 200, b"OK", b"tag1")


def test_tag_of_the_request_stays(sockets: None) -> None:
    data = REQUEST.replace(b"bob@example.com>\r\n", b"bob@example.com>;tag=theirs\r\n")
    reply = build_res_buf_from_sip_req(request(data), 200, b"OK", b"ours")
    assert b"To: <sip:bob@example.com>;tag=theirs\r\n" in reply


def test_reply_lumps_and_body(sockets: None) -> None:
    msg = request()
    lumps.append_hf(msg, b"Not-Here: 1\r\n")
    lumps.add_lump_rpl(msg, b"A: 1\r\n")
    lumps.add_lump_rpl(msg, b"body", lumps.LUMP_RPL_BODY)
    lumps.add_lump_rpl(msg, b"B: 2\r\n")
    reply = build_res_buf_from_sip_req(msg, 200, b"OK")
    assert reply.endswith(b"A: 1\r\nB: 2\r\nContent-Length: 4\r\n\r\nbody")
    assert b"Not-Here" not in reply


def test_forwarded_reply_loses_our_via_only(sockets: None) -> None:
    msg = request(REPLY)
    assert build_res_buf_from_sip_res(msg) == REPLY.replace(b"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKours\r\n", b"")


def test_forwarded_reply_with_both_vias_in_one_line(sockets: None) -> None:
    data = REPLY.replace(b"z9hG4bKours\r\nVia: ", b"z9hG4bKours , ")
    assert b"\r\nVia: SIP/2.0/UDP 10.0.0.1:5062;" in build_res_buf_from_sip_res(request(data))


def test_forwarded_reply_shows_edits(sockets: None) -> None:
    msg = request(REPLY)
    lumps.append_hf(msg, b"A: 1\r\n")
    lumps.replace_lump(msg, msg.c.status_s.off, 3, b"183")
    built = build_res_buf_from_sip_res(msg)
    assert built.startswith(b"SIP/2.0 183 Ringing\r\n")
    assert b"A: 1\r\n" in built


def test_cancel_and_ack_of_one_hop(sockets: None) -> None:
    msg = request(REQUEST.replace(b"Max-", b"Route: <sip:a;lr>\r\nMax-"))
    sent = build_req_buf_from_sip_req(msg, dest(), branch=BRANCH)
    assert build_hop(sent, b"CANCEL") == (
        b"CANCEL sip:bob@example.com SIP/2.0\r\n" + OUR_VIA + b"Route: <sip:a;lr>\r\n"
        b"From: <sip:alice@example.com>;tag=from\r\n"
        b"To: <sip:bob@example.com>\r\n"
        b"Call-ID: id@10.0.0.1\r\n"
        b"CSeq: 7 CANCEL\r\n"
        b"Max-Forwards: 70\r\n"
        b"Content-Length: 0\r\n"
        b"\r\n"
    )
    assert b"To: <sip:bob@example.com>;tag=x\r\n" in build_hop(sent, b"ACK", b"<sip:bob@example.com>;tag=x")


@pytest.mark.parametrize("data", [REQUEST, REPLY])
def test_msg_apply_changes_without_changes_changes_nothing(data: bytes) -> None:
    assert build_all(request(data)) == data


@pytest.mark.parametrize(
    ("via", "rcv", "to"),
    [
        (b"10.0.0.1:5062", FROM_CLIENT, (b"10.0.0.1", 5062)),
        (b"10.0.0.1", FROM_CLIENT, (b"10.0.0.1", 5060)),
        (b"10.0.0.1:5062", FROM_NAT, (b"198.51.100.7", 5062)),
        (b"10.0.0.1:5062;rport", FROM_NAT, (b"198.51.100.7", 4444)),
        (b"[2001:db8::1]:5062;rport", ReceiveInfo(b"2001:db8::9", 4000, b"2001:db8::5", 5060), (b"2001:db8::9", 4000)),
    ],
)
def test_where_replies_made_here_go(sockets: None, via: bytes, rcv: ReceiveInfo, to: tuple[bytes, int]) -> None:
    from kahea.core.net.addr import addr_text

    msg = request(REQUEST.replace(b"10.0.0.1:5062;branch", via + b";branch"), rcv)
    where = ffi.new("kh_dest *")
    lib.kh_reply_dest(where, msg.c, msg.edits)
    assert (addr_text(ffi.addressof(where.to)), where.to.port) == to


@pytest.mark.parametrize(
    ("via", "rc", "to"),
    [
        (b"10.0.0.1:5062;received=198.51.100.7;rport=4444", 0, (b"198.51.100.7", 4444)),
        (b"10.0.0.1:5062;received=198.51.100.7", 0, (b"198.51.100.7", 5062)),
        (b"10.0.0.1:5062", 0, (b"10.0.0.1", 5062)),
        (b"10.0.0.1", 0, (b"10.0.0.1", 5060)),
        (b"10.0.0.1:5062;maddr=203.0.113.1;received=198.51.100.7;rport=4444", 0, (b"203.0.113.1", 5062)),
        (b"host.example.com", lib.KH_ENOTFOUND, None),
    ],
)
def test_where_forwarded_replies_go(sockets: None, via: bytes, rc: int, to: tuple[bytes, int] | None) -> None:
    from kahea.core.net.addr import addr_text

    start, end = REPLY.index(b"10.0.0.1:5062"), REPLY.index(b"rport=4444\r\n") + 10
    msg = request(REPLY[:start] + via + REPLY[end:])
    where = ffi.new("kh_dest *")
    assert lib.kh_reply_next_hop(where, msg.c, msg.edits) == rc
    if to:
        assert (addr_text(ffi.addressof(where.to)), where.to.port) == to
