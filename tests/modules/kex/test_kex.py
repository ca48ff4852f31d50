"""kex: texts into variables, myself, the log level of a process, unique identifiers."""

from collections.abc import Iterator

import pytest

from kahea.core import log
from kahea.core.net.sockets import add_alias
from kahea.core.pv import parse_spec
from kahea.modules.kex import functions, unique
from kahea.parser.msg import SipMsg
from kahea.src.native import lib
from kahea.tests.core.pv.messages import INVITE


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


@pytest.fixture
def ours() -> Iterator[None]:
    add_alias(b"ours.example", 5070)
    yield
    lib.kh_sock_clear()


def test_text_into_variable(msg: SipMsg) -> None:
    pv = parse_spec(b"$avp(k)")
    assert functions.pv_printf(msg, pv, b"text") == 1
    assert pv.get(msg) == b"text"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(b"sip:u@ours.example:5070", 1), (b"sip:u@ours.example:5071", -1), (b"sip:u@other.example", -1),
     (b"ours.example", 1), (b"other.example", -1)],
)  # fmt: skip
def test_myself(msg: SipMsg, ours: None, text: bytes, wanted: int) -> None:
    assert functions.is_myself(msg, text) == wanted


def test_level_of_the_process_is_set_and_reset(msg: SipMsg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log.state, "level", 1)
    functions.setdebug(msg, 2)
    functions.setdebug(msg, 99)
    assert log.state.level == log.DBG
    functions.resetdebug(msg)
    assert log.state.level == 1
    functions.resetdebug(msg)
    assert log.state.level == 1


def test_identifiers_differ(msg: SipMsg) -> None:
    assert unique.sruid(msg) != unique.sruid(msg)
