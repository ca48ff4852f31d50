"""All profiles with their contexts, and the choice of one for a connection; how they are loaded and loaded again.

A process keeps what it loaded (or inherited) until it makes a connection after somebody has called `tls.reload`: then
it reads the files again. Connections that exist keep the context they were made with.
"""

import mmap
import os
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...cfg.errors import ConfigError
from ...core.errors import ModuleError
from ...core.log import logger
from ...core.script import script
from .config import KEYS, read_config, refuse_doubles
from .context import make_context, reason
from .openser import apply_params, profiles_of
from .profile import ANY, CERTIFICATE_FILE, DEFAULT, Profile, Role, find_file
from .settings import given, settings

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """A profile that connections can be made with. `certificate` is our own, PEM, empty when we have none."""

    profile: Profile
    context: ssl.SSLContext
    certificate: bytes


class Profiles:
    """What one load made. ConfigError when any profile cannot be used."""

    def __init__(self, profiles: Iterable[Profile], folder: str) -> None:
        wanted = list(profiles)
        for role in Role:
            if not any(each.role is role and each.place == DEFAULT for each in wanted):
                wanted.append(Profile(role))
        self.all = [self._ready(profile, folder) for profile in wanted]

    @staticmethod
    def _ready(profile: Profile, folder: str) -> Ready:
        context = make_context(profile, folder, bool(settings.session_cache), bool(settings.renegotiation))
        name = profile.certificate or (CERTIFICATE_FILE if profile.role is Role.SERVER else profile.private_key)
        return Ready(profile, context, _first_certificate(find_file(name, folder)) if name else b"")

    def server(self, ip: str, port: int, name: str | None) -> Ready:
        """For a connection that came in on this address of ours; `name` is the one that the client asked for."""
        return self._choose(Role.SERVER, ip, port, name)

    def client(self, ip: str, port: int, server_id: str, name: str | None) -> Ready:
        """For a connection to this address; a server_id goes before everything else."""
        if server_id:
            for each in reversed(self.all):
                if each.profile.role is Role.CLIENT and each.profile.server_id == server_id:
                    return each
        return self._choose(Role.CLIENT, ip, port, name)

    def _choose(self, role: Role, ip: str, port: int, name: str | None) -> Ready:
        """The most specific: address with name, address, name alone, default; of equals the last in the file.

        Where the other side names nothing, a profile of its address is right whatever name it has.
        """
        mine = [each for each in reversed(self.all) if each.profile.role is role]
        here = [each for each in mine if each.profile.place == ip and each.profile.port in (port, 0)]
        anywhere = [each for each in mine if each.profile.place == ANY]
        for found in (
            _named(here, name),
            next((each for each in here if not each.profile.server_name), None),
            here[0] if here and name is None else None,
            _named(anywhere, name),
        ):
            if found is not None:
                return found
        return next(each for each in mine if each.profile.place == DEFAULT)


def _named(profiles: list[Ready], name: str | None) -> Ready | None:
    """The first that has a name which stands for this one."""
    if name is None:
        return None
    return next((each for each in profiles if each.profile.server_name and each.profile.fits_name(name)), None)


def _first_certificate(path: str) -> bytes:
    """The first certificate of a PEM file: ours, before those of its chain. b"" when it cannot be cut out."""
    with open(path, "rb") as file:
        _, begin, rest = file.read().partition(b"-----BEGIN CERTIFICATE-----")
    body, end, _ = rest.partition(b"-----END CERTIFICATE-----")
    return begin + body + end + b"\n" if end else b""


class Store:
    """The profiles in use; one a process. The generation, in memory that all share, says when to load again."""

    def __init__(self) -> None:
        self._shared = memoryview(mmap.mmap(-1, 8)).cast("q")  # anonymous: children inherit it
        self._loaded = 0
        self._current: Profiles | None = None
        self.folder = ""  # of the configuration file
        self.check: Callable[[Profiles], None] = lambda profiles: None  # raises when the server cannot use them

    def read(self) -> list[Profile]:
        """What the configuration says, without the files that it names. ConfigError; ModuleError: no tls.cfg."""
        if not settings.config:
            return self._without_file()
        try:
            return read_config(find_file(os.fsdecode(settings.config), self.folder))
        except OSError as error:
            raise ModuleError(f"config: {reason(error)}") from None

    def load(self) -> Profiles:
        """Read everything anew, without taking it into use. ConfigError, ModuleError."""
        profiles = Profiles(self.read(), self.folder)
        self.check(profiles)
        return profiles

    def _without_file(self) -> list[Profile]:
        """Of the module's parameters, and of what OpenSER's names say."""
        defaults = [Profile(role) for role in Role]
        for profile in defaults:
            apply_params(script.params, profile)
            for key, value in given.items():
                setattr(profile, KEYS[key][0], value)
        found = [*defaults, *profiles_of(script.sections)]
        refuse_doubles(found)
        return found

    def start(self) -> None:
        """Main process, before the fork."""
        self._current = self.load()

    def reload(self) -> None:
        """Any process: if all is well, it and the others use what the files say now. ConfigError, ModuleError."""
        self._current = self.load()
        self._shared[0] += 1
        self._loaded = self._shared[0]

    @property
    def current(self) -> Profiles:
        """What a new connection is made with."""
        assert self._current is not None, "the module is not started"
        if self._loaded != self._shared[0]:
            self._loaded = self._shared[0]
            try:
                self._current = self.load()
            except (ConfigError, ModuleError) as error:  # it was good a moment ago, elsewhere
                log.error("the former TLS profiles stay in use: %s", error)
        return self._current


store = Store()
