"""Routes in Python: the KSR object over a parsed message, and files that are wrong."""

from pathlib import Path
from typing import Any

import pytest

from kahea.cfg.compile.values import DROPPED
from kahea.cfg.errors import ConfigError
from kahea.core import log
from kahea.core.kemi.engine import KemiScript
from kahea.core.script import run_block
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import REPLY
from kahea.tests.modules.edited import edited, invite


def run(tmp_path: Path, body: str, msg: Any = None) -> tuple[Any, Any, int]:
    """Run `body` as ksr_request_route; what it put into `out`, the message, the result."""
    indented = "\n".join("        " + line for line in body.splitlines())
    text = f"import KSR as KSR\nout = []\nclass R:\n    def ksr_request_route(self, msg):\n{indented}\n"
    text += "    def failed(self, msg):\n        out.append('failed')\n        KSR.x.exit()\n"
    (tmp_path / "r.py").write_text(text + "def mod_init():\n    r = R()\n    r.out = out\n    return r\n")
    script = KemiScript(str(tmp_path / "r.py"))
    script.load()
    msg = msg or invite()
    code = run_block(script.routes["request_route"][b""], msg, 1)
    return script.object.out, msg, code


READS = {
    "KSR.pv.get('$rU')": "bob",
    "KSR.pv.get('$avp(none)')": None,
    "KSR.pv.gete('$avp(none)')": "",
    "KSR.pv.getw('$avp(none)')": "<null>",
    "KSR.pv.is_null('$avp(none)')": True,
    "KSR.pv.getvn('$avp(none)', 7)": 7,
    "KSR.pv.getvs('$rU', 'x')": "bob",
    "KSR.is_INVITE()": True,
    "KSR.is_BYE()": False,
    "KSR.is_method_in('IABC')": True,
    "KSR.is_method_in('BC')": False,
    "KSR.is_method('INVITE')": True,
    "KSR.is_UDP()": True,
    "KSR.is_proto('ut')": True,
    "KSR.is_IPv6()": False,
    "KSR.hdr.get('X-A')": "first",
    "KSR.hdr.get('X-None')": None,
    "KSR.hdr.get_idx('Subject', -1)": "two",
    "KSR.hdr.is_present('X-A')": 1,
    "KSR.kx.get_ruser()": "bob",
    "KSR.isflagset(3)": False,
    "KSR.setflag(3), KSR.isflagset(3)": (1, True),
    "KSR.pv.sets('$var(x)', 'a'), KSR.pv.get('$var(x)')": (True, "a"),
    "KSR.pv.seti('$avp(x)', 5), KSR.pv.get('$avp(x)')": (True, 5),
    "KSR.pv.sets('$rm', 'a')": False,
    "KSR.pv.get('$nosuch')": None,
    "KSR.pv.is_null('$nosuch(a)')": True,
    "KSR.pvx.var_sets('n', 'a'), KSR.pvx.var_get('n')": (1, "a"),
    "KSR.pvx.avp_seti('n', 7), KSR.pvx.avp_gete('n'), KSR.pvx.avp_is_null('m')": (1, 7, True),
    "KSR.x.modf('setflag', 4), KSR.isflagset(4)": (1, True),
}


@pytest.mark.parametrize("expression", READS)
def test_values(tmp_path: Path, expression: str) -> None:
    assert run(tmp_path, f"out.append(({expression}))")[0] == [READS[expression]]


def test_the_status_of_a_reply_is_a_number(tmp_path: Path) -> None:
    body = "out.append((KSR.pv.get('$rs'), KSR.kx.get_status(), KSR.kx.gets_status(), KSR.pv.get('$rr')))"
    assert run(tmp_path, body, SipMsg.from_bytes(REPLY))[0] == [(180, 180, "180", "Ringing now")]


def test_headers_are_edited(tmp_path: Path) -> None:
    _, msg, code = run(tmp_path, 'KSR.hdr.remove("X-A")\nKSR.hdr.append("X-B: new\\r\\n")\nKSR.seturi("sip:x@y.org")')
    text = edited(msg)
    assert code == 1 and b"X-A" not in text and b"X-B: new\r\n" in text
    assert msg.ruri == b"sip:x@y.org"


def test_exit_and_drop_end_the_route(tmp_path: Path) -> None:
    assert run(tmp_path, "out.append(1)\nexit()\nout.append(2)")[0] == [1]
    assert run(tmp_path, "out.append(1)\nKSR.x.exit()\nout.append(2)")[0] == [1]
    assert run(tmp_path, "KSR.set_drop()")[2] == DROPPED
    assert run(tmp_path, "KSR.x.drop()")[2] == DROPPED


def test_an_error_in_a_route_is_a_result_not_a_crash(tmp_path: Path) -> None:
    assert run(tmp_path, "out.append(1)\n1 / 0")[2] == -1


def test_the_traceback_of_an_error_is_that_of_the_users_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log.state, "level", log.ERR)
    monkeypatch.setattr(log.state, "stderr", True)
    run(tmp_path, "def other():\n    1 / 0\nother()")
    logged = capfd.readouterr().err
    assert "r.py:6: ZeroDivisionError: division by zero" in logged
    assert [line.split('File "')[1].partition('"')[0] for line in logged.splitlines() if 'File "' in line] == [
        str(tmp_path / "r.py")
    ] * 2


def test_other_methods_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "r.py").write_text("def ksr_request_route(msg): pass\ndef manage(msg): pass\n")
    script = KemiScript(str(tmp_path / "r.py"))
    script.load()
    assert b"manage" in script.routes["failure_route"] and b"manage" in script.routes["branch_route"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def x(:\n", "r.py:1: invalid syntax"),
        ("\n1 / 0\n", "r.py:2: ZeroDivisionError: division by zero"),
        ("import KSR\ndef mod_init():\n    return nope\n", "r.py:3: NameError: name 'nope' is not defined"),
        ("x = 1\n", "r.py has no ksr_request_route"),
    ],
)
def test_a_wrong_file_is_refused_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "r.py").write_text(text)
    with pytest.raises(ConfigError) as caught:
        KemiScript(str(tmp_path / "r.py")).load()
    assert message in str(caught.value)


def test_a_function_of_a_module_that_is_not_loaded_says_so(tmp_path: Path) -> None:
    body = "try:\n    KSR.nathelper.fix_nated_contact()\nexcept AttributeError as e:\n    out.append(str(e))"
    assert 'add loadmodule "nathelper.so"' in run(tmp_path, body)[0][0]
