"""The devel guide's parser functions by their names (chapter 6): what they read of a message.

In C each fills a field of the message and says how it went by its return value; here each returns the value, None for
what is not there, and raises a ParseError for what is malformed. Nothing is parsed twice.
"""

from .body import get_msg_body, sdp_of
from .headers.content_type import MediaType
from .headers.cseq import CSeqBody
from .headers.nameaddr import ToBody
from .headers.table import parsed_header, parsed_values
from .msg import SipMsg
from .uri import SipUri, parse_uri


def parse_from_header(msg: SipMsg) -> ToBody | None:
    """Raises BadHeader, whose `status` is 400."""
    return parsed_header(msg, b"From")


def parse_to_header(msg: SipMsg) -> ToBody | None:
    """Raises BadHeader."""
    return parsed_header(msg, b"To")


get_from, get_to = parse_from_header, parse_to_header


def _uri_of(body: ToBody | None) -> SipUri | None:
    return None if body is None else body.parsed_uri


def parse_from_uri(msg: SipMsg) -> SipUri | None:
    """Raises BadHeader, BadUri."""
    return _uri_of(parse_from_header(msg))


def parse_to_uri(msg: SipMsg) -> SipUri | None:
    """Raises BadHeader, BadUri."""
    return _uri_of(parse_to_header(msg))


def get_cseq(msg: SipMsg) -> CSeqBody | None:
    """Raises BadHeader."""
    return parsed_header(msg, b"CSeq")


def parse_sip_msg_uri(msg: SipMsg) -> SipUri | None:
    """The Request-URI as it stands, rewritten or not; None in a reply; raises BadUri."""
    uri = msg.ruri
    return None if uri is None else parse_uri(uri)


def parse_orig_ruri(msg: SipMsg) -> SipUri | None:
    """The Request-URI as received; None in a reply; raises BadUri."""
    uri = msg.orig_uri
    return None if uri is None else parse_uri(uri)


def parse_allow(msg: SipMsg) -> tuple[bytes, ...]:
    """The methods of all Allow headers; raises BadHeader. `methods.parse_methods` makes bits of them."""
    return parsed_values(msg, b"Allow")


def parse_supported(msg: SipMsg) -> tuple[bytes, ...]:
    """The option tags of all Supported headers; raises BadHeader."""
    return parsed_values(msg, b"Supported")


def parse_require(msg: SipMsg) -> tuple[bytes, ...]:
    """The option tags of all Require headers; raises BadHeader."""
    return parsed_values(msg, b"Require")


def parse_proxy_require(msg: SipMsg) -> tuple[bytes, ...]:
    """The option tags of all Proxy-Require headers; raises BadHeader."""
    return parsed_values(msg, b"Proxy-Require")


def parse_accept_hdr(msg: SipMsg) -> tuple[MediaType, ...]:
    """The media types of all Accept headers; raises BadHeader."""
    return parsed_values(msg, b"Accept")


def parse_content_type_hdr(msg: SipMsg) -> MediaType | None:
    """Raises BadHeader; `.number` is the guide's type << 16 | subtype."""
    return parsed_header(msg, b"Content-Type")


def parse_pai_header(msg: SipMsg) -> tuple[ToBody, ...]:
    """P-Asserted-Identity, all headers; raises BadHeader."""
    return parsed_values(msg, b"P-Asserted-Identity")


def parse_ppi_header(msg: SipMsg) -> tuple[ToBody, ...]:
    """P-Preferred-Identity, all headers; raises BadHeader."""
    return parsed_values(msg, b"P-Preferred-Identity")


def parse_rpid_header(msg: SipMsg) -> tuple[ToBody, ...]:
    """Remote-Party-ID, all headers; raises BadHeader."""
    return parsed_values(msg, b"Remote-Party-ID")


def parse_diversion_header(msg: SipMsg) -> tuple[ToBody, ...]:
    """Diversion, all headers, the last diversion first; raises BadHeader."""
    return parsed_values(msg, b"Diversion")


def parse_refer_to_header(msg: SipMsg) -> ToBody | None:
    """Raises BadHeader."""
    return parsed_header(msg, b"Refer-To")


def get_content_length(msg: SipMsg) -> int | None:
    """As the header says; None when absent or malformed."""
    return msg.content_length


get_body = get_msg_body
parse_sdp = sdp_of


def reply_class(msg: SipMsg) -> int:
    """REPLY_CLASS: 1 to 6; 0 in a request."""
    return msg.status // 100


def get_ruri(msg: SipMsg) -> bytes | None:
    """GET_RURI: the Request-URI as it stands."""
    return msg.ruri


def get_next_hop(msg: SipMsg) -> bytes | None:
    """GET_NEXT_HOP: dst_uri, else the Request-URI."""
    return msg.next_hop
