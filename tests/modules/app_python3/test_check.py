"""`kahea -c` reads a KEMI script without running it, and says what its calls name that is not there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.cfg.errors import ConfigError
from kahea.core import loader
from kahea.modules.app_python3.engine import check, settings
from kahea.tests.support import shared

CALLS = [
    ("KSR.tm.t_relayy()", 'KSR.tm.t_relayy: there is no such function  did you mean "t_relay"?'),
    ("KSR.nathelper.fix_nated_contact()", 'KSR.nathelper: add loadmodule "nathelper.so" to the configuration'),
    ("KSR.sl.sl_send_reply(200)", "KSR.sl.sl_send_reply takes 2 argument(s), not 1"),
    ('KSR.pv.gett("$ru")', "KSR.pv.gett: there is no such function"),
    ("KSR.is_INVITEE()", "KSR.is_INVITEE: there is no such function"),
    ('KSR.hdr.append("x", "y")', "KSR.hdr.append does not take 2 argument(s)"),
    ('KSR.pv.get("$ru")', None),
    ("KSR.kx.getw_ruser()", None),
    ("KSR.setflag(1)", None),
    ('KSR.tm.t_set_fr_inv(int("3"))', None),
    ('KSR.pvx.avp_sets("a", msg.text)', None),
    ("KSR.tm.t_relay(*unknown)", None),
    ("other.tm.nothing()", None),
]


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """tm and sl are there."""
    shared.attach()
    loader.unload_all()
    for name in ("tm", "sl"):
        loader.load_module(name)
    yield
    loader.unload_all()


@pytest.mark.parametrize(("call", "warning"), CALLS)
def test_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, warning: str | None) -> None:
    path = tmp_path / "r.py"
    path.write_text(f"import KSR\nraise RuntimeError('this is not run')\n{call}\n")
    monkeypatch.setattr(settings, "load", str(path).encode())
    assert check() == ([f"{path}:3: {warning}"] if warning else [])


def test_a_syntax_error_ends_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "r.py").write_text("def x(:\n")
    monkeypatch.setattr(settings, "load", str(tmp_path / "r.py").encode())
    with pytest.raises(ConfigError, match=r"r\.py:1: invalid syntax"):
        check()
