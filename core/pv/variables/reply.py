"""Replies: `$rs $rsi $rr`, and where a reply will go, `$rpl(...)`."""

from typing import Any

from ....parser.headers.via import parse_via
from ....parser.receive_info import PROTO_NAMES
from ....src.native import lib
from ..exports import PvExport, Value


def _status(msg: Any) -> Value:
    return b"%d" % msg.status if msg.is_reply else None


def _second_via(msg: Any) -> Any:
    """The Via that a reply goes on to, or None."""
    if not msg.is_reply or msg.via2 is None:
        return None
    try:
        return parse_via(msg.via2)
    except ValueError:
        return None


def _via(read: Any) -> Any:
    def get(msg: Any) -> Value:
        via = _second_via(msg)
        return None if via is None else read(via)

    return get


def _uri(via: Any) -> bytes:
    host, port = via.received or via.host, via.rport or via.port
    return b"sip:" + host + (b":%d" % port if port else b"") + b";transport=" + PROTO_NAMES[via.proto]


REPLY = (
    PvExport("rs", _status),
    PvExport("rsi", lambda msg: msg.status, kind="int"),
    PvExport("rr", lambda msg: msg.reason if msg.is_reply else None),
    PvExport("rpl", choices={
        "duri": _via(_uri),
        "dhost": _via(lambda via: via.received or via.host),
        "dport": _via(lambda via: via.rport or via.port or 5060),
        "dproto": _via(lambda via: PROTO_NAMES[via.proto]),
        "dprotoid": _via(lambda via: via.proto),
        "cntvia": lambda msg: len(msg.headers(lib.KH_HDR_VIA)) if msg.is_reply else None,
        "cntrr": lambda msg: len(msg.headers(lib.KH_HDR_RECORDROUTE)) if msg.is_reply else None,
    }),
)  # fmt: skip
