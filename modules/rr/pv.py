"""$route_uri, $fti, $tti, $rdir(id|name)."""

from ...core.pv import PvExport
from ...parser.msg import SipMsg
from .route_params import UPSTREAM, direction


def caller_tag(msg: SipMsg) -> bytes | None:
    """$fti: the From tag of the dialog's first request, whoever sends this one."""
    return msg.to_tag if direction(msg) == UPSTREAM else msg.from_tag


def callee_tag(msg: SipMsg) -> bytes | None:
    """$tti: the To tag of the dialog, as its first request would have it."""
    return msg.from_tag if direction(msg) == UPSTREAM else msg.to_tag


def direction_name(msg: SipMsg) -> bytes:
    """$rdir(name)"""
    return b"upstream" if direction(msg) == UPSTREAM else b"downstream"


VARIABLES = (
    PvExport("route_uri", lambda msg: msg.route_uri),
    PvExport("fti", caller_tag),
    PvExport("tti", callee_tag),
    PvExport("rdir", choices={"id": direction, "name": direction_name}),
)
