"""Certificates that are looked at whatever comes of it: `verify_client=optional_no_ca`, and peers of outgoing
connections that need not be verified. The connection is let in, and the script can ask what was wrong.

Python's ssl either refuses a certificate or does not ask for it. OpenSSL has a third way, a callback of
SSL_CTX_set_verify; it is set here through ctypes, on the SSL_CTX that a Python context holds behind its head. So it is
in CPython 3.11 to 3.14; elsewhere `AVAILABLE` is False, and no certificate is asked for.
"""

import ctypes
import ssl
import sys
import sysconfig
from typing import Any

# X509_V_ERR_...
OK, EXPIRED, SELF_SIGNED, SELF_SIGNED_IN_CHAIN, REVOKED = 0, 10, 18, 19, 23
_ASK = {ssl.CERT_NONE: 0, ssl.CERT_OPTIONAL: 1}  # SSL_VERIFY_...


class State:
    """Of this process."""

    error = OK  # the first that was found since somebody set it to OK: there is one handshake in hand at a time


def _library() -> Any:
    """The libssl that Python's ssl uses; None when it cannot be had."""
    known = sys.implementation.name == "cpython" and (3, 11) <= sys.version_info < (3, 15)
    if not known or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return None
    import _ssl

    try:
        found = ctypes.CDLL(getattr(_ssl, "__file__", None))
        found.SSL_CTX_set_verify.argtypes = (ctypes.c_void_p, ctypes.c_int, _CALLBACK)
        found.SSL_CTX_set_verify.restype = None
        found.SSL_CTX_get_verify_mode.argtypes = (ctypes.c_void_p,)
        found.X509_STORE_CTX_get_error.argtypes = (ctypes.c_void_p,)
    except (OSError, AttributeError):
        return None
    return found


def _look(ok: int, store: int) -> int:
    """OpenSSL asks about a certificate of the chain: go on, whatever is wrong with it."""
    if not ok and State.error == OK:
        State.error = int(_libssl.X509_STORE_CTX_get_error(store))
    return 1


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
_callback = _CALLBACK(_look)  # kept: OpenSSL has its address
_libssl = _library()
AVAILABLE = _libssl is not None


def let_all_in(context: ssl.SSLContext, mode: ssl.VerifyMode) -> None:
    """Connections of this context: what is wrong with the peer's certificate goes to State.error and stops nothing.

    `mode`: CERT_OPTIONAL asks a client for one; CERT_NONE is for contexts of clients, where servers show one unasked.
    """
    context.verify_mode = mode
    pointer = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
    if _libssl.SSL_CTX_get_verify_mode(pointer) != _ASK[mode]:
        raise ValueError("this Python keeps its contexts another way")
    _libssl.SSL_CTX_set_verify(pointer, _ASK[mode], _callback)
