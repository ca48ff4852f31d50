"""Lines of xlog: levels, variables read only when needed, prefix, cut."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kahea.cfg.compile.compiler import compile_config
from kahea.cfg.errors import ConfigErrors
from kahea.cfg.syntax.parser import parse_text
from kahea.core import loader, log
from kahea.core.pv import parse_format
from kahea.core.script_env import ServerEnvironment
from kahea.modules.xlog import exports
from kahea.modules.xlog.color import parse_color
from kahea.modules.xlog.levels import parse_level
from kahea.modules.xlog.settings import Settings, settings
from kahea.modules.xlog.write import leveled, line_writer, writer, xlog_text, xlogm
from kahea.parser.msg import SipMsg
from kahea.tests.core.pv.messages import INVITE

Lines = list[tuple[int, str, str]]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """What is written, as (level, module, text)."""
    written: Lines = []
    monkeypatch.setattr(log, "write", lambda level, module, place, text: written.append((level, module, text)))
    monkeypatch.setattr(log.state, "level", log.INFO)
    yield written
    settings.__dict__.update(Settings().__dict__)


@pytest.fixture
def msg() -> SipMsg:
    return SipMsg.from_bytes(INVITE)


def test_variables_are_printed(lines: Lines, msg: SipMsg) -> None:
    assert leveled(b"L_INFO", parse_format(b"$rm to $rU, $avp(none)\n"))(msg) == 1
    assert lines == [(log.INFO, "<script>", "INVITE to bob, <null>")]


def test_variables_of_a_line_that_is_off_are_not_read(lines: Lines) -> None:
    never: Any = None
    assert writer(log.DBG)(parse_format(b"$rm"))(never) == 1
    assert lines == []


@pytest.mark.parametrize(
    ("text", "level"),
    [(b"L_ALERT", -5), (b"L_BUG", -4), (b"L_CRIT", -3), (b"L_ERR", -1), (b"L_WARN", 0), (b"L_NOTICE", 1),
     (b"L_INFO", 2), (b"L_DBG", 3), (b"2", 2), (b"-1", -1), (b"99", 3), (b"xxE", -1)],
)  # fmt: skip
def test_levels(text: bytes, level: int) -> None:
    assert parse_level(text) == level


@pytest.mark.parametrize("text", [b"", b"L", b"L_", b"L_X", b"info"])
def test_bad_levels_are_refused_at_load(text: bytes) -> None:
    with pytest.raises(ValueError, match="no log level"):
        parse_level(text)


def test_level_of_a_variable(lines: Lines, msg: SipMsg) -> None:
    from kahea.core.pv import parse_spec

    parse_spec(b"$var(l)").set(msg, 1)  # type: ignore[misc]
    leveled(b"$var(l)", parse_format(b"x"))(msg)
    assert lines[0][0] == log.NOTICE


@pytest.mark.parametrize("text", ["$nope", "$rU."])
def test_bad_texts_are_refused_by_a_check(text: str) -> None:
    loader.unload_all()
    loader.load_module("xlog")
    config = parse_text(f'request_route {{ xlog("L_INFO", "{text}"); }}'.encode(), "test.cfg")
    with pytest.raises(ConfigErrors, match=r"test\.cfg:1"):
        compile_config(config, ServerEnvironment(), check_only=True)
    loader.unload_all()


def test_long_lines_are_cut(lines: Lines, msg: SipMsg) -> None:
    settings.buf_size = 10
    xlog_text(msg, parse_format(b"0123456789abc"))
    assert lines[0][2] == "0123456789"


def test_line_of_the_caller_is_named(lines: Lines, msg: SipMsg) -> None:
    function = line_writer(parse_format(b"x"))
    eval(compile("\n\n\nfunction(msg)", "test.cfg", "eval"), {"function": function, "msg": msg})
    assert lines[0][2] == "4:x"
    settings.long_format = 1
    eval(compile("\n\nfunction(msg)", "test.cfg", "eval"), {"function": function, "msg": msg})
    assert lines[1][2] == "test.cfg:3:x"


def test_prefix_may_hold_variables(lines: Lines, msg: SipMsg) -> None:
    settings.prefix, settings.prefix_mode = b"$ci ", 1
    xlog_text(msg, parse_format(b"x"))
    assert lines[0][1] == "call-1"


def test_methods_are_filtered(lines: Lines, msg: SipMsg) -> None:
    assert xlogm(msg, b"L_ERR", parse_format(b"x")) == 1  # by default none is logged
    settings.methods_filter = 1
    assert xlogm(msg, b"L_ERR", parse_format(b"x")) == 1
    assert lines == []
    settings.methods_filter = 2
    xlogm(msg, b"L_ERR", parse_format(b"x"))
    assert len(lines) == 1


def test_colors() -> None:
    assert parse_color(b"rx") == b"\033[0;31;49m"
    assert parse_color(b"Gb") == b"\033[1;32;44m"
    assert parse_color(b"xx") == b"\033[0;39;49m"
    with pytest.raises(ValueError, match="two letters"):
        parse_color(b"r")


def test_level_colors_surround_the_text(lines: Lines, msg: SipMsg) -> None:
    settings.add_colors(b"L_ERR=rx")
    xlog_text(msg, parse_format(b"x"))
    assert lines[0][2] == "\033[0;31;49mx\033[0;39;49m"


LINES = [row.split("\t") for row in (Path(__file__).parent / "lines.tsv").read_text().splitlines() if row[0] != "#"]


@pytest.mark.parametrize(("statement", "wanted"), LINES)
def test_line_as_in_kamailio(
    lines: Lines, msg: SipMsg, monkeypatch: pytest.MonkeyPatch, statement: str, wanted: str
) -> None:
    monkeypatch.setattr(log.state, "level", log.DBG)
    loader.unload_all()
    loader.load_module("xlog")
    config = parse_text(f"request_route {{ {statement} }}".encode(), "test.cfg")
    compile_config(config, ServerEnvironment()).routes["request_route"][b""](msg)
    loader.unload_all()
    shown = [f"{log.NAMES[level]} {text}" for level, module, text in lines if module == "<script>"]
    assert shown == ([wanted.encode().decode("unicode_escape")] if wanted else [])


def test_every_spelling_is_exported() -> None:
    names = {command.name for command in exports.cmds}
    assert {"xlog", "xlogl", "xlogm", "xdbg", "xdbgl", "xinfo", "xnotice", "xwarn", "xerr", "xcrit", "xbug",
            "xalert"} <= names  # fmt: skip
