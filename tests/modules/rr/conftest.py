"""Two listening addresses, as the recorded cases had, and the parameters back to their defaults."""

from collections.abc import Iterator
from dataclasses import fields

import pytest

from kahea.core.net.addr import make_addr
from kahea.modules.rr.settings import init, settings
from kahea.src.native import lib


@pytest.fixture(autouse=True)
def two_sockets() -> Iterator[None]:
    lib.kh_sock_clear()
    for port in (5060, 5070):
        lib.kh_sock_add(-1, make_addr(b"127.0.0.1", port), 0, b"", 0, b"")
    yield
    lib.kh_sock_clear()


@pytest.fixture(autouse=True)
def default_parameters() -> Iterator[None]:
    before = {field.name: getattr(settings, field.name) for field in fields(settings)}
    yield
    for name, value in before.items():
        setattr(settings, name, value)
    init()
