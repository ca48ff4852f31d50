"""`$cnt($avp(x))`: how many values a variable has."""

from typing import Any

from ..exports import PvExport, Value
from ..spec import PvSpec, parse_spec


def count(msg: Any, spec: PvSpec) -> Value:
    """All values of a class with an index, else 1 or 0."""
    return spec.count(msg)


COUNT = (PvExport("cnt", parse_name=parse_spec, get=count, kind="int"),)
