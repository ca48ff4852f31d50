"""GRAMMAR.md says what the tables of the parser say."""

import re
from pathlib import Path

import kahea.cfg.tables as tables
from kahea.cfg.syntax.preprocessor import Preprocessor
from kahea.cfg.syntax.scanner import DIRECTIVES
from kahea.cfg.syntax.statements import StatementParser

GRAMMAR = (Path(tables.__file__).parent / "GRAMMAR.md").read_text()
RULES = {m[1]: m[2] for m in re.finditer(r"^(\w+)\s+= (.*?)\s;(?:\s|$)", GRAMMAR, re.M | re.S)}


def words(rule: str) -> set[str]:
    """The literal texts of a rule."""
    return set(re.findall(r'"([^"]+)"', RULES[rule]))


def test_every_operator_stands_at_its_level() -> None:
    levels: set[tuple[str, int]] = set()
    for level, cell in re.findall(r"^\| (\d+) \| (.*) \|$", GRAMMAR, re.M):
        for operator in re.findall(r"`([^`]+)`", cell):
            levels.add((operator.replace("\\|", "|"), int(level)))
    expected = {(op, power) for op, (_, power) in (*tables.BINARY.items(), *tables.PREFIX.items())}
    assert levels == expected


def test_directives() -> None:
    assert words("directive") - {"="} == DIRECTIVES


def test_route_kinds() -> None:
    assert words("kind") == set(tables.ROUTE_KINDS)


def test_assignments() -> None:
    assert words("assignment") - {"null"} == set(tables.ASSIGNMENTS)


def test_named_numbers() -> None:
    assert words("named") == set(tables.NUMBERS)


def test_protocols() -> None:
    assert words("protocol") == {p for p in tables.PROTOCOLS if p.islower()}


def test_core_keywords_and_their_operators() -> None:
    assert set(tables.OPERANDS) <= words("comparison")
    for alternative in re.split(r"\n {10}\| ", RULES["comparison"]):
        names, operators = re.findall(r"^(\( .*? \)|\"myself\")\s+\( (.*?) \)", alternative)[0]
        for name in re.findall(r'"([^"]+)"', names):
            kind = tables.OPERANDS[name]
            assert set(re.findall(r'"([^"]+)"', operators)) == set(tables.OPERAND_OPS[kind]), name


def test_core_commands_with_arguments_of_their_own() -> None:
    last = GRAMMAR.rsplit("```", 1)[1]
    named = set(re.findall(r"`(\w+)`", last))
    assert named == {row.name for row in tables.CORE_COMMANDS.values() if row.args != "expr"}


def test_statement_keywords() -> None:
    written = {word for word in words("action") | words("label") if word.isalpha()}
    assert written == set(StatementParser.STATEMENT_KEYWORDS)


def test_statement_words_are_reserved() -> None:
    assert (words("action") | words("kind")) & tables.RESERVED >= words("kind") | {"if", "while", "switch", "break"}
    assert Preprocessor().reserved <= tables.RESERVED
