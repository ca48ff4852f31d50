"""From a profile to the ssl.SSLContext of its connections.

A context is made before the fork, while the rights of root may still be needed to read a private key, and is inherited
by every receiver; its ticket keys are then the same in all of them.
"""

import os
import ssl
import warnings
from collections.abc import Callable
from typing import Any

from ...cfg.errors import ConfigError
from . import unverified
from .methods import refused, set_method
from .profile import CERTIFICATE_FILE, Profile, Role, VerifyClient, find_file

ALL_CIPHERS = "DEFAULT"  # what OpenSSL offers by itself; Python's own list is shorter than old phones need
VERIFY = {
    VerifyClient.OFF: ssl.CERT_NONE,
    VerifyClient.ON: ssl.CERT_REQUIRED,
    VerifyClient.OPTIONAL: ssl.CERT_OPTIONAL,
    VerifyClient.OPTIONAL_NO_CA: ssl.CERT_OPTIONAL,
}


def make_context(profile: Profile, folder: str, session_cache: bool, renegotiation: bool) -> ssl.SSLContext:
    """A new context; ConfigError that points into tls.cfg. `folder` is where relative files are looked for."""
    server = profile.role is Role.SERVER
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # Kamailio's rule: a certificate is good when a known authority signed it
    _set(profile, "method", _set_versions, context, profile, server)
    if not renegotiation:
        context.options |= ssl.OP_NO_RENEGOTIATION
    if server and not session_cache:
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
    _own_certificate(context, profile, folder)
    _authorities(context, profile, folder)
    if not profile.judges_later:
        context.verify_mode = VERIFY[profile.asks]
    elif unverified.AVAILABLE:
        unverified.let_all_in(context, VERIFY[profile.asks])
    else:
        context.verify_mode = ssl.CERT_NONE
    return context


def _set(profile: Profile, key: str, function: Callable[..., Any], *args: Any) -> None:
    """Call what sets a key of the profile; its errors become a ConfigError at the key's place."""
    try:
        function(*args)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise ConfigError(
            f"[{profile}] {key}: {reason(error)}", profile.where.get(key) or profile.where.get("")
        ) from None


def reason(error: Exception) -> str:
    """What an error of files or of OpenSSL says, in short."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).lower().replace("_", " ")
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _set_versions(context: ssl.SSLContext, profile: Profile, server: bool) -> None:
    """method and cipher_list, which may exclude one another: then no handshake could ever succeed."""
    contexts = [context]
    if server:  # what a client with the same could offer is what can be used
        contexts.append(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        contexts[-1].check_hostname = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of TLS 1.0 and 1.1: the user asked for it
        for each in contexts:
            set_method(each, profile.method)
            _set(profile, "cipher_list", _set_ciphers, each, profile.cipher_list or ALL_CIPHERS)
    why = refused(contexts[-1], profile.method)
    if why:
        raise ValueError(why)


def _set_ciphers(context: ssl.SSLContext, ciphers: str) -> None:
    try:
        context.set_ciphers(ciphers)
    except ssl.SSLError:
        raise ValueError(f'"{ciphers}" names no cipher that OpenSSL has') from None


def _own_certificate(context: ssl.SSLContext, profile: Profile, folder: str) -> None:
    """Certificate (with its chain) and key; a client profile may have none."""
    name = profile.certificate or (CERTIFICATE_FILE if profile.role is Role.SERVER else "")
    if not name and not profile.private_key:
        return
    certificate = find_file(name or profile.private_key, folder)
    key = find_file(profile.private_key or name, folder)
    for file, field in ((certificate, "certificate"), (key, "private_key")):
        _set(profile, field, _check_readable, file)
    _set(profile, "private_key", context.load_cert_chain, certificate, key, _no_password)


def _no_password() -> str:
    raise ValueError("the private key is encrypted; a server that starts by itself cannot ask for the password")


def _check_readable(path: str) -> None:
    """Says which file it is: OpenSSL's own errors do not."""
    with open(path, "rb"):
        pass


def _authorities(context: ssl.SSLContext, profile: Profile, folder: str) -> None:
    """Whose signatures are believed, and what they have taken back."""
    if profile.ca_list:
        _set(profile, "ca_list", _load_list, context, find_file(profile.ca_list, folder))
    if profile.ca_path:
        _set(profile, "ca_path", _load_folder, context, find_file(profile.ca_path, folder))
    if profile.crl:
        _set(profile, "crl", _load_list, context, find_file(profile.crl, folder))
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN


def _load_list(context: ssl.SSLContext, path: str) -> None:
    _check_readable(path)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        raise ValueError(f"{path}: {reason(error)}") from None


def _load_folder(context: ssl.SSLContext, path: str) -> None:
    if not os.path.isdir(path):
        raise ValueError(f"{path} is no folder")
    context.load_verify_locations(capath=path)
