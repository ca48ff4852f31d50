"""What to tell the sender of a malformed message: from the kernel's `bad` bits to a status code and reason."""

from ..src.native import lib

# In this order: the first that applies names the reply.
_FAULTS = (
    (lib.KH_BAD_VERSION, 505, b"Version Not Supported"),
    (lib.KH_BAD_TOO_MANY, 513, b"Message Too Large"),
    (lib.KH_BAD_FLINE, 400, b"Bad Request Line"),
    (lib.KH_BAD_URI, 400, b"Bad Request-URI"),
    (lib.KH_BAD_VIA, 400, b"Bad Via"),
    (lib.KH_BAD_VIA2, 400, b"Bad Via"),
    (lib.KH_BAD_FROM, 400, b"Bad From"),
    (lib.KH_BAD_TO, 400, b"Bad To"),
    (lib.KH_BAD_CALLID, 400, b"Bad Call-ID"),
    (lib.KH_BAD_CSEQ, 400, b"Bad CSeq"),
    (lib.KH_BAD_METHOD, 400, b"CSeq Names Another Method"),
    (lib.KH_BAD_CLEN, 400, b"Bad Content-Length"),
    (lib.KH_BAD_MAXFWD, 400, b"Bad Max-Forwards"),
    (lib.KH_BAD_ROUTE, 400, b"Bad Route"),
    (lib.KH_BAD_STRICT, 400, b"Bad Syntax"),
    (lib.KH_BAD_EOH, 400, b"Truncated Message"),
    (lib.KH_BAD_CONTACT, 400, b"Bad Contact"),
    (lib.KH_BAD_RR, 400, b"Bad Record-Route"),
    (lib.KH_BAD_EXPIRES, 400, b"Bad Expires"),
    (lib.KH_BAD_HEADER, 400, b"Bad Header"),
)


def fault(bad: int) -> tuple[int, bytes] | None:
    """(status, reason) for `bad` bits; None when nothing is malformed. A request that is only unfit in a header that a
    proxy need not understand has no bit in lib.KH_BAD_VITAL; whether to refuse it is the caller's choice."""
    for bit, status, reason in _FAULTS:
        if bad & bit:
            return status, reason
    return None
