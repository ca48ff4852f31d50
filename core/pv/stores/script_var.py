"""`$var(n)` (also `$vz`) and `$vn(n)`: variables of this process. They keep their value from message to message."""

from typing import Any

from ..exports import Accessors, PvExport, Value

Cell = list[Value]  # one value
_var: dict[bytes, Cell] = {}
_vn: dict[bytes, Cell] = {}


def _bind_var(cell: Cell, index: Any) -> Accessors:
    def put(msg: Any, value: Value) -> None:
        cell[0] = 0 if value is None else value

    return Accessors(lambda msg: cell[0], put, cell=cell, undefined=0)


def _bind_vn(cell: Cell, index: Any) -> Accessors:
    def put(msg: Any, value: Value) -> None:
        cell[0] = value

    return Accessors(lambda msg: cell[0], put, cell=cell)


def var_cell(name: bytes) -> Cell:
    """The place of `$var(name)`; 0 at first."""
    return _var.setdefault(name.strip(), [0])


def var_cells() -> dict[bytes, Cell]:
    """All of $var by name; not to be changed."""
    return _var


def vn_cell(name: bytes) -> Cell:
    """The place of `$vn(name)`; undefined at first."""
    return _vn.setdefault(name.strip(), [None])


SCRIPT_VARS = (
    PvExport("var", parse_name=var_cell, bind=_bind_var, aliases=("vz",)),
    PvExport("vn", parse_name=vn_cell, bind=_bind_vn),
)
