"""What goes wrong when bytes are read:

ParseError(ValueError)      a peer's fault; carries the SIP status to answer with
├── BadMessage              no SIP at all, or malformed where it matters
├── BadUri
└── BadHeader               the body of one header
"""


class ParseError(ValueError):
    """Malformed bytes. `status`: the SIP code to answer with; `code`: the devel guide's number for scripts."""

    status = 400
    code = -1


class BadMessage(ParseError):
    """The first line is not SIP's, or the message is too long."""


class BadUri(ParseError):
    """No URI of a known form (E_BAD_URI)."""

    code = -475


class BadHeader(ParseError):
    """A header's body is not what its grammar wants."""
