"""What CONTRIBUTING.md shows must work as shown."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kahea
from kahea.cfg.compile.compiler import compile_config
from kahea.cfg.syntax.parser import parse_text
from kahea.core.kemi.current import current
from kahea.core.kemi.ksr import Ksr
from kahea.core.pv import PvExport, TransformationExport, parse_format, parse_spec, registry
from kahea.core.script_env import ServerEnvironment
from kahea.core.sr_module import ModuleExports
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import INVITE
from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipSocket

TEXT = (Path(kahea.__file__).parent / "CONTRIBUTING.md").read_text()
BLOCKS = re.findall(r"```python(?: module=(\w+))?\n(.*?)```", TEXT, re.S)


@pytest.mark.parametrize(("module", "code"), BLOCKS, ids=lambda value: value[:20])
def test_example_runs(module: str, code: str) -> None:
    names: dict[str, object] = {}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)
    if module:
        exports = names["exports"]
        assert isinstance(exports, ModuleExports)
        assert exports.name == module


def example(word: str) -> dict[str, Any]:
    """The names that the block with this word defines."""
    (code,) = [code for _, code in BLOCKS if word in code]
    names: dict[str, Any] = {}
    exec(compile(code, "CONTRIBUTING.md", "exec"), names)
    return names


def test_example_variables_and_transformation_work(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.pv_names()  # the core's own, registered when first asked for, are not to go with the copy
    monkeypatch.setattr(registry, "_variables", dict(registry._variables))
    monkeypatch.setattr(registry, "_transformations", dict(registry._transformations))
    registry.register_all(v for v in example("HDRCOUNT").values() if isinstance(v, PvExport | TransformationExport))
    msg = SipMsg.from_bytes(INVITE.replace(b"Expires", b"Route: <sip:a;lr>\r\nRoute: <sip:b;lr>\r\nExpires", 1))
    text = parse_format(b"$agent $hdrcount(Via) $(routes[-1]) $(agent{s.repeat,2}) $side(port)")
    assert text.eval(msg) == b"phone/1 2 <sip:b;lr> phone/1phone/1 %d" % msg.rcv.src_port
    note = parse_spec(b"$note(x)")
    assert note.set is not None and note.get(msg) is None
    assert note.set(msg, b"kept") == 1 and note.get(msg) == b"kept"
    assert note.set(msg, 5) == -1 and note.get(msg) == b"kept"


def test_example_core_function_works() -> None:
    env = ServerEnvironment()
    command = example("longer_than")["COMMAND"]
    env.core["longer_than"] = [command]
    text = (
        b"request_route { if (longer_than(100)) $var(a) = 1; $var(n) = 9999; if (longer_than($var(n))) $var(a) = 2; }"
    )
    compiled = compile_config(parse_text(text, "test.cfg"), env)
    msg = SipMsg.from_bytes(INVITE)
    compiled.routes["request_route"][b""](msg)
    assert parse_spec(b"$var(a)").get(msg) == 1
    ksr = Ksr(env)
    with current(msg):
        assert (ksr.longer_than(100), ksr.longer_than(9999)) == (1, -1)


def test_example_module_works_in_a_server(
    start_server: Callable[..., Server], sip_socket: Callable[..., SipSocket], tmp_path: Path
) -> None:
    module, code = next(block for block in BLOCKS if block[0])
    folder = tmp_path / "mods" / module
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(code)
    server = start_server(
        f'mpath="{folder.parent}"\nloadmodule "sl.so"\nloadmodule "pv.so"\nloadmodule "jsonrpcs.so"\n'
        'loadmodule "hello.so"\n'
        'modparam("hello", "greeting", "aloha")\n'
        'request_route {\n  if (!hello("$fU")) exit;\n  if ($(greeting{s.rot13}) != "nybun") exit;\n'
        '  rewritehostport("127.0.0.1:5099");\n  forward();\n}\n'
    )
    callee, caller = sip_socket(5099), sip_socket(5098)
    caller.send(caller.request("OPTIONS", "sip:127.0.0.1"))
    assert callee.receive().all("X-Greeting") == ["aloha alice"]
    assert server.rpc("hello.greeting") == "aloha"
    assert server.rpc("stats.get_statistics", "hello:") == ["hello:said = 1"]
