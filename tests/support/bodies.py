"""Script bodies run on a message, without a server: what tests against recorded answers of Kamailio share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kahea.cfg.compile.compiler import compile_config
from kahea.cfg.compile.values import ScriptExit
from kahea.cfg.syntax.parser import parse_text
from kahea.core import loader, log
from kahea.core.net import sockets
from kahea.core.net.addr import make_addr
from kahea.core.pv.stores.flags import script_flags
from kahea.core.pv.stores.script_var import var_cells
from kahea.core.script_env import ServerEnvironment
from kahea.parser.msg import SipMsg
from kahea.parser.receive_info import ReceiveInfo
from kahea.src.native import lib
from kahea.tests.support import shared


def rows(path: Path) -> dict[str, str]:
    """A recorded table: body to answer."""
    lines = path.read_text("latin-1").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


@contextmanager
def modules_loaded(*names: str) -> Iterator[None]:
    """These modules, shared memory, and one socket 127.0.0.1:5060."""
    shared.attach()
    loader.unload_all()
    for name in names:
        loader.load_module(name)
    lib.kh_sock_clear()
    index = lib.kh_sock_add(-1, make_addr(b"127.0.0.1", 5060), 0, b"", 0, b"")
    kept = list(sockets.sockets())
    sockets.sockets()[:] = [sockets.SocketInfo(1, b"127.0.0.1", 5060, index=index)]
    sockets.add_alias(b"127.0.0.1", 5060, 1)
    yield
    sockets.sockets()[:] = kept
    lib.kh_sock_clear()
    loader.unload_all()


def run(body: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the body of a request_route logs about a message from 127.0.0.1:5099; of each line the first line."""
    lines: list[str] = []
    monkeypatch.setattr(log, "write", lambda level, module, place, text: lines.append(text.partition("\n")[0]))
    monkeypatch.setattr(log.state, "level", -1)
    config = parse_text(f"request_route {{ {body} }}".encode("latin-1"), "case.cfg")
    compiled = compile_config(config, ServerEnvironment())
    msg = SipMsg.from_bytes(data, ReceiveInfo(b"127.0.0.1", 5099, b"127.0.0.1", 5060, 1, 0))
    script_flags.bits = 0
    for cell in var_cells().values():
        cell.value = 0
    monkeypatch.setattr(log.Logger, "emit", lambda *args: None)  # only what the script logs
    try:
        compiled.routes["request_route"][b""](msg)
    except ScriptExit:
        lines.append("exit")
    return "\\n".join(lines)
