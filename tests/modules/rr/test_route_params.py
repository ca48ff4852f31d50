"""What our Route says when it comes back: parameters and direction."""

import pytest

from kahea.cfg.regex import compile_regex
from kahea.modules.rr.loose_route import loose_route
from kahea.modules.rr.pv import callee_tag, caller_tag, direction_name
from kahea.modules.rr.route_params import (
    DOWNSTREAM,
    UPSTREAM,
    check_route_param,
    direction,
    get_route_param,
    is_direction,
    prepare_is_direction,
)
from kahea.parser.msg import SipMsg
from kahea.tests.modules.rr.support import request


def routed(route: str) -> SipMsg:
    msg = request(routes=[route])
    loose_route(msg)
    return msg


@pytest.mark.parametrize(("regex", "code"), [(b"nat=yes", 1), (b";nat=", 1), (b"nat=no", -1), (b"^;lr", 1)])
def test_parameters_are_searched(regex: bytes, code: int) -> None:
    assert check_route_param(routed("<sip:127.0.0.1;lr;nat=yes>;outside=1"), compile_regex(regex)) == code


def test_nothing_is_found_in_a_foreign_route_or_without_loose_route() -> None:
    anything = compile_regex(b".*")
    assert check_route_param(routed("<sip:10.5.5.5;lr;nat=yes>"), anything) == -1
    assert check_route_param(request(routes=["<sip:127.0.0.1;lr>"]), anything) == -1


def test_parameter_by_name() -> None:
    msg = routed("<sip:127.0.0.1;lr;Nat=yes>")
    assert get_route_param(msg, b"nat") == b"yes"
    assert get_route_param(msg, b"lr") == b""
    assert get_route_param(msg, b"x") is None


@pytest.mark.parametrize(
    ("route", "way"),
    [
        ("<sip:127.0.0.1;lr;ftag=1>", DOWNSTREAM),
        ("<sip:127.0.0.1;lr;ftag=2>", UPSTREAM),
        ("<sip:127.0.0.1;lr>", DOWNSTREAM),
        ("<sip:10.5.5.5;lr;ftag=2>", DOWNSTREAM),
    ],
)
def test_direction(route: str, way: int) -> None:
    msg = routed(route)
    assert direction(msg) == way
    assert is_direction(msg, b"UPSTREAM") == (1 if way == UPSTREAM else -1)
    check = prepare_is_direction(b"downstream")
    assert check is not None
    assert check(msg) == (1 if way == DOWNSTREAM else -1)


def test_unknown_direction_is_an_error_at_load() -> None:
    with pytest.raises(ValueError, match="sideways"):
        prepare_is_direction(b"sideways")


def test_tags_as_the_first_request_had_them() -> None:
    down, up = routed("<sip:127.0.0.1;lr;ftag=1>"), routed("<sip:127.0.0.1;lr;ftag=2>")
    assert (caller_tag(down), callee_tag(down), direction_name(down)) == (b"1", b"2", b"downstream")
    assert (caller_tag(up), callee_tag(up), direction_name(up)) == (b"2", b"1", b"upstream")
