"""`SipMsg`: a message as Python sees it, one object a worker, reused for message after message.

The kernel has parsed all of it into a kh_msg (src/parse/msg.h) before Python is called. `facts` tells the most common
things in one int; every other value is fetched when first asked for and kept until the next message. Values are
`bytes` (slices copied out of the message), `int`, or None for what is not there.
"""

from collections.abc import Iterator
from typing import Any

from ..src.native import ffi, lib
from .errors import BadMessage
from .receive_info import ReceiveInfo, unpack_receive_info, write_receive_info

_field, _hdr, _hdr_name = lib.kh_msg_field, lib.kh_msg_hdr, lib.kh_msg_hdr_name
_unpack, _facts, _text_get = ffi.unpack, lib.kh_msg_facts, lib.kh_text_get
_NEW_URI, _DST_URI = lib.KH_EDP_NEW_URI, lib.KH_EDP_DST_URI
_RCV_SIZE = ffi.sizeof("kh_rcv")
_REQUEST, _REPLY, _STATUS_SHIFT = lib.KH_F_REQUEST, lib.KH_F_REPLY, lib.KH_F_STATUS_SHIFT
_METHOD, _STATUS = (1 << lib.KH_F_STATUS_SHIFT) - 1, 1023
_BUF, _RCV = -1, "rcv"  # keys of the cache beside the field numbers


def _part(number: int, doc: str) -> property:
    """A property: a part of the message as bytes, or None."""

    def get(self: "SipMsg") -> bytes | None:
        cache = self.cache
        if number in cache:
            return cache[number]
        packed = _field(self.seen, number)
        if packed < 0:
            value = None
        else:
            off = packed >> 16
            value = self.buf[off : off + (packed & 0xFFFF)]
        cache[number] = value
        return value

    return property(get, doc=doc)


