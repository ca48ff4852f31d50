"""Damaged messages through every step that edits and builds: nothing crashes, nothing is written past the end.

`KAHEA_MUTATIONS` sets how many; the fuzzers' builds (address and undefined-behaviour sanitizers) run it with more.
"""

import os
import random

from kahea.core.msg.translate import build_all
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib
from kahea.tests.core.msg.messages import FROM_NAT, REPLY, REQUEST, dest

ROUTED = REQUEST.replace(
    b"Max-Forwards",
    b"Route: <sip:192.0.2.1;lr;r2=on;ftag=x>, <sip:192.0.2.1:5070;lr;r2=on>\r\nRoute: <sip:10.1.1.1>\r\nMax-Forwards",
).replace(b"bob@example.com>", b"bob@example.com>;tag=x")
STRICT = ROUTED.replace(b"sip:bob@example.com SIP", b"sip:192.0.2.1;lr SIP")
SEEDS = (REQUEST, REPLY, ROUTED, STRICT)
PIECES = (
    b"\r\n",
    b"<",
    b">",
    b";",
    b",",
    b'"',
    b":",
    b"\0",
    b" ",
    b"=",
    b"@",
    b"[",
    b"]",
    b"\xff",
    b"Via: ",
    b"Route: ",
)
COUNT = int(os.environ.get("KAHEA_MUTATIONS", "3000"))
CAP = 4096


def mutate(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0:
                data[at:at] = rng.choice(PIECES)
            case 1:
                del data[at : at + rng.randint(1, 30)]
            case 2:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case _:
                begin = rng.randrange(len(data) + 1)
                data[at:at] = data[begin : begin + rng.randint(1, 60)]
    return bytes(data)


def edit(msg: SipMsg, rng: random.Random) -> None:
    """What a script might do to it."""
    c, e = msg.c, msg.edits
    if rng.random() < 0.7:
        lib.kh_maxfwd(e, c, 70)
        lib.kh_loose_route(e, c, lib.KH_RR_DOUBLE | lib.KH_RR_FORCE_SOCKET, b"", 0)
        lib.kh_record_route(e, c, lib.KH_RR_DOUBLE | lib.KH_RR_FROM_TAG, b"", 0, b";x", 2)
    for _ in range(rng.randrange(4)):
        at, length = rng.randrange(len(msg.buf) + 5), rng.randrange(50)
        lib.kh_replace(e, c, at, length, b"text", rng.randrange(5), 0)
    for name in (b"Via", b"To", b"Route", b"l"):
        if rng.random() < 0.1:
            lib.kh_remove_hf_name(e, c, name, len(name))
    lib.kh_append_hf(e, c, b"A: 1\r\n", 6)
    lib.kh_uri_edit(e, c, rng.randrange(12), b"new", 3, rng.randrange(8))


def build(msg: SipMsg, out: object, cap: int) -> list[int]:
    """Every way to build from it; what the calls return."""
    c, e, null, to = msg.c, msg.edits, ffi.NULL, dest(sock=1)
    lib.kh_next_hop(to, c, e)
    lib.kh_reply_next_hop(to, c, e)
    lib.kh_reply_dest(to, c, e)
    lib.kh_route_left(e, c)
    return [
        lib.kh_build_request(c, e, dest(sock=2), null, 0, null, 0, out, cap),
        lib.kh_build_plain(c, e, out, cap),
        lib.kh_build_forwarded_reply(c, e, 1, out, cap),
        lib.kh_build_reply(c, e, 200, b"OK", 2, b"tag", 3, b"S: x\r\n", 6, out, cap),
        lib.kh_build_hop(c, b"ACK", 3, null, 0, b"", 0, out, cap),
    ]


def test_damaged_messages_do_no_damage(sockets: None) -> None:
    rng = random.Random(20080401)
    out = ffi.new("char[]", CAP + 8)
    guard = b"\xa5" * 8
    for _ in range(COUNT):
        data = mutate(rng)
        c = ffi.new("kh_msg *")
        keep = ffi.new("char[]", len(data))
        ffi.memmove(keep, data, len(data))
        if lib.kh_msg_parse(c, keep, len(data)) < 0:
            continue
        ffi.memmove(ffi.addressof(c, "rcv"), FROM_NAT.pack(), ffi.sizeof("kh_rcv"))
        msg = SipMsg(c, ffi.new("kh_edits *"), keep)
        lib.kh_edits_reset(msg.edits)
        msg.facts = lib.kh_msg_facts(c)
        assert build_all(msg) == data[: c.body.off + c.body.len]  # a round trip changes nothing
        edit(msg, rng)
        cap = rng.choice((CAP, rng.randrange(600)))
        ffi.memmove(ffi.addressof(out, cap), guard, 8)
        assert all(size <= cap for size in build(msg, out, cap))
        assert ffi.unpack(ffi.addressof(out, cap), 8) == guard
