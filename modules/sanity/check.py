"""What is checked where: the kernel looks at the parsed message (src/parse/sanity.h), here are the checks that need
lists or digest syntax, and what each fault is answered with."""

from collections.abc import Callable

from ...parser.errors import BadHeader
from ...parser.headers.credentials import auth_scheme, missing_parts, parse_credentials
from ...parser.msg import SipMsg
from ...src.native import lib
from .reply import Fault, report
from .settings import settings

_sanity = lib.kh_sanity

FAULTS = {
    lib.KH_SF_VERSION: Fault(505, b"Version Not Supported"),
    lib.KH_SF_SCHEME: Fault(416, b"Unsupported URI Scheme"),
    lib.KH_SF_RURI: Fault(400, b"Bad Request URI"),
    lib.KH_SF_MISSING: Fault(400, b"Missing Required Header in Request"),
    lib.KH_SF_CSEQ_METHOD: Fault(400, b"CSeq method does not match request method"),
    lib.KH_SF_CSEQ_VALUE: Fault(400, b"CSeq number is illegal"),
    lib.KH_SF_CONTENT_LENGTH: Fault(400, b"Content-Length mis-match"),
    lib.KH_SF_EXPIRES: Fault(400, b"Expires value is illegal"),
    lib.KH_SF_FROM: Fault(400, b"Invalid From Header"),
    lib.KH_SF_TO: Fault(400, b"Invalid To Header"),
    lib.KH_SF_CONTACT: Fault(400, b"Bad Contact URI"),
    lib.KH_SF_FROM_TAGS: Fault(400, b"Many From Tag Params"),
    lib.KH_SF_TO_TAGS: Fault(400, b"Many To Tag Params"),
    lib.KH_SF_VIA1: Fault(400, b"Bad Via1 Header"),
}
BAD_CREDENTIALS = Fault(400, b"Bad Auth Credentials")
EMPTY_USER = Fault(400, b"Auth Empty User")


def sanity_check(msg: SipMsg, msg_checks: int | None = None, uri_checks: int | None = None) -> int:
    """1: sound. Else the error reply is sent (unless noreply), and 0 (autodrop) ends the script or -1 is returned."""
    found = _sanity(
        msg.c,
        settings.default_checks if msg_checks is None else msg_checks,
        settings.uri_checks if uri_checks is None else uri_checks,
    )
    return 1 if found == 0 else _judge(msg, found)


def specialise_check(*values: int) -> Callable[[SipMsg], int]:
    """The same with constant arguments: nothing is left to decide at each call but for the parameters' defaults."""
    if len(values) < 2:
        return lambda msg: sanity_check(msg, *values)
    msg_checks, uri_checks = values

    def check(msg: SipMsg) -> int:
        found = _sanity(msg.c, msg_checks, uri_checks)
        return 1 if found == 0 else _judge(msg, found)

    return check


def check_defaults_api(msg: SipMsg) -> int:
    """What `bind_api("sanity")` gives to other modules: the check with the module's parameters."""
    return sanity_check(msg)


def _judge(msg: SipMsg, found: int) -> int:
    """From a fault, or the checks that the kernel left to us, to the function's result."""
    fault = FAULTS[found] if found < 0 else _check_rest(msg, found)
    if fault is None:
        return 1
    report(msg, fault)
    return 0 if settings.autodrop else -1


def _check_rest(msg: SipMsg, checks: int) -> Fault | None:
    if checks & lib.KH_SN_PROXY_REQUIRE and (fault := _check_proxy_require(msg)):
        return fault
    if checks & lib.KH_SN_DIGEST:
        for body in msg.headers(lib.KH_HDR_AUTHORIZATION) + msg.headers(lib.KH_HDR_PROXYAUTH):
            if fault := _check_digest(body):
                return fault
    if checks & lib.KH_SN_AUTHORIZATION:
        for body in msg.headers(lib.KH_HDR_AUTHORIZATION):
            if auth_scheme(body) == b"digest" and (fault := _check_digest(body)):
                return fault
    return None


def _check_proxy_require(msg: SipMsg) -> Fault | None:
    """RFC 3261 16.3 step 5: 420 with what is not supported."""
    wanted = [tag.strip() for body in msg.headers(lib.KH_HDR_PROXYREQUIRE) for tag in body.split(b",")]
    unknown = [tag for tag in wanted if tag and tag.lower() not in settings.extensions]
    if not unknown:
        return None
    return Fault(420, b"Bad Proxy Require Extension", b"Unsupported: " + b", ".join(unknown) + b"\r\n")


def _check_digest(body: bytes) -> Fault | None:
    try:
        digest = parse_credentials(body)
    except BadHeader:
        return BAD_CREDENTIALS
    if missing_parts(digest):
        return BAD_CREDENTIALS
    return None if digest.user else EMPTY_USER
