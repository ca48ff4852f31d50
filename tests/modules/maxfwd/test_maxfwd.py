"""Max-Forwards: counted down, capped, added, compared; the return codes are those of Kamailio 5.6."""

from collections.abc import Iterator

import pytest

from kahea.core.errors import ModuleError
from kahea.core.loader import LoadedModule, set_param
from kahea.modules.maxfwd import exports
from kahea.modules.maxfwd.maxfwd import is_maxfwd_lt, process, settings
from kahea.parser.msg import SipMsg
from kahea.src.native import ffi, lib

HEAD = (
    b"OPTIONS sip:b@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKx\r\n%b"
    b"From: <sip:a@b.com>;tag=1\r\nTo: <sip:c@d.com>\r\nCSeq: 1 OPTIONS\r\nCall-ID: x\r\nContent-Length: 0\r\n\r\n"
)


@pytest.fixture(autouse=True)
def default_limit() -> Iterator[None]:
    yield
    settings.max_limit = 70


def message(value: bytes | None) -> SipMsg:
    return SipMsg.from_bytes(HEAD % (b"" if value is None else b"Max-Forwards: " + value + b"\r\n"))


def built(msg: SipMsg) -> bytes | None:
    """Max-Forwards of the message as it would go out."""
    out = ffi.new("char[]", 4096)
    size = lib.kh_build_plain(msg.c, msg.edits, out, 4096)
    assert size > 0
    return SipMsg.from_bytes(ffi.unpack(out, size)).header(b"Max-Forwards")


@pytest.mark.parametrize(
    ("value", "limit", "rc", "sent"),
    [
        (b"70", 10, 1, b"69"),
        (b"1", 10, 1, b"0"),
        (b"0", 10, -1, b"0"),
        (b"255", 10, 1, b"70"),
        (b"300", 10, 1, b"70"),
        (b"abc", 10, -2, b"abc"),
        (None, 10, 2, b"10"),
        (None, 0, 2, b"0"),
        (None, 300, -1, None),
        (b"70", 300, -1, b"70"),
    ],
)
def test_what_process_returns_and_sends(value: bytes | None, limit: int, rc: int, sent: bytes | None) -> None:
    msg = message(value)
    assert process(msg, limit) == rc
    assert built(msg) == sent


def test_max_limit_caps_what_goes_out() -> None:
    settings.max_limit = 32
    msg = message(b"70")
    assert process(msg, 10) == 1
    assert built(msg) == b"32"


@pytest.mark.parametrize("value", [0, 257, -1])
def test_max_limit_out_of_range_is_refused(value: int) -> None:
    module = LoadedModule("maxfwd", exports, "")
    with pytest.raises(ModuleError, match='"max_limit" of module "maxfwd" must be 1 to 256'):
        set_param(module, exports.params[0], value)


@pytest.mark.parametrize(
    ("value", "rc"), [(b"70", -1), (b"0", 1), (b"4", 1), (b"5", -1), (b"6", -1), (None, -2), (b"abc", -3)]
)
def test_comparison_with_5(value: bytes | None, rc: int) -> None:
    assert is_maxfwd_lt(message(value), 5) == rc


def test_comparison_after_process_sees_the_value_that_goes_out() -> None:
    msg = message(b"5")
    assert process(msg, 10) == 1
    assert is_maxfwd_lt(msg, 5) == 1
    added = message(None)
    assert process(added, 10) == 2
    assert is_maxfwd_lt(added, 20) == -2


def test_names_of_the_script() -> None:
    names = {name for cmd in exports.cmds for name in (cmd.name, *cmd.aliases)}
    assert names == {
        "maxfwd_process", "mf_process_maxfwd_header", "process_maxfwd",
        "is_maxfwd_lt", "maxfwd_at_least", "mf_lowlimit",
    }  # fmt: skip
