"""The module in a server: start, mistakes, management."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kahea.tests.support.server import Server, ServerError

from .conftest import Certificates

CONFIG = """#!KAMAILIO
debug=2
listen=udp:127.0.0.1:5060
auto_aliases=no
enable_tls=yes
loadmodule "tls.so"
loadmodule "jsonrpcs.so"
loadmodule "cfg_rpc.so"
loadmodule "sl.so"
{more}
request_route {{ sl_send_reply("200", "OK"); }}
"""

Start = Callable[..., Server]


@pytest.fixture
def start(start_server: Start, tmp_path: Path) -> Callable[..., Server]:
    """`start(tls_cfg, *lines)`: a server with this tls.cfg and these lines of configuration."""

    def make(text: str, *lines: str, **options: Any) -> Server:
        (tmp_path / "tls.cfg").write_text(text)
        more = [f'modparam("tls", "config", "{tmp_path}/tls.cfg")', *lines]
        return start_server(CONFIG.format(more="\n".join(more)), **options)

    return make


def test_a_mistake_in_the_file_ends_the_start(start: Start, tmp_path: Path) -> None:
    with pytest.raises(ServerError) as caught:
        start("[server:default]\nverify_depth = deep\n")
    text = str(caught.value)
    assert f'{tmp_path}/tls.cfg:2:16: error: verify_depth: "deep" is no number' in text
    assert "Traceback" not in text


def test_a_missing_file_ends_the_start(start_server: Start) -> None:
    with pytest.raises(ServerError, match=r'module "tls": config: /nowhere/tls.cfg: No such file or directory'):
        start_server(CONFIG.format(more='modparam("tls", "config", "/nowhere/tls.cfg")'))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('modparam("tls", "tls_method", "TLSv9")', '"tls_method" of module "tls": "TLSv9" is no method'),
        ('modparam("tls", "verify_client", "maybe")', '"maybe" is no verify_client'),
        ('modparam("tls", "verify_depth", "9")', "must be an integer"),
        ('modparam("tls", "engine", "gem")', "cannot use an engine"),
        ('modparam("tls", "certificate", "/nowhere.pem")', "certificate: /nowhere.pem: No such file"),
    ],
)
def test_a_parameter_that_is_wrong_ends_the_start(start_server: Start, line: str, message: str) -> None:
    with pytest.raises(ServerError, match=message):
        start_server(CONFIG.format(more=line))


def test_the_parameters_are_the_default_profile(start_server: Start, certificates: Certificates) -> None:
    files = certificates.server
    lines = (
        f'modparam("tls", "certificate", "{files.certificate}")',
        f'modparam("tls", "private_key", "{files.key}")',
        'modparam("tls", "tls_method", "TLSv1.2+")',
        'modparam("tls", "verify_certificate", 1)',
        'modparam("tls", "ssl_max_send_fragment", 4096)',
    )
    server = start_server(CONFIG.format(more="\n".join(lines)))
    options = server.rpc("tls.options")
    assert options["method"] == "TLSv1.2+"
    assert options["certificate"] == str(files.certificate)
    assert options["verify_certificate"] == 1
    assert options["connection_timeout"] == 600
    assert len(options) == 27
    assert "tls: ssl_max_send_fragment has no effect: Python's ssl cannot set it" in server.log
    assert "[server:default] verifies certificates, but neither ca_list nor ca_path names anybody" in server.log
    with pytest.raises(ServerError, match="500 No TLS configuration file configured"):
        server.rpc("tls.reload")


def test_reload_says_whether_the_file_is_good(start: Start, certificates: Certificates, tmp_path: Path) -> None:
    good = certificates.section("server:default", certificates.server)
    server = start(good)
    assert server.rpc("tls.reload") == "Ok. TLS configuration reloaded."
    (tmp_path / "tls.cfg").write_text(good + "nonsense = 1\n")
    with pytest.raises(ServerError, match="500 Error while loading TLS configuration file"):
        server.rpc("tls.reload")
    assert f'{tmp_path}/tls.cfg:4:1: error: there is no key "nonsense"' in server.log
    (tmp_path / "tls.cfg").write_text(good)
    server.rpc("cfg.set_now_string", "tls", "config", f"{tmp_path}/other.cfg")
    with pytest.raises(ServerError, match="500 Error"):
        server.rpc("tls.reload")
    assert f"{tmp_path}/other.cfg: No such file" in server.log
    server.rpc("cfg.set_now_string", "tls", "config", f"{tmp_path}/tls.cfg")
    assert server.rpc("tls.reload") == "Ok. TLS configuration reloaded."


def test_without_enable_tls_nothing_is_read(start_server: Start) -> None:
    more = 'modparam("tls", "config", "/nowhere/tls.cfg")'
    server = start_server(CONFIG.format(more=more).replace("enable_tls=yes", ""))
    assert "TLS is not served: set enable_tls=yes" in server.log


def test_a_check_reads_what_the_start_would(certificates: Certificates, tmp_path: Path) -> None:
    good = certificates.section("server:default", certificates.server, "verify_client = on")
    for text, code, message in (
        (good, 0, "[server:default] verifies certificates, but neither ca_list nor ca_path names anybody to trust"),
        (good + "verify_depth = deep\n", 255, f'{tmp_path}/tls.cfg:5:16: error: verify_depth: "deep" is no number'),
        (good + "ca_list = /nowhere\n", 0, "[server:default] ca_list: /nowhere: No such file or directory"),
    ):
        (tmp_path / "tls.cfg").write_text(text)
        (tmp_path / "k.cfg").write_text(CONFIG.format(more='modparam("tls", "config", "tls.cfg")'))
        command = [sys.executable, "-m", "kahea.core.main", "-c", "-f", str(tmp_path / "k.cfg")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, message in done.stderr) == (code, True), done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give its rights up")
def test_keys_are_read_with_the_rights_of_root(isolated: None, certificates: Certificates) -> None:
    folder = Path(tempfile.mkdtemp(prefix="kahea-tls-"))
    try:
        folder.chmod(0o777)
        text = certificates.section("server:default", certificates.server)
        (folder / "tls.cfg").write_text(text)
        assert certificates.server.key.stat().st_mode & 0o077 == 0
        more = f'modparam("tls", "config", "{folder}/tls.cfg")\nuser="nobody"\n'
        server = Server(CONFIG.format(more=more), folder / "server")
        (folder / "server").chmod(0o777)
        server.start()
        try:
            with pytest.raises(ServerError, match="500 Error"):
                server.rpc("tls.reload")
            assert "Permission denied" in server.log
        finally:
            server.close()
    finally:
        shutil.rmtree(folder)


def test_a_profile_for_an_address_that_is_not_ours_ends_the_start(start: Start, certificates: Certificates) -> None:
    text = certificates.section("server:127.0.0.1:5099", certificates.server)
    default = certificates.section("server:default", certificates.server)
    with pytest.raises(
        ServerError, match=r"\[server:127.0.0.1:5099\]: the server does not listen on tls:127.0.0.1:5099"
    ):
        start(default + text)


def test_openser_names_are_read_where_there_is_no_file(start_server: Start, certificates: Certificates) -> None:
    files = certificates.server
    lines = (
        f'tls_certificate="{files.certificate}"',
        f'tls_private_key="{files.key}"',
        'tls_client_domain["one"] { tls_verify_server = maybe }',
    )
    with pytest.raises(ServerError, match='tls_verify_server: "maybe" is neither yes nor no'):
        start_server(CONFIG.format(more="\n".join(lines)))
    server = start_server(CONFIG.format(more="\n".join(lines).replace("maybe", "1")))
    assert "has no effect" not in server.log
