"""What CONTRIBUTING.md shows must work as shown."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import kahea
from kahea.core.sr_module import ModuleExports
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
