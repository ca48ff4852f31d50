"""The devel guide's `sip_msg` and `msg_start` by their field names (5.3, 5.4): a view of a SipMsg.

Code that comes from a C module finds its fields here: `sip_msg(msg).callid.body`, `.first_line.u.method_value`. Nothing
is copied into it, every field is looked up when it is read. Routing code uses SipMsg, whose values cost one call.
"""

from dataclasses import dataclass
from typing import Any

from ..src.native import lib
from .body import sdp_of
from .hdr import HdrField, HdrType, first_hdr, hdr_fields, last_header, parsed_flag
from .headers.via import ViaBody, parse_via
from .msg import SipMsg
from .receive_info import ReceiveInfo
from .sdp import Session
from .uri import SipUri, parse_uri

SIP_INVALID, SIP_REQUEST, SIP_REPLY = lib.KH_MSG_INVALID, lib.KH_REQUEST, lib.KH_REPLY
FLINE_FLAG_PROTO_SIP, FLINE_FLAG_PROTO_HTTP = lib.KH_FLINE_SIP, lib.KH_FLINE_HTTP
FLINE_FLAG_PROTO_HTTP2 = lib.KH_FLINE_HTTP2


@dataclass(frozen=True, slots=True)
class RequestLine:
    """The guide's u.request."""

    method: bytes
    uri: bytes
    version: bytes
    method_value: int  # Method


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The guide's u.reply."""

    version: bytes
    status: bytes
    reason: bytes
    statuscode: int


@dataclass(frozen=True, slots=True)
class MsgStart:
    """The first line: `type` SIP_REQUEST or SIP_REPLY, `flags` FLINE_FLAG_*, `len` with its line end; `u` is the one of
    `request` and `reply` that is not None."""

    type: int
    flags: int
    len: int
    request: RequestLine | None
    reply: StatusLine | None

    @property
    def u(self) -> Any:
        return self.request or self.reply


def first_line(msg: SipMsg) -> MsgStart:
    """The parsed first line of a message."""
    c, version = msg.seen, msg.version or b""
    request = reply = None
    if msg.is_request:
        request = RequestLine(msg.request_method or b"", msg.orig_uri or b"", version, msg.method)
    else:
        reply = StatusLine(version, msg.status_text or b"", msg.reason or b"", msg.status)
    return MsgStart(c.type, c.fline_flags, c.fline_len, request, reply)


def _first(kind: HdrType | bytes) -> property:
    """A shortcut to the first header of a kind; None when there is none."""
    return property(lambda self: first_hdr(self.msg, kind))


def _text(part: int) -> property:
    """A text that the script set (enum kh_ed_part); None when it did not."""
    return property(lambda self: self.msg.edit_text(part))


