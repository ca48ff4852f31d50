"""`tls_method`: a name for a range of versions of the protocol.

A `+` means "or newer". SSLv2 and SSLv3 are known by name and refused: OpenSSL has neither any more.
"""

import ssl
from ssl import TLSVersion

OLDEST, NEWEST = TLSVersion.MINIMUM_SUPPORTED, TLSVersion.MAXIMUM_SUPPORTED

METHODS: dict[str, tuple[TLSVersion, TLSVersion] | None] = {
    "TLSv1.3+": (TLSVersion.TLSv1_3, NEWEST),
    "TLSv1.3": (TLSVersion.TLSv1_3, TLSVersion.TLSv1_3),
    "TLSv1.2+": (TLSVersion.TLSv1_2, NEWEST),
    "TLSv1.2": (TLSVersion.TLSv1_2, TLSVersion.TLSv1_2),
    "TLSv1.1+": (TLSVersion.TLSv1_1, NEWEST),
    "TLSv1.1": (TLSVersion.TLSv1_1, TLSVersion.TLSv1_1),
    "TLSv1+": (TLSVersion.TLSv1, NEWEST),
    "TLSv1": (TLSVersion.TLSv1, TLSVersion.TLSv1),
    "SSLv23": (OLDEST, NEWEST),
    "SSLv3": None,
    "SSLv2": None,
}


def set_method(context: ssl.SSLContext, method: str) -> None:
    """Allow these versions and no others; ValueError for what this OpenSSL does not speak."""
    versions = METHODS[method]
    if versions is None:
        raise ValueError(f"{method} is not spoken by {ssl.OPENSSL_VERSION}; TLSv1.2+ is")
    context.minimum_version, context.maximum_version = versions


def refused(context: ssl.SSLContext, method: str) -> str:
    """Why no connection could ever use the method with these ciphers; "" when one can. `context` is a client's."""
    what, other = f"{method} cannot be used with {ssl.OPENSSL_VERSION}", "TLSv1.2+ can"
    if context.maximum_version in (TLSVersion.TLSv1, TLSVersion.TLSv1_1) and context.security_level > 0:
        return f"{what} at security level {context.security_level} (a cipher_list with @SECLEVEL=0 lowers it); {other}"
    try:
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO()).do_handshake()
    except ssl.SSLWantReadError:
        return ""
    except ssl.SSLError as error:
        return f"{what} and these ciphers: {(error.reason or '').lower().replace('_', ' ')}; {other}"
    return ""
