"""The answer of a server to OPTIONS (RFC 3261 11.2)."""

from ...core import loader
from ...parser.methods import Method
from ...parser.msg import SipMsg
from ...parser.uri import try_parse_uri
from ...src.native import lib
from .settings import settings


def options_reply(msg: SipMsg) -> int:
    """200 with what this server supports, for OPTIONS without a user in the Request-URI; -1 for anything else."""
    uri = try_parse_uri(msg.ruri)
    if msg.method != Method.OPTIONS or uri is None or uri.user:
        return -1
    lines = (
        (b"Accept", settings.options_accept),
        (b"Accept-Encoding", settings.options_accept_encoding),
        (b"Accept-Language", settings.options_accept_language),
        (b"Supported", settings.options_support),
    )
    text = b"".join(b"%s: %s\r\n" % line for line in lines)
    if lib.kh_reply_lump(msg.edits, lib.KH_RPL_HDR, text, len(text)) < 0:
        return -1
    return int(loader.bind_api("sl").send_reply(msg, 200, b"OK"))
