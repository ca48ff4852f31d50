"""Whatever a file contains, the answer is a ConfigError (or a configuration) within seconds, never a traceback."""

import random
import time

import pytest

from kahea.cfg.errors import ConfigError
from kahea.tests.cfg.fake import compile_text

LIMIT_S = 5.0
SIZE = 4_000_000  # just below the largest configuration allowed
_RANDOM = random.Random(1)
_IF = 'if ($rU == "a" && f(1)) { log("x $rU"); } else { $var(x) = $var(y) + 1; }\n'

BAD = {
    "larger than allowed": "#" * 5_000_000,
    "open braces": "request_route { " + "if (f(1)) { " * (SIZE // 12),
    "close braces": "request_route { " + "}" * SIZE,
    "parentheses": "request_route { $x = " + "(" * SIZE,
    "negations": "request_route { $x = " + "!" * SIZE + "1; }",
    "a long sum": "request_route { $x = $a" + " + $a" * (SIZE // 5) + "; }",
    "a long condition": "request_route { if ($a" + " && $a" * (SIZE // 6) + ") f(1); }",
    "nested loops": "request_route { " + "while ($a) { " * 30 + "f(1);" + "}" * 30 + "}",
    "binary junk": _RANDOM.randbytes(SIZE).decode("latin-1"),
    "junk in a route": "request_route { " + _RANDOM.randbytes(SIZE).decode("latin-1"),
    "an open string": '"' + "a" * SIZE,
    "an open variable": "request_route { $" + "(" * SIZE,
    "a long word": "a" * SIZE,
    "colons": "request_route { $x = " + "a:" * (SIZE // 2),
    "open ifdefs": "#!ifdef A\n" * (SIZE // 10),
    "a skipped rest": "#!ifdef A\n" + "x\n" * (SIZE // 3),
    "a define of itself": "#!define A A\nrequest_route { A; }",
    "two defines in a circle": "#!define A B\n#!define B A\nrequest_route { A; }",
    "defines that explode": "".join(f"#!define A{i + 1} A{i} A{i}\n" for i in range(30))
    + "#!define A0 f(1);\nrequest_route { A30 }",
    "many arguments": "request_route { log(" + "1," * (SIZE // 2) + "); }",
    "many flags": "flags " + ",".join(f"F{i}" for i in range(400_000)),
    "many routes": "".join(f"route[R{i}] {{ f(1); }}\n" for i in range(100_000)),
    "many parameters": "debug=1\n" * 500_000,
    "many labels": "request_route { switch ($x) {" + "".join(f"case {i}: f(1);\n" for i in range(100_000)) + "} }",
    "many substitutions": '#!subst "/a/b/"\n' * 200_000,
    "many defines": "".join(f"#!define A{i} {i}\n" for i in range(200_000)),
    "a chain of assignments": "request_route { " + "$x = " * (SIZE // 5) + "1; }",
    "blocks in blocks": "request_route { " + "{ " * (SIZE // 2),
    "switches in switches": "request_route { " + "switch ($x) { case 1: " * 100_000,
    "selval in selval": "request_route { $x = " + "selval(1," * (SIZE // 9),
    "an include of nothing": 'include_file "' + "a" * SIZE + '"',
    "a name with a null byte": "route[a\0b] { f(1); }",
    "another encoding": "request_route { f(1); }".encode("utf-16").decode("latin-1"),
    "quotes": "\"'" * (SIZE // 2),
}
GOOD = {
    "null bytes": "\0" * SIZE,
    "an open comment": "/*" * (SIZE // 2),
    "digits": "request_route { $x = " + "1" * (SIZE // 2) + "; }",
    "joined strings": "request_route { $x = " + '"a" ' * (SIZE // 4) + "; }",
    "a long else if": "request_route { if ($a) f(1);" + " else if ($a) f(1);" * 150 + " }",
    "many statements": "request_route { " + _IF * 2000 + " }",
    "a circle of routes": "".join(f"route[R{i}] {{ route(R{(i + 1) % 3000}); }}\n" for i in range(3000)),
    "comments in comments": "/*" * (SIZE // 4) + "*/" * (SIZE // 4),
    "loops in loops": "request_route { " + "while ($a) { " * 15 + "f(1);" + "}" * 15 + "}",
    "carriage returns": "#!KAMAILIO\r\nrequest_route {\r\n f(1);\r\n}\r\n",
    "nulls between statements": "request_route {\0 f(1);\0 }\0",
    "many selectable names": "".join(f"g.p{i} = 1\n" for i in range(15_000)),
}


@pytest.mark.measured
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_with_a_short_message(name: str) -> None:
    start = time.process_time()
    with pytest.raises(ConfigError) as caught:
        compile_text(BAD[name])
    assert time.process_time() - start < LIMIT_S
    assert len(str(caught.value)) < 4000
    assert str(caught.value).startswith(("test.cfg:", "error:"))


@pytest.mark.measured
@pytest.mark.parametrize("name", GOOD)
def test_odd_input_that_is_allowed_compiles_in_time(name: str) -> None:
    start = time.process_time()
    compile_text(GOOD[name])
    assert time.process_time() - start < LIMIT_S


def test_a_configuration_cut_anywhere_is_read_or_refused() -> None:
    text = '#!define X 1\nlisten=udp:1.2.3.4:5060\nroute[A] { if ($rU == "a\\"b" && !f(X)) { log("x"); } else\n'
    text += (
        ' switch ($x) { case 1: break; default: $(avp(x)[1]) = "a" + -5; } while (src_ip == 10.0.0.0/8) return -1; }'
    )
    for end in range(len(text)):
        try:
            compile_text(text[:end])
        except ConfigError as error:
            assert str(error)
