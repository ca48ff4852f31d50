"""What the command line adds to a configuration: -A, --subst..., --loadmodule, --modparam, -l, --alias, -L."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.cfg.errors import ConfigError
from kahea.core import loader, options
from kahea.core.net import sockets
from kahea.core.script import Script


@pytest.fixture(autouse=True)
def no_modules() -> Iterator[None]:
    loader.unload_all()
    yield
    loader.unload_all()


def loaded(text: str, folder: Path, *argv: str) -> Script:
    """A configuration read with this command line."""
    path = folder / "k.cfg"
    path.write_text(text)
    script = Script()
    script.load(str(path), options.parse(["-f", str(path), *argv]))
    script.compile(check_only=True)
    return script


def test_defines_with_and_without_a_value(tmp_path: Path) -> None:
    text = "#!ifdef WITH_X\nchildren=N\nlog_name=TEXT\n#!endif\nrequest_route { exit; }"
    script = loaded(text, tmp_path, "-A", "WITH_X", "-A", "N=7", "-A", 'TEXT="a b"')
    assert (script.params.children, script.params.log_name) == (7, b"a b")


@pytest.mark.parametrize("argv", [("-A", "A", "-A", "A=1"), ("-A", "IN_FILE")])
def test_a_name_defined_twice_is_refused(tmp_path: Path, argv: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="already defined"):
        loaded("#!define IN_FILE 1\nrequest_route { exit; }", tmp_path, *argv)


def test_substitutions(tmp_path: Path) -> None:
    argv = ("--subst=/abc/xyz/", "--substdef=!NUM!7!", "--substdefs=!NAME!bob!")
    script = loaded('log_name="abc"\nchildren=NUM\nserver_header=NAME\nrequest_route { exit; }', tmp_path, *argv)
    assert (script.params.log_name, script.params.children, script.params.server_header) == (b"xyz", 7, b"bob")


def test_substitutions_by_the_values_of_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual way to give a container its addresses."""
    monkeypatch.setenv("KAHEA_IP", "127.0.0.1")
    (tmp_path / "db_sqlite.cfg").write_text("children=3")
    text = """#!substdef "!MY_IP!$env(KAHEA_IP)!g"
#!define DBMS sqlite
#!substdef "!DB_MODULE!$def(DBMS)!g"
include_file "db_DB_MODULE.cfg"
listen=udp:MY_IP:5060 advertise MY_IP:5070
server_header="at MY_IP with DB_MODULE since VERSION"
request_route { exit; }"""
    script = loaded(text, tmp_path, "--subst=!since .*!since $version(num)!")
    (socket,) = script.listen
    assert socket.address.hosts == ("127.0.0.1",)
    assert socket.advertise is not None and socket.advertise.hosts == ("127.0.0.1",)
    assert script.params.children == 3
    assert script.params.server_header == b"at 127.0.0.1 with sqlite since 5.6.3"
    with pytest.raises(ConfigError, match=r"bad substitution: .*nosuch"):
        loaded('#!subst "/A/$nosuch/"\nrequest_route { exit; }', tmp_path)


def test_modules_and_their_parameters(tmp_path: Path) -> None:
    from kahea.modules.maxfwd.maxfwd import settings

    before = settings.max_limit
    try:
        text = 'request_route { mf_process_maxfwd_header("10"); }'
        loaded(text, tmp_path, "--loadmodule=maxfwd.so", "--modparam=maxfwd:max_limit:i:17")
        assert settings.max_limit == 17
    finally:
        settings.max_limit = before


def test_sockets_and_aliases(tmp_path: Path) -> None:
    script = loaded("request_route { exit; }", tmp_path, "-l", "udp:127.0.0.1:5077", "--alias=x.example:5070")
    (info,) = sockets.plan(script.params, script.listen, script.options.listen)
    assert (info.ip, info.port) == (b"127.0.0.1", 5077)
    assert sockets.parse_address(script.options.aliases[0]).hosts == ("x.example",)


def test_the_module_path_of_the_command_line_wins(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "ownmodule.py").write_text(
        "from kahea.core.sr_module import ModuleExports\nexports = ModuleExports(name='ownmodule')\n"
    )
    text = 'loadpath "/nowhere"\nloadmodule "ownmodule.so"\nrequest_route { exit; }'
    loaded(text, tmp_path, "-L", str(tmp_path / "mine"))
    assert loader.module_loaded("ownmodule")
