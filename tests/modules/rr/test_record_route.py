"""record_route() and what belongs to it, on the message that leaves."""

import pytest

from kahea.modules.rr.loose_route import loose_route
from kahea.modules.rr.record_route import (
    add_rr_param,
    prepare_record_route,
    record_route,
    record_route_advertised_address,
    record_route_preset,
    remove_record_route,
)
from kahea.modules.rr.settings import init, settings
from kahea.parser.msg import SipMsg
from kahea.tests.modules.rr.support import request, sent


def lines(msg: SipMsg, socket: int = 0) -> list[bytes]:
    return sent(msg, socket).headers(b"Record-Route")


def test_one_header_when_the_request_leaves_where_it_came_in() -> None:
    msg = request()
    assert record_route(msg) == 1
    assert lines(msg) == [b"<sip:127.0.0.1;lr;ftag=1>"]


def test_two_headers_when_it_leaves_by_another_socket() -> None:
    msg = request()
    record_route(msg, b";x=1")
    assert lines(msg, 1) == [b"<sip:127.0.0.1:5070;r2=on;lr;ftag=1;x=1>", b"<sip:127.0.0.1;r2=on;lr;ftag=1;x=1>"]
    assert lines(msg, 0) == [b"<sip:127.0.0.1;lr;ftag=1;x=1>"]  # the same edits, another branch


@pytest.mark.parametrize(("double", "shown"), [(0, 1), (1, 1), (2, 2)])
def test_enable_double_rr(double: int, shown: int) -> None:
    settings.enable_double_rr = double
    init()
    msg = request()
    record_route(msg)
    assert len(lines(msg)) == shown


def test_it_goes_above_what_is_there() -> None:
    msg = SipMsg.from_bytes(request().buf.replace(b"Max-", b"Record-Route: <sip:first;lr>\r\nMax-"))
    record_route(msg)
    assert lines(msg) == [b"<sip:127.0.0.1;lr;ftag=1>", b"<sip:first;lr>"]


def test_only_once() -> None:
    msg = request()
    assert [record_route(msg), record_route(msg)] == [1, -1]
    assert len(lines(msg)) == 1


def test_constant_argument_is_prepared() -> None:
    prepared = prepare_record_route(b";nat=yes")
    assert prepared is not None
    msg = request()
    assert prepared(msg) == 1
    assert lines(msg) == [b"<sip:127.0.0.1;lr;ftag=1;nat=yes>"]
    with pytest.raises(ValueError, match="begin with"):
        prepare_record_route(b"nat=yes")


def test_parameters_may_come_before_and_after() -> None:
    msg = request()
    add_rr_param(msg, b";before=1")
    record_route(msg, b";at=2")
    add_rr_param(msg, b";after=3")
    add_rr_param(msg, b";last=4")
    assert lines(msg) == [b"<sip:127.0.0.1;lr;ftag=1;at=2;before=1;after=3;last=4>"]
    assert [line.partition(b";lr")[2] for line in lines(msg, 1)] == [b";ftag=1;at=2;before=1;after=3;last=4>"] * 2


def test_taken_back_and_done_again() -> None:
    msg = request()
    assert remove_record_route(msg) == -1
    record_route(msg, b";x")
    assert remove_record_route(msg) == 1
    assert lines(msg, 1) == []
    assert record_route(msg, b";y") == 1
    assert lines(msg) == [b"<sip:127.0.0.1;lr;ftag=1;y>"]


def test_full_lr_and_no_ftag() -> None:
    settings.enable_full_lr, settings.append_fromtag = 1, 0
    init()
    msg = request()
    record_route(msg)
    assert lines(msg) == [b"<sip:127.0.0.1;lr=on>"]


def test_username_of_the_request_uri() -> None:
    settings.add_username = 1
    msg = request()
    record_route(msg)
    assert lines(msg) == [b"<sip:bob@127.0.0.1;lr;ftag=1>"]


def test_sips_only_for_sips_and_only_when_wanted() -> None:
    msg = request("sips:bob@10.1.1.1")
    record_route(msg)
    assert lines(msg) == [b"<sips:127.0.0.1;lr;ftag=1>"]
    settings.ignore_sips = 1
    init()
    msg = request("sips:bob@10.1.1.1")
    record_route(msg)
    assert lines(msg) == [b"<sip:127.0.0.1;lr;ftag=1>"]


def test_ftag_stays_the_callers_in_a_request_of_the_callee() -> None:
    msg = request(routes=["<sip:127.0.0.1;lr;ftag=2>"])
    loose_route(msg)
    record_route(msg)
    assert lines(msg) == [b"<sip:127.0.0.1;lr;ftag=2>"]


def test_preset_addresses() -> None:
    msg = request()
    assert record_route_preset(msg, b"192.0.2.8:5080;transport=tcp") == 1
    assert lines(msg) == [b"<sip:192.0.2.8:5080;transport=tcp;lr;ftag=1>"]
    msg = request()
    record_route_preset(msg, b"outside.example", b"10.0.0.8")
    assert lines(msg) == [b"<sip:outside.example;r2=on;lr;ftag=1>", b"<sip:10.0.0.8;r2=on;lr;ftag=1>"]
    msg = request()
    record_route_advertised_address(msg, b"sip.example:5099")
    assert lines(msg) == [b"<sip:sip.example:5099;lr;ftag=1>"]
