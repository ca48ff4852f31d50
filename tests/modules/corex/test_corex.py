"""corex: flags, files, addresses of the message, socket texts."""

from pathlib import Path
from typing import Any

import pytest

from kahea.core.loader import register_variables
from kahea.core.pv import parse_spec
from kahea.modules.corex import exports, files, flags, sockets
from kahea.modules.corex.tr_sock import port, split, to_uri
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import INVITE

register_variables(exports)


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


def test_position_in_the_configuration(msg: SipMsg) -> None:
    spec = parse_spec(b"$cfg(line)")
    assert spec.get(msg) is None or isinstance(spec.get(msg), int)
    source = "\n\ndef route_A(msg):\n    return line(msg), name(msg), route(msg)\n"
    names: dict[str, Any] = {part: parse_spec(f"$cfg({part})".encode()).get for part in ("line", "name", "route")}
    exec(compile(source, "/etc/k.cfg", "exec"), names)
    assert names["route_A"](msg) == (4, b"/etc/k.cfg", b"A")


def test_extended_flags(msg: SipMsg) -> None:
    assert flags.isxflagset(msg, 63) == -1
    assert flags.setxflag(msg, 63) == 1
    assert flags.isxflagset(msg, 63) == 1
    assert flags.resetxflag(msg, 63) == 1
    assert flags.isxflagset(msg, 63) == -1
    assert flags.setxflag(msg, 64) == -1


def test_internal_flags(msg: SipMsg) -> None:
    assert flags.msg_iflag_set(msg, b"USE_UAC_FROM") == 1
    assert flags.msg_iflag_is_set(msg, b"USE_UAC_FROM") == 1
    assert flags.msg_iflag_is_set(msg, b"USE_UAC_TO") == -1
    assert flags.msg_iflag_reset(msg, b"USE_UAC_FROM") == 1
    assert flags.msg_iflag_is_set(msg, b"USE_UAC_FROM") == -1
    assert flags.msg_iflag_set(msg, b"NOPE") == -1


def test_files(msg: SipMsg, tmp_path: Path) -> None:
    path, pv = str(tmp_path / "f").encode(), parse_spec(b"$var(f)")
    assert files.file_read(msg, path, pv) == -1
    assert files.file_write(msg, path, b"one ") == 1
    assert files.file_write(msg, path, b"two") == 1
    assert files.file_read(msg, path, pv) == 1
    assert pv.get(msg) == b"one two"
    Path(path.decode()).write_bytes(b"x" * (files.MAX_FILE + 1))
    assert files.file_read(msg, path, pv) == -1


def test_source_address_is_replaced(msg: SipMsg) -> None:
    assert sockets.set_source_address(msg, b"udp:192.0.2.7:7070") == 1
    assert parse_spec(b"$si").get(msg) == b"192.0.2.7"
    assert parse_spec(b"$sp").get(msg) == 7070
    assert sockets.set_source_address(msg, b"nonsense") == -1
    assert sockets.set_source_address(msg, b"udp:host.name:1") == -1


def test_sockets_that_do_not_exist(msg: SipMsg) -> None:
    assert sockets.set_send_socket(msg, b"udp:9.9.9.9:1") == -1
    assert sockets.set_recv_socket(msg, b"udp:9.9.9.9:1") == -1
    assert sockets.is_socket_name(msg, b"nope") == -1


@pytest.mark.parametrize(
    ("text", "parts", "uri"),
    [
        (b"udp:1.2.3.4:5060", (b"udp", b"1.2.3.4", 5060), b"sip:1.2.3.4:5060;transport=udp"),
        (b"tcp:1.2.3.4:5060", (b"tcp", b"1.2.3.4", 5060), b"sip:1.2.3.4:5060;transport=tcp"),
        (b"udp:[::1]:5060", (b"udp", b"[::1]", 5060), b"sip:[::1]:5060;transport=udp"),
        (b"udp:h", (b"udp", b"h", b""), b"sip:h;transport=udp"),
        (b"1.2.3.4:5060", (b"", b"1.2.3.4", 5060), b"sip:1.2.3.4:5060"),
    ],
)
def test_socket_texts(text: bytes, parts: Any, uri: bytes) -> None:
    assert (*split(text)[:2], port(text)) == parts
    assert to_uri(text) == uri


@pytest.mark.parametrize("text", [b"", b"sip:a@b", b"xyz:h:1"])
def test_what_is_no_socket_fails(text: bytes) -> None:
    with pytest.raises(ValueError):
        split(text)
