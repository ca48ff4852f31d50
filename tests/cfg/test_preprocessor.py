"""Defines, conditionals, includes, substitutions; and that places survive them."""

from pathlib import Path

import pytest

from kahea.cfg.errors import ConfigError
from kahea.cfg.syntax.nodes import Param
from kahea.cfg.syntax.parser import parse_file, parse_text
from kahea.cfg.syntax.preprocessor import Preprocessor


def params(text: str, source: Preprocessor | None = None) -> dict[str, object]:
    """Core parameters that a text sets."""
    items = parse_text(text.encode("latin-1"), "k.cfg", source).items
    return {i.name: i.value for i in items if isinstance(i, Param)}


def error(text: str, source: Preprocessor | None = None) -> str:
    """The message for a text that is wrong."""
    with pytest.raises(ConfigError) as caught:
        params(text, source)
    return str(caught.value)


ACCEPTED = {
    "define": ("#!define N 4\nchildren=N", {"children": 4}),
    "def": ("!!def N 4\nchildren=N", {"children": 4}),
    "empty define": ("#!define N\nchildren= N 4", {"children": 4}),
    "define in a define": ("#!define A B\n#!define B 4\nchildren=A", {"children": 4}),
    "a define over lines": ("#!define N \\\n4\nchildren=N", {"children": 4}),
    "a comment behind a define": ("#!define N 4 # four\nchildren=N", {"children": 4}),
    "a hash in a string of a define": ('#!define S "a # b"\nlog_name=S', {"log_name": b"a # b"}),
    "trydef": ("#!trydef N 4\n#!trydef N 5\nchildren=N", {"children": 4}),
    "redef": ("#!define N 4\n#!redef N 5\nchildren=N", {"children": 5}),
    "ifdef": ("#!ifdef N\nchildren=1\n#!else\nchildren=2\n#!endif", {"children": 2}),
    "ifndef": ("#!ifndef N\nchildren=1\n#!else\nchildren=2\n#!endif\n", {"children": 1}),
    "nested": ("#!ifdef N\n#!ifdef M\n#!else\n#!endif\nchildren=1\n#!else\nchildren=2\n#!endif\n", {"children": 2}),
    "comments behind conditionals": ("#!ifdef N # n\nchildren=1\n#!else # x\nchildren=2\n#!endif # n", {"children": 2}),
    "unbalanced quotes in a skipped part": ("#!ifdef N\n\"'\n#!endif\nchildren=2", {"children": 2}),
    "conditionals behind # in a skipped part": (
        "#!ifdef N\n# #!ifdef M\n#!endif\n#!endif\nchildren=2",
        {"children": 2},
    ),
    "unknown directive": ("#!nonsense\nchildren=2", {"children": 2}),
    "shebang": ("#!/usr/sbin/kamailio\nchildren=2", {"children": 2}),
    "version": ("#!ifdef KAMAILIO_5_6\nchildren=2\n#!endif", {"children": 2}),
    "subst": ('#!subst "/abc/xyz/"\nlog_name="abc abc"', {"log_name": b"xyz abc"}),
    "subst everywhere": ('#!subst "/abc/xyz/gi"\nlog_name="abc ABC"', {"log_name": b"xyz xyz"}),
    "subst by nothing": ('#!subst "/abc//"\nlog_name="abc"', {"log_name": b""}),
    "subst with another separator": ('#!subst "!a/b!c!"\nlog_name="a/b"', {"log_name": b"c"}),
    "substdef": ('#!substdef "/N/4/"\nchildren=N log_name="N"', {"children": 4, "log_name": b"4"}),
    "substdefs": ('#!substdefs "/NAME/me/"\nlog_name=NAME', {"log_name": b"me"}),
    "crlf": ("#!KAMAILIO\r\n#!define N 4\r\nchildren=N\r\n", {"children": 4}),
    "bytes that begin no token": ("\xef\xbb\xbfchildren=4 ? `", {"children": 4}),
    "unclosed comment": ("children=4 /* the rest\nchildren=5", {"children": 4}),
    "nested comments": ("/* /* */ children=5 */ children=4", {"children": 4}),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_directives(case: str) -> None:
    text, wanted = ACCEPTED[case]
    assert params(text) == wanted


REFUSED = {
    "defined twice": ("#!define N 4\n#!define N 5", 'k.cfg:2:1: error: "N" is already defined'),
    "no endif": ("#!ifdef A\n\n", "k.cfg:1:1: error: this #!ifdef has no #!endif"),
    "stray endif": ("\n  #!endif\n", "k.cfg:2:3: error: #!endif without #!ifdef"),
    "no name": ("#!define\n", "k.cfg:1:1: error: a name is expected after #!define"),
    "a dash in a name": ("#!define a-b 1\n", "k.cfg:1:1: error: a define's name cannot contain -"),
    "itself": ("#!define A A\nchildren=A", 'the define "A" expands to itself'),
    "a bad subst": ('#!subst "/a"\n', "k.cfg:1:1: error: bad substitution"),
    "a bad regex": ('#!subst "/[/x/"\n', "k.cfg:1:1: error: bad substitution"),
    "no such environment": ("#!defenv X=KAHEA_NO_SUCH\n", "KAHEA_NO_SUCH is not set"),
    "no such file": ('include_file "nope.cfg"\n', "k.cfg:1:1: error: the included file nope.cfg does not exist"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_wrong_directives_say_where(case: str) -> None:
    text, wanted = REFUSED[case]
    assert wanted in error(text)


def test_environment() -> None:
    source = Preprocessor(environ={"N": "4", "S": "name"})
    text = "#!defenv CH=N\n#!defenvs S\n#!trydefenv M=NOPE\nchildren=CH log_name=S\n#!ifdef M\nfork=no\n#!endif"
    assert params(text, source) == {"children": 4, "log_name": b"name"}


def test_command_line_defines() -> None:
    source = Preprocessor()
    source.define("WITH_X", "")
    source.define("N", "7")
    assert params("#!ifdef WITH_X\nchildren=N\n#!endif", source) == {"children": 7}
    assert "already defined" in error("#!define N 3", _with("N", "7"))


def test_variables_of_a_replacement_are_read_when_the_rule_is_applied() -> None:
    values = {b"$x": b"1"}

    def expand(text: bytes) -> bytes:
        for name, value in values.items():
            text = text.replace(name, value)
        if b"$" in text:
            raise LookupError("unknown variable")
        return text

    source = Preprocessor(expand=expand)
    text = '#!substdef "/(N)/$x\\1$x/"\n#!substdefs "!Q!b$x!"\nlog_name="aN$x" server_header=Q user_agent_header="c Q"'
    assert params(text, source) == {"log_name": b"a1N1$x", "server_header": b"b1", "user_agent_header": b"c b1"}
    assert "k.cfg:1:1: error: bad substitution: unknown variable" in error('#!subst "/a/$y/"', source)


def _with(name: str, value: str) -> Preprocessor:
    source = Preprocessor()
    source.define(name, value)
    return source


def test_includes_are_found_beside_the_including_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "main.cfg").write_text('include_file "sub/a.cfg"\nimport_file "none.cfg"\n#!import_file \'b.cfg\'\n')
    (tmp_path / "sub" / "a.cfg").write_text("children=3\n")
    (tmp_path / "b.cfg").write_text("debug=2")
    items = parse_file(str(tmp_path / "main.cfg")).items
    assert [(i.name, i.value) for i in items if isinstance(i, Param)] == [("children", 3), ("debug", 2)]


def test_an_error_in_an_included_file_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "main.cfg").write_text('\ninclude_file "a.cfg"\n')
    (tmp_path / "a.cfg").write_text("fork=no\nchildern=3\n")
    with pytest.raises(ConfigError) as caught:
        parse_file(str(tmp_path / "main.cfg"))
    text = str(caught.value)
    assert f"{tmp_path}/a.cfg:2:1: error" in text
    assert f"included from {tmp_path}/main.cfg:2:1" in text


def test_files_that_include_themselves_are_refused(tmp_path: Path) -> None:
    (tmp_path / "main.cfg").write_text('include_file "main.cfg"\n')
    with pytest.raises(ConfigError, match="include one another more than 10 deep"):
        parse_file(str(tmp_path / "main.cfg"))


def test_an_error_in_a_define_points_at_its_use() -> None:
    text = error("#!define BAD children 4\n\n  BAD\n")
    assert "k.cfg:3:3: error: '=' is expected after children" in text
    assert "in the expansion of BAD" in text


def test_texts_read_can_be_replayed(tmp_path: Path) -> None:
    path = str(tmp_path / "main.cfg")
    Path(path).write_text('include_file "a.cfg"\n')
    (tmp_path / "a.cfg").write_text("children=3\n")
    first = Preprocessor()
    parsed = parse_file(path, first)
    (tmp_path / "a.cfg").write_text("children=9\n")
    assert parse_file(path, Preprocessor(replay=first.texts)) == parsed
