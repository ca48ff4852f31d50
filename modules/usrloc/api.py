"""What other modules get from `bind_api("usrloc")`."""

from collections.abc import Callable
from dataclasses import dataclass

from .callbacks import Callback, callbacks
from .domain import Domain, find_domain, known_domain
from .settings import settings
from .socket_names import socket_index, socket_text


@dataclass(frozen=True, slots=True)
class UsrlocApi:
    """`find_domain` while the configuration loads, `known_domain` at run time, `register` before the fork."""

    find_domain: Callable[[bytes], Domain]
    known_domain: Callable[[bytes], Domain | None]
    register: Callable[[int, Callback], None]  # register_ulcb of the guide
    use_domain: Callable[[], bool]
    socket_text: Callable[[int], bytes]
    socket_index: Callable[[bytes], int | None]


def use_domain() -> bool:
    """Whether an AoR is user@domain."""
    return bool(settings.use_domain)


api = UsrlocApi(find_domain, known_domain, callbacks.register, use_domain, socket_text, socket_index)
