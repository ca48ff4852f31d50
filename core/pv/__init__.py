"""Pseudo-variables and transformations: `$rU`, `$(avp(x)[1]{s.len})`, and texts with them.

The engine (parse once at load, read through plain functions), the core's variables by subject in `variables/`, what the
script stores in `stores/`, `transformations/` a file a class. No module's variables, no script functions.
"""

from .exports import Char, Number, PvExport, Text, TransformationExport, Value
from .formats import Format, parse_format
from .registry import pv_names, register_pv, register_transformation
from .spec import PvError, PvSpec, parse_spec

__all__ = [
    "Char", "Format", "Number", "PvError", "PvExport", "PvSpec", "Text", "TransformationExport", "Value",
    "parse_format", "parse_spec", "pv_names", "register_pv", "register_transformation",
]  # fmt: skip
