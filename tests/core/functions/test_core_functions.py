"""Core functions that the recorded comparison of variables does not run; constants and computed arguments agree."""

from collections.abc import Callable
from typing import Any

import pytest

from kahea.cfg.tables import CORE_COMMANDS
from kahea.core import log
from kahea.core.functions import CORE_FUNCTIONS
from kahea.core.functions.forwarding import _uri
from kahea.core.sr_module import CmdExport
from kahea.parser.msg import SipMsg
from kahea.src.native import lib
from kahea.tests.core.pv.messages import INVITE, REPLY


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


def function(name: str, nargs: int = 0) -> Callable[..., int]:
    return command(name, nargs).function


def constant(name: str, *values: Any) -> Callable[[Any], int]:
    """The function that the compiler makes of constant arguments."""
    specialise = command(name, len(values)).specialise
    assert specialise is not None
    made = specialise(*values)
    assert made is not None
    return made


def command(name: str, nargs: int = 0) -> CmdExport:
    for found in CORE_FUNCTIONS:
        least = len(found.params) if found.min_params is None else found.min_params
        if name in (found.name, *found.aliases) and least <= nargs <= len(found.params):
            return found
    raise LookupError(name)


def test_every_command_of_the_grammar_has_a_function() -> None:
    names = {name for found in CORE_FUNCTIONS for name in (found.name, *found.aliases)}
    assert {row.name for row in CORE_COMMANDS.values()} <= names


@pytest.mark.parametrize(
    ("name", "argument"),
    [("rewritehost", b"h"), ("rewritehostport", b"h:1"), ("rewritehostporttrans", b"h"), ("rewriteuser", b"u"),
     ("rewriteuserpass", b"u:p"), ("rewriteport", b"9"), ("rewriteuri", b"sip:a@b"), ("prefix", b"1")],
)  # fmt: skip
@pytest.mark.parametrize("start", [b"sip:bob:pw@example.com:5080;a=b", b"tel:+123", b"sip:h", b"broken"])
def test_constant_and_computed_arguments_agree(name: str, argument: bytes, start: bytes) -> None:
    found, results = command(name, 1), []
    for run in (lambda m: found.function(m, argument), constant(name, argument)):
        msg = SipMsg.from_bytes(INVITE)
        function("rewriteuri", 1)(msg, start)
        results.append((run(msg), msg.ruri))
    assert results[0] == results[1]


def test_replies_have_no_request_uri_to_rewrite() -> None:
    assert function("rewriteuser", 1)(SipMsg.from_bytes(REPLY), b"u") == -1


@pytest.mark.parametrize(
    ("name", "bits"), [("force_rport", lib.KH_ED_FORCE_RPORT), ("add_rport", lib.KH_ED_FORCE_RPORT),
                       ("add_local_rport", lib.KH_ED_LOCAL_RPORT)],
)  # fmt: skip
def test_rport(msg: SipMsg, name: str, bits: int) -> None:
    assert function(name)(msg) == 1
    assert msg.edits.flags & bits


def test_message_flags(msg: SipMsg) -> None:
    isflagset, is5set = function("isflagset", 1), constant("isflagset", 5)
    assert isflagset(msg, 5) == is5set(msg) == -1
    constant("setflag", 5)(msg)
    assert isflagset(msg, 5) == is5set(msg) == 1
    assert function("resetflag", 1)(msg, 5) == 1
    assert isflagset(msg, 5) == -1
    assert function("setflag", 1)(msg, 32) == -1


def test_branch_flags(msg: SipMsg) -> None:
    setbflag, isbflagset, reset = function("setbflag", 2), function("isbflagset", 2), function("resetbflag", 2)
    assert setbflag(msg, 3, 1) == -1
    assert function("append_branch", 1)(msg, b"sip:b@h") == 1
    assert setbflag(msg, 3, 1) == 1
    assert (isbflagset(msg, 3, 1), isbflagset(msg, 3), isbflagset(msg, 3, 2)) == (1, -1, -1)
    assert function("isbranchflagset", 2)(msg, 1, 3) == 1
    assert reset(msg, 3, 1) == 1
    assert isbflagset(msg, 3, 1) == -1
    assert (setbflag(msg, 32), setbflag(msg, 31), isbflagset(msg, 31)) == (-1, 1, 1)


