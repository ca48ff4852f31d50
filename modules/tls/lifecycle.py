"""Start of the module, and what may change while the server runs."""

import os
from functools import partial

from ...cfg.errors import ConfigError
from ...core import runtime
from ...core.errors import ModuleError
from ...core.log import logger
from ...core.net import sockets, transports
from ...core.net.addr import TLS
from ...core.script import script
from ...core.sr_module import Rank
from . import connections, unverified
from .profile import Role, VerifyClient
from .profiles import Profiles, store
from .server_id import label
from .settings import settings

log = logger(__name__)
FOR_EVER = 2**31 - 1  # seconds


def init() -> None:
    """Main process, with the rights of root: private keys are read here."""
    store.folder = os.path.dirname(os.path.abspath(script.path))
    about = "level of the line about each connection"
    runtime.declare("tls", "log", settings.log, about, partial(setattr, settings, "log"))
    if not served():
        log.warning("TLS is not served: set enable_tls=yes in the configuration")
        return
    store.check = refuse_unknown_sockets
    store.start()
    for sentence in remarks(store.current):
        log.notice("%s", sentence)
    register()
    if settings.xavp_cfg:
        transports.labels.append(label)


def served() -> bool:
    """Does the configuration want TLS?"""
    return bool(script.params.enable_tls and not script.params.disable_tcp)


def check() -> list[str]:
    """`kahea -c`: what is wrong with tls.cfg is an error, with the files that it names a warning, since who checks may
    not be who starts the server. ConfigError, ModuleError."""
    if not served():
        return []
    store.folder = os.path.dirname(os.path.abspath(script.path))
    found = store.read()
    try:
        return remarks(Profiles(found, store.folder))
    except ConfigError as error:
        return [error.message]


def register() -> None:
    """Offer the transport, or tell what has become of its idle time."""
    lifetime = settings.connection_timeout
    transports.register(TLS, connections.make, lifetime if lifetime > 0 else FOR_EVER)


def settled() -> None:
    """Each process: parameters were changed by cfg.set."""
    if TLS in transports.registered:
        register()


def remarks(profiles: Profiles) -> list[str]:
    """What is accepted and does less than it says."""
    found = settings.without_effect()
    for each in profiles.all:
        profile = each.profile
        if profile.asks is VerifyClient.OPTIONAL_NO_CA and not unverified.AVAILABLE:
            found.append(
                f"[{profile}] verify_client=optional_no_ca asks for no certificate: this Python has no way to it"
            )
        if (
            not profile.judges_later
            and profile.asks is not VerifyClient.OFF
            and not (profile.ca_list or profile.ca_path)
        ):
            found.append(f"[{profile}] verifies certificates, but neither ca_list nor ca_path names anybody to trust")
    return found


def refuse_unknown_sockets(profiles: Profiles) -> None:
    """A server profile for an address that nobody listens on is a mistake."""
    here = [(each.ip.decode(), each.port) for each in sockets.sockets() if each.proto == TLS]
    for each in profiles.all if sockets.sockets() else ():
        profile = each.profile
        if profile.role is Role.SERVER and profile.by_address and not _listens(profile.place, profile.port, here):
            raise ModuleError(f"[{profile}]: the server does not listen on tls:{str(profile).partition(':')[2]}")


def _listens(ip: str, port: int, here: list[tuple[str, int]]) -> bool:
    wildcard = "::" if ":" in ip else "0.0.0.0"
    return any(each in (ip, wildcard) and port in (its_port, 0) for each, its_port in here)


def child_init(rank: int) -> None:
    """Main process, the sockets open."""
    if rank == Rank.INIT and TLS in transports.registered:
        refuse_unknown_sockets(store.current)


def destroy() -> None:
    """Main process, at the end."""
    if label in transports.labels:
        transports.labels.remove(label)
    transports.unregister(TLS)
