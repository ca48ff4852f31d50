"""Selects: a row for each (selects.tsv), read on one message; what Kamailio gave for those that it knows."""

import re
from collections.abc import Iterator

import pytest

from kahea.core.pv.variables.select import ALIASES, FOREIGN, ROOTS
from kahea.core.scripttest import ScriptTest
from kahea.tests.cfg.reference.cases import FOLDER

ROWS = [line.split("\t") for line in (FOLDER / "selects.tsv").read_text("latin-1").splitlines() if line[0] != "#"]
GOOD, BAD = [row for row in ROWS if row[1] != "refused"], [row[0] for row in ROWS if row[1] == "refused"]
SCRIPT = """
listen=udp:127.0.0.1:5060
grp.addr = "value"
grp.num = 7
grp[3].addr = "three"
server_id = 9
request_route {
    if ($rm == "OPTIONS") { cfg_select("grp", 3); exit; }
    $du = "sip:192.0.2.50:5070";
    setflag(3);
    append_branch("sip:b@h1;x=y", "0.5");
    append_branch("sip:c@h2");
}
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptTest]:
    with ScriptTest(SCRIPT, folder=tmp_path_factory.mktemp("selects")) as loaded:
        loaded.push((FOLDER / "selects.sip").read_bytes(), ("192.0.2.10", 5061))
        yield loaded


@pytest.mark.parametrize(("path", "wanted"), GOOD, ids=[row[0] for row in GOOD])
def test_a_select_has_its_value(path: str, wanted: str, script: ScriptTest) -> None:
    value = script.get(f"$sel({path})")
    shown = "<null>" if value is None else str(value).split("\r\n")[0]
    assert re.fullmatch(wanted[1:], shown) if wanted[:1] == "~" else shown == wanted


@pytest.mark.parametrize("path", BAD)
def test_a_select_that_does_not_exist_is_refused(path: str, script: ScriptTest) -> None:
    with pytest.raises(AssertionError, match="select"):
        script.get(f"$sel({path})")


def test_every_root_has_a_row() -> None:
    roots = {re.match(r"\w+", row[0])[0] for row in GOOD}  # type: ignore[index]
    assert {ALIASES.get(root, root) for root in roots} >= set(ROOTS)
    assert roots & FOREIGN


def test_replies_have_a_status(script: ScriptTest) -> None:
    data = b"SIP/2.0 486 Busy Here\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    script.push(data + b"To: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 7 BYE\r\nContent-Length: 0\r\n\r\n")
    wanted = {"status": "486", "code": "486", "reason": "Busy Here", "msg.response.status": "486",
              "msg.res.reason": "Busy Here", "msg.type": "2", "cseq.method": "BYE", "msg.req.uri": None}  # fmt: skip
    assert {name: script.get(f"$sel({name})") for name in wanted} == wanted


def test_the_instance_that_was_selected(script: ScriptTest) -> None:
    script.send("OPTIONS", "sip:x@y")
    assert script.get("$sel(cfg_selected.grp)") == "3"
    assert script.get("$sel(cfg_get.grp.addr)") == "three"
    script.push((FOLDER / "selects.sip").read_bytes(), ("192.0.2.10", 5061))


def test_the_two_spellings_are_one(script: ScriptTest) -> None:
    text = """request_route {
        if (@ruri.user == "bob" && @msg.header["X-A"][2] == "two") exit;
        $var(x) = @from.uri.host;
    }"""
    with ScriptTest(text) as other:
        other.send("OPTIONS", "sip:x@y", headers={"X-A": "one"})
        assert other.get("$var(x)") == "example.com"
