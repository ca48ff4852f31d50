"""Every case of every file, and that none of what there is lacks one."""

import re
from collections.abc import Callable, Iterator

import pytest

from kahea.cfg.tables import CORE_COMMANDS, OPERATOR_CALLS, ROUTE_KINDS
from kahea.core.functions.openser import OPENSER
from kahea.core.msg.core_events import CORE_EVENTS
from kahea.core.scripttest import ScriptTest
from kahea.tests.cfg.reference.cases import (
    Case,
    Play,
    bodies_configuration,
    check,
    configuration,
    play,
    play_body,
    read_cases,
    refuse,
)

FILES = ("quirks.txt", "routes.txt", "core_params.txt", "core_functions.txt", "grammar.txt")
CASES = {name: read_cases(name) for name in FILES}
ALL = [(name, case) for name in FILES for case in CASES[name]]
BODIES = {name: [case for case in CASES[name] if case.is_body] for name in FILES}
QUIRKS = 139  # peculiarities that are numbered


def some(wanted: Callable[[Case], bool]) -> pytest.MarkDecorator:
    chosen = [(name, case) for name, case in ALL if wanted(case)]
    return pytest.mark.parametrize(("file", "case"), chosen, ids=[f"{name} {case}" for name, case in chosen])


@pytest.fixture(scope="module")
def players(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Play]]:
    """The one script that holds all bodies of a file, loaded when first asked for."""
    loaded: dict[str, Play] = {}

    def player(name: str) -> Play:
        if name not in loaded:
            script = ScriptTest(bodies_configuration(BODIES[name]), folder=tmp_path_factory.mktemp("bodies"))
            loaded[name] = Play(script)
            loaded[name].logged()
        return loaded[name]

    yield player
    for each in loaded.values():
        each.script.close()


@some(lambda case: case.is_check)
def test_what_is_said_about_a_configuration(file: str, case: Case) -> None:
    check(case)


@some(lambda case: case.is_body)
def test_what_a_body_does(file: str, case: Case, players: Callable[[str], Play]) -> None:
    play_body(case, BODIES[file].index(case), players(file))


@some(lambda case: not case.is_check and not case.is_body)
def test_what_a_configuration_does(file: str, case: Case, kahea_script: Callable[..., ScriptTest]) -> None:
    if case.is_refused:
        refuse(case, kahea_script)
    else:
        play(case, kahea_script(configuration(case)))


def keys(name: str) -> set[str]:
    return {key for case in CASES[name] for key in case.key.split(", ")}


def test_every_peculiarity_has_a_case() -> None:
    numbers = {int(match[0]) for key in keys("quirks.txt") if (match := re.match(r"\d+", key))}
    assert numbers == set(range(1, QUIRKS + 1))


def test_every_command_of_the_grammar_has_a_case() -> None:
    names = {row.name for row in CORE_COMMANDS.values()} | {command.name for command in OPENSER} | set(OPERATOR_CALLS)
    assert names <= keys("core_functions.txt")


def test_every_kind_of_route_block_has_a_case() -> None:
    named = {key.partition("[")[0] for key in keys("routes.txt")}
    assert set(ROUTE_KINDS) <= named
    assert {f"event_route[{name}]" for name in CORE_EVENTS} <= keys("routes.txt")
