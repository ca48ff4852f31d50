"""What GRAMMAR.md derives, the parser reads: hundreds of random sentences of each rule."""

import re
from pathlib import Path

import pytest

import kahea.cfg.tables as tables
from kahea.cfg.errors import ConfigError
from kahea.cfg.syntax.parser import parse_text
from kahea.cfg.words import words
from kahea.tests.cfg.ebnf import Sentences

GRAMMAR = (Path(tables.__file__).parent / "GRAMMAR.md").read_text()
SAMPLES = {
    "ID": ["word", "t_relay", "other"], "NUMBER": ["7", "0x1f", "017", "101b"], "STRING": ['"text"', "'text'"],
    "PV": ["$rU", "$(ru{uri.host})", "$avp(x)"], "SELECT": ["@ruri.user", '@msg.header["X"][1]'],
    "IP": ["192.0.2.1", "2001:db8::1"], "NAME": ["word", "sip.example.org"],
    "host": ["192.0.2.1", "[2001:db8::1]", "host.example.org"],
    "parameter": ["children = 4;", 'log_name = "x"', "debug = -1", "advertised_address = host.example.org"],
    "section": ["tls_server_domain[192.0.2.1:5061] { a = 1 }"],
    "custom": ['pstn.gw = "x" desc "y";', "pstn[2].port = 5070;"],
    "operator": sorted(tables.BINARY), "prefix_operator": sorted(tables.PREFIX),
}  # fmt: skip
#: what the parser checks beyond the grammar: values, and where a form makes sense
BEYOND = re.compile(
    r"takes no name|is expected after event_route|the name of an event is expected|stands only on the left"
    r"|myself is compared|labels? of a|is no statement|takes .* argument|a port number|'=' is expected after"
    r"|nested more than|a mask is expected|a socket's transport|outside of a switch|a variable alone"
)
RULES = words("expression condition action block assignment call route_call comparison listen alias flags module"
              " route_block config")  # fmt: skip
STATEMENT = {"expression": "request_route {{ $x = {}; }}", "condition": "request_route {{ if {} exit; }}",
             "action": "request_route {{ {} }}", "block": "request_route {}", "assignment": "request_route {{ {}; }}",
             "call": "request_route {{ {}; }}", "route_call": "request_route {{ {}; }}",
             "comparison": "request_route {{ if ({}) exit; }}"}  # fmt: skip


@pytest.mark.parametrize("rule", sorted(RULES))
def test_what_the_grammar_derives_is_read(rule: str) -> None:
    sentences = Sentences(GRAMMAR, SAMPLES)
    refused = 0
    for _ in range(300):
        text = STATEMENT.get(rule, "{}").format(sentences.derive(rule, 12))
        try:
            parse_text(text.encode("latin-1"))
        except ConfigError as error:
            assert BEYOND.search(error.message), f"{error}\n{text}"
            refused += 1
    assert refused < 150
