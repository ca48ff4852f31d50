"""The message that a route block runs on when no message caused it: an OPTIONS that nobody sent."""

from typing import Any

from ...parser.msg import SipMsg

FAKED_ID = 0  # messages of the network have numbers from 1 on
FAKED = (
    b"OPTIONS sip:you@kamailio.org SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1\r\n"
    b"From: <sip:you@kamailio.org>;tag=faked\r\n"
    b"To: <sip:you@kamailio.org>\r\n"
    b"Call-ID: faked@127.0.0.1\r\n"
    b"CSeq: 1 OPTIONS\r\n"
    b"Content-Length: 0\r\n\r\n"
)


def faked_msg() -> Any:
    """A new one; its Request-URI is Kamailio's, since scripts ask for it."""
    return SipMsg.from_bytes(FAKED)