class SipMsgFields:
    """See the file's docstring. Header shortcuts are HdrField or None; `.parsed` reads their body."""

    __slots__ = ("msg",)

    def __init__(self, msg: SipMsg) -> None:
        self.msg = msg

    def __getattr__(self, name: str) -> Any:
        if name == "from":  # a keyword in Python; written out it is `from_`
            return self.from_
        raise AttributeError(f"sip_msg has no field {name}")

    h_via1 = _first(HdrType.VIA)
    callid = _first(HdrType.CALLID)
    to = _first(HdrType.TO)
    cseq = _first(HdrType.CSEQ)
    from_ = _first(HdrType.FROM)
    contact = _first(HdrType.CONTACT)
    maxforwards = _first(HdrType.MAXFORWARDS)
    route = _first(HdrType.ROUTE)
    record_route = _first(HdrType.RECORDROUTE)
    path = _first(HdrType.PATH)
    content_type = _first(HdrType.CONTENTTYPE)
    content_length = _first(HdrType.CONTENTLENGTH)
    content_disposition = _first(HdrType.CONTENTDISPOSITION)
    authorization = _first(HdrType.AUTHORIZATION)
    proxy_auth = _first(HdrType.PROXYAUTH)
    www_authenticate = _first(HdrType.WWW_AUTHENTICATE)
    proxy_authenticate = _first(HdrType.PROXY_AUTHENTICATE)
    expires = _first(HdrType.EXPIRES)
    min_expires = _first(HdrType.MIN_EXPIRES)
    supported = _first(HdrType.SUPPORTED)
    require = _first(HdrType.REQUIRE)
    proxy_require = _first(HdrType.PROXYREQUIRE)
    unsupported = _first(HdrType.UNSUPPORTED)
    allow = _first(HdrType.ALLOW)
    event = _first(HdrType.EVENT)
    subscription_state = _first(HdrType.SUBSCRIPTION_STATE)
    sipifmatch = _first(HdrType.SIPIFMATCH)
    accept = _first(HdrType.ACCEPT)
    accept_language = _first(HdrType.ACCEPTLANGUAGE)
    accept_disposition = _first(b"Accept-Disposition")
    organization = _first(HdrType.ORGANIZATION)
    priority = _first(HdrType.PRIORITY)
    subject = _first(HdrType.SUBJECT)
    user_agent = _first(HdrType.USERAGENT)
    server = _first(HdrType.SERVER)
    date = _first(HdrType.DATE)
    retry_after = _first(HdrType.RETRY_AFTER)
    diversion = _first(HdrType.DIVERSION)
    rpid = _first(HdrType.RPID)
    refer_to = _first(HdrType.REFER_TO)
    session_expires = _first(HdrType.SESSIONEXPIRES)
    min_se = _first(HdrType.MIN_SE)
    ppi = _first(HdrType.PPI)
    pai = _first(HdrType.PAI)
    privacy = _first(HdrType.PRIVACY)
    identity = _first(HdrType.IDENTITY)
    identity_info = _first(HdrType.IDENTITY_INFO)

    new_uri = _text(lib.KH_EDP_NEW_URI)
    dst_uri = _text(lib.KH_EDP_DST_URI)
    path_vec = _text(lib.KH_EDP_PATH)
    set_global_address = _text(lib.KH_EDP_ADV_HOST)
    set_global_port = _text(lib.KH_EDP_ADV_PORT)
    instance = _text(lib.KH_EDP_INSTANCE)
    ruid = _text(lib.KH_EDP_RUID)
    location_ua = _text(lib.KH_EDP_LOCATION_UA)

    @property
    def id(self) -> int:
        """Number of the message in this process."""
        return self.msg.c.id

    @property
    def first_line(self) -> MsgStart:
        return first_line(self.msg)

    @property
    def via1(self) -> ViaBody | None:
        """The topmost Via value; None when it is missing or malformed."""
        return parse_via(self.msg.via1) if self.msg.via1 and not self.msg.bad & lib.KH_BAD_VIA else None

    @property
    def via2(self) -> ViaBody | None:
        """The second Via value, in the same header or the next."""
        return parse_via(self.msg.via2) if self.msg.via2 else None

    @property
    def h_via2(self) -> HdrField | None:
        """The second Via header line."""
        return first_hdr(self.msg, HdrType.VIA, 1)

    @property
    def headers(self) -> list[HdrField]:
        return list(hdr_fields(self.msg))

    @property
    def last_header(self) -> HdrField | None:
        return last_header(self.msg)

    @property
    def parsed_flag(self) -> int:
        return parsed_flag(self.msg)

    @property
    def sdp(self) -> Session | None:
        """Raises BadHeader."""
        return sdp_of(self.msg)

    body = sdp  # its name since 5.6

    @property
    def eoh(self) -> int:
        """Offset of the empty line."""
        return self.msg.seen.eoh

    unparsed = eoh  # all headers are indexed when a message arrives

    @property
    def rcv(self) -> ReceiveInfo:
        return self.msg.rcv

    @property
    def buf(self) -> bytes:
        return self.msg.buf

    @property
    def len(self) -> int:
        return self.msg.seen.len

    @property
    def parsed_uri(self) -> SipUri:
        """The current Request-URI; raises BadUri."""
        return parse_uri(self.msg.ruri or b"")

    @property
    def parsed_orig_ruri(self) -> SipUri:
        """The Request-URI as received; raises BadUri."""
        return parse_uri(self.msg.orig_uri or b"")

    @property
    def flags(self) -> int:
        """Script flags 0 to 31."""
        return self.msg.flags

    @property
    def xflags(self) -> int:
        """Script flags of setxflag()."""
        return self.msg.xflags

    @property
    def msg_flags(self) -> int:
        return self.msg.msg_flags

    @property
    def add_rm(self) -> Any:
        """The edits (kh_edits): src/edit/lump.h, core/msg/lumps.py."""
        return self.msg.edits

    @property
    def reg_id(self) -> int:
        return self.msg.edits.reg_id

    @property
    def force_send_socket(self) -> int | None:
        """Index of the forced socket; None when none is."""
        number = self.msg.edits.sock
        return None if number == lib.KH_NO_SOCK else number


def sip_msg(msg: SipMsg) -> SipMsgFields:
    """The view of a message by the guide's names."""
    return SipMsgFields(msg)