class SipMsg:
    """The devel guide's `sip_msg`. Private to its process.

    `c` is the kh_msg as received, `edits` the kh_edits that records what is to change when the message is sent; both
    belong to whoever made the object. `seen` is the kh_msg that everything here reads, and in whose offsets edits
    count: `c` itself, unless edits are visible (visible.py). `cache` may be used by others: under a str for notes that
    last as long as the message, under a tuple for what they have read from it.
    """

    __slots__ = (  # noqa: RUF023 - in groups: what the message is, what the script did, what modules keep
        "c", "seen", "edits", "facts", "cache", "_keep", "_rcv_c", "_edits_data",
        "rc", "act", "flags", "xflags", "bflags", "msg_flags", "route_type", "avps", "xavps", "xavus", "xavis",
        "t", "reply_error", "branch_index",
    )  # fmt: skip

    def __init__(self, c: Any, edits: Any = None, keep: Any = None) -> None:
        self.c = self.seen = c
        self.edits = edits
        self._keep = keep  # what must live as long as this object: the buffer of a test's message
        self._rcv_c = ffi.cast("char *", ffi.addressof(c, "rcv"))
        self._edits_data = None if edits is None else ffi.cast("char *", ffi.addressof(edits, "data"))
        self.cache: dict[Any, Any] = {}
        self.facts = 0
        self.bflags: list[int] = [0]
        self.avps: dict[Any, Any] = {}
        self.xavps: dict[Any, Any] = {}
        self.xavus: dict[Any, Any] = {}
        self.xavis: dict[Any, Any] = {}
        self._reset_script()

    @classmethod
    def from_bytes(cls, data: bytes, rcv: ReceiveInfo | None = None) -> "SipMsg":
        """Parses a message that did not come from the network, with edits of its own; raises BadMessage."""
        c = ffi.new("kh_msg *")
        buf = ffi.new("char[]", data)
        rc = lib.kh_msg_parse(c, buf, len(data))
        if rc < 0:
            raise BadMessage("not a SIP message" if rc == lib.KH_EMALFORMED else f"longer than {lib.KH_MSG_MAX} bytes")
        write_receive_info(ffi.addressof(c, "rcv"), rcv or ReceiveInfo())
        edits = ffi.new("kh_edits *")
        lib.kh_edits_reset(edits)
        msg = cls(c, edits, buf)
        msg.facts = _facts(c)
        return msg

    def reset(self, facts: int = -1) -> None:
        """Call when the kh_msg holds a new message: forgets all that was cached and what the script had set.

        `facts`: kh_msg_facts of it, when the caller has them already.
        """
        self.facts = facts if facts >= 0 else _facts(self.c)
        if self.cache:
            self.cache.clear()
        if self.avps:
            self.avps = {}  # new, not cleared: a transaction may have taken the old one over
        if self.xavps:
            self.xavps = {}
        if self.xavus:
            self.xavus = {}
        if self.xavis:
            self.xavis = {}
        self._reset_script()

    def _reset_script(self) -> None:
        self.rc = 0
        self.act = 0
        self.flags = self.xflags = self.msg_flags = 0
        if self.bflags != [0]:
            self.bflags = [0]
        self.route_type = 0
        self.t: Any = None
        self.reply_error: Any = None
        self.branch_index = -1

    @property
    def id(self) -> int:
        """Number of the message in the process that received it, from 1; 0 when no network brought it."""
        number: int = self.c.id
        return number

    # first line

    @property
    def is_request(self) -> bool:
        return self.facts & _REQUEST != 0

    @property
    def is_reply(self) -> bool:
        return self.facts & _REPLY != 0

    @property
    def method(self) -> int:
        """Bit of the method; of a reply the one its CSeq names."""
        return self.facts & _METHOD

    @property
    def status(self) -> int:
        """100 to 699; 0 in a request."""
        return self.facts >> _STATUS_SHIFT & _STATUS

    @property
    def method_name(self) -> bytes:
        """As written; of a reply the one its CSeq names."""
        return (self.request_method if self.facts & _REQUEST else self.cseq_method) or b""

    request_method = _part(lib.KH_FLD_METHOD, "Method of the request line; None in a reply.")
    orig_uri = _part(lib.KH_FLD_URI, "Request-URI as received; None in a reply.")
    version = _part(lib.KH_FLD_VERSION, "SIP/2.0")
    status_text = _part(lib.KH_FLD_STATUS, "Status code as written; None in a request.")
    reason = _part(lib.KH_FLD_REASON, "Reason phrase; None in a request.")

    @property
    def ruri(self) -> bytes | None:
        """The Request-URI that the message will go out with: rewritten, or as received; None in a reply."""
        return self.edit_text(_NEW_URI) or self.orig_uri

    @property
    def new_uri(self) -> bytes | None:
        """What the script has made of the Request-URI; None when it has not touched it."""
        return self.edit_text(_NEW_URI)

    @property
    def dst_uri(self) -> bytes | None:
        """The next hop that overrides the Request-URI ($du)."""
        return self.edit_text(_DST_URI)

    @property
    def next_hop(self) -> bytes | None:
        """dst_uri, else the Request-URI (the guide's GET_NEXT_HOP)."""
        return self.edit_text(_DST_URI) or self.ruri

    def edit_text(self, part: int) -> bytes | None:
        """A text that the script has set, by enum kh_ed_part; None when it has not."""
        edits = self.edits
        if edits is None:
            return None
        packed = _text_get(edits, part)
        if packed < 0:
            return None
        return _unpack(self._edits_data + (packed >> 32), packed & 0xFFFFFFFF)

    # hot headers

    callid = _part(lib.KH_FLD_CALLID, "Call-ID.")
    cseq_method = _part(lib.KH_FLD_CSEQ_METHOD, "Method that CSeq names.")
    from_ = _part(lib.KH_FLD_FROM, "From, whole value.")
    from_uri = _part(lib.KH_FLD_FROM_URI, "URI of From.")
    from_tag = _part(lib.KH_FLD_FROM_TAG, "Tag of From.")
    from_display = _part(lib.KH_FLD_FROM_DISPLAY, "Display name of From, with its quotes.")
    to = _part(lib.KH_FLD_TO, "To, whole value.")
    to_uri = _part(lib.KH_FLD_TO_URI, "URI of To.")
    to_tag = _part(lib.KH_FLD_TO_TAG, "Tag of To.")
    to_display = _part(lib.KH_FLD_TO_DISPLAY, "Display name of To, with its quotes.")
    contact = _part(lib.KH_FLD_CONTACT, "First Contact value.")
    contact_uri = _part(lib.KH_FLD_CONTACT_URI, "URI of the first Contact.")
    route = _part(lib.KH_FLD_ROUTE, "First Route value.")
    route_uri = _part(lib.KH_FLD_ROUTE_URI, "URI of the first Route.")
    record_route = _part(lib.KH_FLD_RR, "First Record-Route value.")
    record_route_uri = _part(lib.KH_FLD_RR_URI, "URI of the first Record-Route.")
    via1 = _part(lib.KH_FLD_VIA1, "Topmost Via value.")
    via1_host = _part(lib.KH_FLD_VIA1_HOST, "Host of its sent-by.")
    via1_branch = _part(lib.KH_FLD_VIA1_BRANCH, "Its branch parameter.")
    via2 = _part(lib.KH_FLD_VIA2, "Second Via value.")
    via2_host = _part(lib.KH_FLD_VIA2_HOST, "Host of its sent-by.")
    via2_branch = _part(lib.KH_FLD_VIA2_BRANCH, "Its branch parameter.")
    body = _part(lib.KH_FLD_BODY, "What Content-Length frames, without one the rest of the datagram; None when empty.")

    @property
    def cseq_num(self) -> int:
        return self.seen.cseq_num

    @property
    def max_forwards(self) -> int | None:
        """None when absent or malformed."""
        n = self.seen.maxfwd
        return None if n < 0 else n

    @property
    def content_length(self) -> int | None:
        """As written; None when absent or malformed."""
        n = self.seen.content_length
        return None if n < 0 else n

    @property
    def expires(self) -> int | None:
        """Of the Expires header, seconds; None when absent or malformed."""
        n = self.seen.expires
        return None if n < 0 else n

    @property
    def bad(self) -> int:
        """What is malformed: enum kh_bad."""
        return self.c.bad

    @property
    def content_type(self) -> bytes | None:
        return self.header(lib.KH_HDR_CONTENTTYPE)

    @property
    def user_agent(self) -> bytes | None:
        return self.header(lib.KH_HDR_USERAGENT)

    # everything

    @property
    def buf(self) -> bytes:
        """A copy of the whole message."""
        cache = self.cache
        if _BUF in cache:
            return cache[_BUF]
        c = self.seen
        value = cache[_BUF] = _unpack(c.buf, c.len)
        return value

    def received(self, off: int, size: int) -> bytes:
        """Bytes of the message as received, where spans that were noted from `c` point to."""
        return _unpack(self.c.buf + off, size)

    def header(self, name: bytes | int, index: int = 0) -> bytes | None:
        """Body of the index-th header of a name (any case, long or compact) or HDR type; negative: from the last."""
        packed = _hdr(self.seen, name, index) if isinstance(name, int) else _hdr_name(self.seen, name, len(name), index)
        if packed < 0:
            return None
        off = packed >> 16
        return self.buf[off : off + (packed & 0xFFFF)]

    def headers(self, name: bytes | int) -> list[bytes]:
        """Bodies of all headers of a name or type, in order."""
        found: list[bytes] = []
        while (value := self.header(name, len(found))) is not None:
            found.append(value)
        return found

    def all_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """(name as written, body) of every header line."""
        buf, hdr = self.buf, self.seen.hdr
        for i in range(self.seen.n_hdr):
            h = hdr[i]
            yield buf[h.off : h.off + h.name_len], buf[h.body_off : h.body_off + h.body_len]

    @property
    def rcv(self) -> ReceiveInfo:
        """Where the message came from."""
        cache = self.cache
        if _RCV in cache:
            return cache[_RCV]
        value = cache[_RCV] = unpack_receive_info(_unpack(self._rcv_c, _RCV_SIZE))
        return value


def parse_msg(buf: bytes) -> SipMsg:
    """The guide's parse_msg, for a message that did not come from the network; raises BadMessage."""
    return SipMsg.from_bytes(buf)
