"""The page of variables names what there is, and nothing else."""

import re
from pathlib import Path

import kahea.core.pv
from kahea.core.pv.stores import STORES
from kahea.core.pv.transformations import TRANSFORMATIONS
from kahea.core.pv.variables import VARIABLES

PAGE = (Path(kahea.core.pv.__file__).parent / "README.md").read_text()
LISTS = PAGE[PAGE.index("## Variables") :]


def test_every_variable_is_listed() -> None:
    variables, _, _ = LISTS.partition("## Transformations")
    listed = set(re.findall(r"`\$([\w.?]+)`", variables))
    assert listed == {name for export in (*STORES, *VARIABLES) for name in (export.name, *export.aliases)}


def test_every_transformation_is_listed() -> None:
    _, _, transformations = LISTS.partition("## Transformations")
    listed = set()
    for name, text in re.findall(r"^\| `(\w+)`[^|]*\| `([^`]+)`", transformations, re.M):
        listed |= {f"{name}.{word}" for word in text.split()}
    assert listed == {name for export in TRANSFORMATIONS for name in (export.name, *export.aliases)}
