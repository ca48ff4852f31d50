"""Tools for $xavu."""

from typing import Any

from ...core.log import logger
from ...core.pv import PvSpec
from ...core.pv.transformations.param import parse_list
from .xavp import join_params

log = logger(__name__)


def params_explode(msg: Any, text: bytes, name: bytes) -> int:
    """`a=1;b=2` to the fields of a root, which it replaces."""
    try:
        fields = {key: value for key, value in parse_list(text) if key}
    except ValueError:
        return -1
    if not fields:
        return -1
    msg.xavus[name] = fields
    return 1


def params_implode(msg: Any, name: bytes, pv: PvSpec) -> int:
    """The fields of a root as `a=1;b=2;`."""
    fields = msg.xavus.get(name)
    if not isinstance(fields, dict) or not fields or pv.set is None:
        return -1
    pv.set(msg, join_params(fields.items()))
    return 1


def print_xavus(msg: Any) -> int:
    """All of $xavu to the log."""
    for root, value in msg.xavus.items():
        log.info("xavu %s = %r", root.decode("latin-1"), value)
    return 1
