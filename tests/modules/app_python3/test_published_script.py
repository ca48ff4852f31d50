"""The Python script that Kamailio publishes as KEMI example routes calls; what missing modules do in it is left out."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.core.scripttest import ScriptTest

EXAMPLE = Path("/usr/share/doc/kamailio/examples/kemi/kamailio-basic-kemi-python.py")
MODULES = ("tm", "tmx", "sl", "rr", "maxfwd", "usrloc", "registrar", "sanity", "siputils", "corex", "kex", "textops",
           "pv", "xlog", "app_python3")  # fmt: skip
#: module that is not there -> what its functions answer
MISSING = {"pike": "1", "auth_db": "1", "auth": "1", "nathelper": "-1", "permissions": "-1", "rtpproxy": "1"}

pytestmark = pytest.mark.skipif(not EXAMPLE.exists(), reason="no examples of kamailio (apt-get install kamailio)")


@pytest.fixture
def script(kahea_script: Callable[..., ScriptTest], tmp_path: Path) -> ScriptTest:
    """The example, loaded."""
    text = EXAMPLE.read_text()
    for module, code in MISSING.items():
        text = re.sub(rf"KSR\.{module}\.\w+\([^()]*(\([^()]*\)[^()]*)*\)", code, text)
    path = tmp_path / "example.py"
    path.write_text(text)
    lines = [f'loadmodule "{module}.so"' for module in MODULES]
    load = f'modparam("app_python3", "load", "{path}")\ncfgengine "python"\n'
    return kahea_script("\n".join(["listen=udp:192.0.2.1:5060", *lines, load]))


def test_it_registers_a_phone_and_calls_it(script: ScriptTest) -> None:
    aor, contact = "<sip:bob@192.0.2.1>", "<sip:bob@198.51.100.9:5070>"
    out = script.send("REGISTER", "sip:192.0.2.1", headers={"To": aor, "From": aor + ";tag=1", "Contact": contact})
    assert out.replied == [200]
    out = script.send("INVITE", "sip:bob@192.0.2.1")
    assert out.relayed_to == ["198.51.100.9:5070"]
    invite = out.relayed[0]
    assert invite.header("Record-Route") is not None
    assert script.answer(invite, 180).replied == [180]
    assert script.answer(invite, 200).replied == [200]
    assert "Traceback" not in script.log


def test_it_answers_what_it_does_not_relay(script: ScriptTest) -> None:
    assert script.send("OPTIONS", "sip:192.0.2.1").replied == [200]
    assert script.send("INVITE", "sip:carol@192.0.2.1").replied[-1] == 404
    assert script.send("INVITE", "sip:bob@192.0.2.1", headers={"Max-Forwards": "0"}).replied == [483]
    assert "Traceback" not in script.log