def test_append_branch_takes_what_belongs_to_the_first(msg: SipMsg) -> None:
    function("setdsturi", 1)(msg, b"sip:1.1.1.1")
    assert function("append_branch")(msg) == 1
    assert function("append_branch", 2)(msg, b"sip:x@h", b"0.3") == 1
    assert function("append_branch", 2)(msg, b"sip:x@h", b"high") == -1
    assert msg.edits.n_branch == 2
    assert lib.kh_branch_get(msg.edits, 1).q == 300


def test_destination_set_is_bounded(msg: SipMsg) -> None:
    results = [function("append_branch", 1)(msg, b"sip:b@h") for _ in range(13)]
    assert results == [1] * 11 + [-1] * 2


@pytest.mark.parametrize(
    ("host", "port", "proto", "uri"),
    [
        (b"10.0.0.1", b"", b"udp", b"sip:10.0.0.1"),
        (b"10.0.0.1", b"5070", b"udp", b"sip:10.0.0.1:5070"),
        (b"10.0.0.1:5070", b"", b"tcp", b"sip:10.0.0.1:5070;transport=tcp"),
        (b"::1", b"5070", b"udp", b"sip:[::1]:5070"),
        (b"[::1]", b"", b"tls", b"sip:[::1];transport=tls"),
    ],
)
def test_fixed_destinations(host: bytes, port: bytes, proto: bytes, uri: bytes) -> None:
    assert _uri(host, port, proto) == uri


def test_advertised_address_of_a_message(msg: SipMsg) -> None:
    assert function("set_advertised_address", 1)(msg, b"public.example") == 1
    assert function("set_advertised_port", 1)(msg, b"5099") == 1
    assert lib.kh_text_get(msg.edits, lib.KH_EDP_ADV_HOST) >= 0
    assert function("force_send_socket", 1)(msg, b"udp:9.9.9.9:1") == -1


def test_log_levels(msg: SipMsg, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[Any] = []
    monkeypatch.setattr(log, "write", lambda level, module, place, text: lines.append((level, text)))
    monkeypatch.setattr(log.state, "level", 2)
    assert function("log", 1)(msg, b"debug") == 1
    assert function("log", 2)(msg, -1, b"an error\n") == 1
    assert lines == [(-1, "an error")]


def test_exec_gives_the_success_of_the_command(msg: SipMsg) -> None:
    assert function("exec", 1)(msg, b"true") == 1
    assert function("exec", 1)(msg, b"false") == -1


def test_instances_of_custom_parameters(msg: SipMsg) -> None:
    from kahea.core import runtime
    from kahea.core.pv import parse_spec
    from kahea.core.settings import declare_custom

    declare_custom({"gw": {2: {"ip": b"2"}, None: {"ip": b"1"}}})
    value = parse_spec(b"$ccp(gw.ip)")
    assert value.get(msg) == b"1"
    assert function("cfg_select", 2)(msg, b"gw", 2) == 1
    assert value.get(msg) == b"2"
    assert parse_spec(b"$sel(cfg_selected.gw)").get(msg) == b"2"
    runtime.sync()  # the next message
    assert value.get(msg) == b"1"
    assert function("cfg_reset", 1)(msg, b"gw") == -1
    assert function("cfg_select", 2)(msg, b"gw", 2) == function("cfg_reset", 1)(msg, b"gw") == 1
    assert value.get(msg) == b"1"
    assert function("cfg_select", 2)(msg, b"gw", 3) == -1
    assert parse_spec(b"$ccp(gw.none)").get(msg) is None
