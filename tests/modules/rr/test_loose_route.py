"""loose_route(): the cases of RFC 3261 16.12.1 and those recorded from Kamailio."""

import sys

import pytest

from kahea.core.msg.lumps import edit_text
from kahea.modules.rr.loose_route import (
    loose_route,
    loose_route_mode,
    loose_route_preloaded,
    next_hop_route,
    register_rrcb,
)
from kahea.modules.rr.settings import init, settings
from kahea.parser.msg import SipMsg
from kahea.src.native import lib
from kahea.tests.modules.rr.cases import BOB, DIFFERENT, NEXT, OURS, RECORDED, Case
from kahea.tests.modules.rr.support import request, sent


@pytest.mark.parametrize("case", RECORDED + DIFFERENT, ids=lambda case: case.name)
def test_route_set(case: Case) -> None:
    msg = request(case.uri, case.routes, case.to_tag)
    assert loose_route(msg) == case.code
    dst_uri = edit_text(msg, lib.KH_EDP_DST_URI)
    assert (dst_uri.decode() if dst_uri else None) == case.dst_uri
    assert msg.edits.sock == (lib.KH_NO_SOCK if case.socket is None else case.socket)
    out = sent(msg)
    assert (out.ruri or b"").decode() == case.uri_out
    assert [route.decode() for route in out.headers(b"Route")] == case.routes_out


def test_example_of_two_loose_routers() -> None:
    """RFC 3261 16.12.1.1: each proxy takes its own Route off and follows the next."""
    msg = request("sip:callee@10.7.7.7", ["<sip:127.0.0.1;lr>,<sip:10.5.5.5;lr>"])
    assert loose_route(msg) == 1
    assert edit_text(msg, lib.KH_EDP_DST_URI) == b"sip:10.5.5.5;lr"
    assert sent(msg).headers(b"Route") == [b"<sip:10.5.5.5;lr>"]
    last = request("sip:callee@10.7.7.7", ["<sip:127.0.0.1;lr>"])
    assert loose_route(last) == 1
    assert edit_text(last, lib.KH_EDP_DST_URI) is None
    assert sent(last).headers(b"Route") == []


def test_mode_1_leaves_the_request_uri_alone() -> None:
    msg = request("sip:127.0.0.1;lr", [NEXT, f"<{BOB}>"])
    assert loose_route_mode(msg, 1) == 1
    assert sent(msg).ruri == b"sip:127.0.0.1;lr"


@pytest.mark.parametrize(
    ("routes", "to_tag", "code"), [([OURS], False, 1), ([OURS, NEXT], False, 1), ([OURS], True, -1), ([], False, -1)]
)
def test_preloaded(routes: list[str], to_tag: bool, code: int) -> None:
    assert loose_route_preloaded(request(routes=routes, to_tag=to_tag)) == code


@pytest.mark.parametrize(("routes", "code"), [([OURS], -1), ([OURS, NEXT], 1), ([], -1), ([f"{OURS}, {NEXT}"], 1)])
def test_route_for_the_next_hop_is_left(routes: list[str], code: int) -> None:
    msg = request(routes=routes)
    loose_route(msg)
    assert next_hop_route(msg) == code


def test_ignore_user_wants_that_user() -> None:
    settings.ignore_user = b"proxy"
    foreign, ours = request(routes=["<sip:127.0.0.1;lr>"]), request(routes=["<sip:proxy@127.0.0.1;lr>"])
    assert loose_route(foreign) == loose_route(ours) == 1
    assert sent(foreign).headers(b"Route") == [b"<sip:127.0.0.1;lr>"]
    assert sent(ours).headers(b"Route") == []


def test_single_record_route_pins_the_socket_when_told_to() -> None:
    settings.force_send_socket = 1
    init()
    msg = request(routes=["<sip:127.0.0.1:5070;lr>"])
    assert loose_route(msg) == 1
    assert msg.edits.sock == 1


def test_without_double_rr_only_one_is_taken_off() -> None:
    settings.enable_double_rr = 0
    init()
    msg = request(routes=["<sip:127.0.0.1;r2=on;lr>", "<sip:127.0.0.1:5070;r2=on;lr>"])
    assert loose_route(msg) == 1
    assert sent(msg).headers(b"Route") == [b"<sip:127.0.0.1:5070;r2=on;lr>"]


def test_callbacks_get_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    monkeypatch.setattr(sys.modules[loose_route.__module__], "_callbacks", [])

    def broken(msg: SipMsg, params: bytes) -> None:
        raise RuntimeError("callback")

    register_rrcb(broken)
    register_rrcb(lambda msg, params: seen.append(params))
    loose_route(request(routes=[OURS]))
    assert seen == [b"lr;ftag=1"]


def test_route_lines_may_be_anywhere_and_many() -> None:
    routes = [OURS, *(f"<sip:10.5.5.{n};lr>, <sip:10.5.6.{n};lr>" for n in range(1, 20))]
    msg = request(routes=routes)
    assert loose_route(msg) == 1
    assert [route.decode() for route in sent(msg).headers(b"Route")] == routes[1:]
