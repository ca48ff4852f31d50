"""No variable, no inner name, no transformation without a case; what can be assigned is assigned in one.

Cases are the script bodies and formats of differential/, routes/, values.tsv and the route blocks of cfg/reference;
those of module tls, which need a connection and cannot be assigned, are with its tests.
"""

import re
from collections.abc import Iterator

import pytest

from kahea.core import loader
from kahea.core.pv.exports import PvExport
from kahea.core.pv.registry import find_pv, pv_names, transformation_names
from kahea.tests.cfg.reference.cases import read_cases
from kahea.tests.core.pv.differential.cases import bodies, edits
from kahea.tests.core.pv.routes.script import VARIABLES
from kahea.tests.core.pv.test_values import ROWS
from kahea.tests.modules.tls.test_variables import CASES as TLS
from kahea.tests.support import shared

BLOCKS = [case.text for case in read_cases("routes.txt")]
CASES = "\n".join([*bodies(), *edits(), *VARIABLES, *BLOCKS, *(row.text for row in ROWS)])
READ = set(re.findall(r"\$\(?([\w.?]+)", CASES)) | TLS
WITH_INNER = set(re.findall(r"\$\(?(\w+\(\w+)", CASES))
WRITTEN = set(re.findall(r"\$\(?([\w.?]+)[^;=$]*(?:=>[^;=]*)?(?<![!=<>])=(?![=~>])", CASES))
TRANSFORMED = {name.lower() for name in re.findall(r"\{([a-z]+\.[\w.]+)", CASES)}


@pytest.fixture(scope="module", autouse=True)
def every_module() -> Iterator[None]:
    """All modules there are."""
    shared.attach()
    loader.unload_all()
    for name in loader.available():
        loader.load_module(name)
    yield
    loader.unload_all()


def exports() -> dict[str, PvExport]:
    """Every variable by its name, aliases too."""
    return {name.decode(): find_pv(name) for name in pv_names()}


def test_every_variable_is_read() -> None:
    assert sorted(set(exports()) - READ) == []


def test_every_inner_name_is_read() -> None:
    wanted = {f"{name}({choice}" for name, export in exports().items() for choice in export.choices or ()}
    assert sorted(wanted - WITH_INNER) == []


def test_what_can_be_assigned_is_assigned() -> None:
    wanted = {export.name for export in exports().values() if export.set or export.bind}
    refuse = {"hdr", "msgbuf", "ulc"}  # taken by the parser, or with functions of their own; nothing can be changed
    assert sorted(wanted - WRITTEN - refuse - TLS) == []


def test_every_transformation_is_applied() -> None:
    assert sorted({name.decode() for name in transformation_names()} - TRANSFORMED) == []
