"""`$var(n)` (also `$vz`) and `$vn(n)`: variables of this process. They keep their value from message to message."""

from typing import Any

from ..exports import Accessors, Cell, PvExport, Value

_var: dict[bytes, Cell] = {}
_vn: dict[bytes, Cell] = {}


def _bind_var(cell: Cell, index: Any) -> Accessors:
    def put(msg: Any, value: Value) -> None:
        cell.value = 0 if value is None else value

    return Accessors(lambda msg: cell.value, put, cell=cell, undefined=0)


def _bind_vn(cell: Cell, index: Any) -> Accessors:
    def put(msg: Any, value: Value) -> None:
        cell.value = value

    return Accessors(lambda msg: cell.value, put, cell=cell)


def var_cell(name: bytes) -> Cell:
    """The place of `$var(name)`; 0 at first."""
    return _var.setdefault(name.strip(), Cell(0))


def var_cells() -> dict[bytes, Cell]:
    """All of $var by name; not to be changed."""
    return _var


def vn_cell(name: bytes) -> Cell:
    """The place of `$vn(name)`; undefined at first."""
    return _vn.setdefault(name.strip(), Cell(None))


SCRIPT_VARS = (
    PvExport("var", parse_name=var_cell, bind=_bind_var, aliases=("vz",)),
    PvExport("vn", parse_name=vn_cell, bind=_bind_vn),
)
