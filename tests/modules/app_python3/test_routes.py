"""A KEMI script as they are published (routes.py), message by message."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kahea.core.scripttest import Outcome, ScriptTest

MODULES = ("tm", "tmx", "sl", "rr", "maxfwd", "usrloc", "registrar", "sanity", "siputils", "corex", "textops", "pv",
           "xlog", "app_python3")  # fmt: skip
PHONE, HOST = "198.51.100.9:5070", "192.0.2.1"


@pytest.fixture
def script(kahea_script: Callable[..., ScriptTest]) -> ScriptTest:
    """The script in a server on 192.0.2.1."""
    lines = [f"listen=udp:{HOST}:5060", "debug=3", *(f'loadmodule "{module}.so"' for module in MODULES)]
    lines.append(f'modparam("app_python3", "load", "{Path(__file__).parent / "routes.py"}")')
    return kahea_script("\n".join([*lines, 'cfgengine "python"\n']))


def register(script: ScriptTest) -> Outcome:
    """Bob's phone registers."""
    aor, contact = f"<sip:bob@{HOST}>", f"<sip:bob@{PHONE}>"
    return script.send("REGISTER", f"sip:{HOST}", headers={"To": aor, "From": aor + ";tag=1", "Contact": contact})


def test_a_call_with_everything(script: ScriptTest) -> None:
    assert register(script).replied == [200]
    out = script.send("INVITE", f"sip:bob@{HOST}")
    assert out.relayed_to == [PHONE] and out.replied == [100]
    (invite,) = out.relayed
    assert invite.header("X-Branch") == "0" and HOST in (invite.header("Record-Route") or "")
    (ringing,) = script.answer(invite, 180, body="nat=yes").replies
    assert ringing.header("X-Nat") == "yes"
    assert script.answer(invite, 488).silent  # the reply route drops it
    (second,) = [m for m in script.answer(invite, 486).relayed if m.method == "INVITE"]
    assert (second.to, second.uri) == ("198.51.100.99:5090", "sip:bob@198.51.100.99:5090")
    assert script.answer(second, 200).replied == [200]
    assert "Traceback" not in script.log


@pytest.mark.parametrize(
    ("method", "uri", "headers", "status"),
    [
        ("OPTIONS", f"sip:{HOST}", {}, 200),
        ("INVITE", f"sip:bob@{HOST}", {"Max-Forwards": "0"}, 483),
        ("INVITE", f"sip:carol@{HOST}", {}, 404),
        ("INVITE", f"sip:{HOST}", {}, 484),
        ("BYE", f"sip:bob@{HOST}", {"To": f"<sip:bob@{HOST}>;tag=none"}, 404),
        ("INVITE", f"sip:bob@{HOST}", {"User-Agent": "friendly-scanner"}, 200),
    ],
)
def test_what_is_answered_at_once(
    script: ScriptTest, method: str, uri: str, headers: dict[str, str], status: int
) -> None:
    out = script.send(method, uri, headers=headers)
    assert out.replied[-1] == status and not out.relayed
    assert "Traceback" not in script.log


def test_requests_within_a_call_follow_their_route(script: ScriptTest) -> None:
    headers = {"Route": f"<sip:{HOST};lr>", "To": f"<sip:bob@{HOST}>;tag=b"}
    out = script.send("BYE", f"sip:bob@{PHONE}", headers=headers)
    assert out.relayed_to == [PHONE] and out.relayed[0].header("Route") is None


def test_what_is_not_ours_is_sent_on(script: ScriptTest) -> None:
    (sent,) = script.send("MESSAGE", "sip:x@198.51.100.1").relayed
    assert sent.header("P-Hint") == "outbound" and sent.to == "198.51.100.1:5060"
