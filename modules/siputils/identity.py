"""Remote-Party-ID from an AVP, and P-Charging-Vector (RFC 7315)."""

import re
import uuid
from typing import Any

from ...core.msg.lumps import append_hf, remove_hf
from ...core.pv import PvExport, Value, parse_spec
from ...parser.errors import BadHeader
from ...parser.headers.nameaddr import parse_nameaddr
from ...parser.msg import SipMsg
from ...parser.params import parse_params
from ...parser.uri import try_parse_uri
from .settings import settings

_E164 = re.compile(rb"\+[0-9]{2,15}")
_PCV = b"P-Charging-Vector"
_PARTS = {"value": b"icid-value", "genaddr": b"icid-generated-at", "orig": b"orig-ioi", "term": b"term-ioi"}


def _rpid(msg: SipMsg) -> bytes | None:
    value = parse_spec(settings.rpid_avp).get(msg)
    return value if isinstance(value, bytes) and value else None


def append_rpid_hf(msg: SipMsg, prefix: bytes | None = None, suffix: bytes | None = None) -> int:
    """Add Remote-Party-ID with the value of the AVP; -1 when it has none."""
    value = _rpid(msg)
    if value is None:
        return -1
    before = settings.rpid_prefix if prefix is None else prefix
    behind = settings.rpid_suffix if suffix is None else suffix
    append_hf(msg, b"Remote-Party-ID: " + before + value + behind + b"\r\n")
    return 1


def is_rpid_user_e164(msg: SipMsg) -> int:
    """Is the user of the URI in the AVP `+` and digits?"""
    value = _rpid(msg)
    if value is None:
        return -1
    try:
        uri = try_parse_uri(parse_nameaddr(value).uri)
    except BadHeader:
        return -1
    return 1 if uri is not None and _E164.fullmatch(uri.user) else -1


def sip_p_charging_vector(msg: SipMsg, flags: bytes) -> int:
    """r removes it, g generates one unless there is one, f does both."""
    present = msg.header(_PCV) is not None
    if present and (b"r" in flags or b"f" in flags):
        remove_hf(msg, _PCV)
    if b"f" in flags or (b"g" in flags and (not present or b"r" in flags)):
        value = b"%s: icid-value=%s;icid-generated-at=%s\r\n" % (_PCV, uuid.uuid4().hex.encode(), msg.rcv.dst_ip)
        append_hf(msg, value)
    return 1


def _part(name: bytes) -> Any:
    def get(msg: Any) -> Value:
        body = msg.header(_PCV)
        try:
            return parse_params(body).get(name) if body else None
        except BadHeader:
            return None

    return get


PCV = (
    PvExport(
        "pcv",
        choices={"all": lambda msg: msg.header(_PCV), **{name: _part(param) for name, param in _PARTS.items()}},
    ),
)
