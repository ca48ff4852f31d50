"""Variables, transformations and core functions give what Debian's kamailio gave: a recorded line a case.

`different.tsv` lists the cases where Kahea means to differ, with the reason.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.cfg.compiler import compile_config
from kahea.cfg.parser import parse_text
from kahea.cfg.values import ScriptExit
from kahea.core import loader, log
from kahea.core.net.sockets import add_alias
from kahea.core.pv.stores.flags import ScriptFlags
from kahea.core.pv.stores.script_var import var_cells
from kahea.core.script_env import ServerEnvironment
from kahea.parser.msg import SipMsg
from kahea.parser.receive_info import ReceiveInfo
from kahea.src.native import lib
from kahea.tests.cfg.differential.oracle import PREAMBLE
from kahea.tests.core.pv.messages import INVITE
from kahea.tests.support import shared

HERE = Path(__file__).parent
MODULES = ("pv", "xlog", "textops", "siputils", "kex", "corex")


def rows(name: str) -> dict[str, str]:
    """Lines of a table."""
    lines = (HERE / name).read_text("latin-1").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


RECORDED = rows("recorded.tsv")
DIFFERENT = rows("different.tsv")


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    """Modules loaded, one socket listening."""
    shared.attach()
    loader.unload_all()
    for name in MODULES:
        loader.load_module(name)
    from kahea.core.net import sockets
    from kahea.core.net.addr import make_addr

    addr = make_addr(b"127.0.0.1", 5060)
    index = lib.kh_sock_add(-1, addr, 0, b"", 0, b"")
    info = sockets.SocketInfo(1, b"127.0.0.1", 5060, index=index)
    kept = list(sockets.sockets())
    sockets.sockets()[:] = [info]
    add_alias(b"127.0.0.1", 5060, 1)
    yield
    sockets.sockets()[:] = kept
    lib.kh_sock_clear()
    loader.unload_all()


def run(body: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the body logs."""
    lines: list[str] = []
    monkeypatch.setattr(log, "write", lambda level, module, place, text: lines.append(text.partition("\n")[0]))
    monkeypatch.setattr(log.state, "level", -1)
    config = parse_text(f"request_route {{ {PREAMBLE} {body} }}".encode("latin-1"), "case.cfg")
    compiled = compile_config(config, ServerEnvironment())
    msg = SipMsg.from_bytes(INVITE, ReceiveInfo(b"127.0.0.1", 5099, b"127.0.0.1", 5060, 1, 0))
    ScriptFlags.bits = 0
    for cell in var_cells().values():
        cell[0] = 0
    monkeypatch.setattr(log.logger("x").__class__, "emit", lambda *args: None)  # only what the script logs
    try:
        compiled.routes["request_route"][b""](msg)
    except ScriptExit:
        lines.append("exit")
    return "\\n".join(lines)


@pytest.mark.parametrize("body", [body for body in RECORDED if body not in DIFFERENT])
def test_same_as_kamailio(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(body, monkeypatch) == RECORDED[body]


@pytest.mark.parametrize("body", DIFFERENT)
def test_differences_are_still_there(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(body, monkeypatch) != RECORDED[body]
