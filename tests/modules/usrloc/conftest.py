"""A location table in shared memory of the test process, and one with a database."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kahea.core import loader
from kahea.core.db import SqlConnection, db_bind_mod
from kahea.core.db.schema import create
from kahea.modules.usrloc import callbacks, domain
from kahea.modules.usrloc.database import database
from kahea.modules.usrloc.settings import Settings, settings
from kahea.modules.usrloc.sync import Failures
from kahea.src.native import lib
from kahea.tests.support import shared

shared.attach()


@pytest.fixture
def location(monkeypatch: pytest.MonkeyPatch) -> Iterator[domain.Domain]:
    monkeypatch.setattr(domain, "_domains", {})
    monkeypatch.setattr(domain.Phase, "open", True)
    monkeypatch.setattr(domain.Phase, "frozen", False)
    monkeypatch.setattr(callbacks.callbacks, "listeners", [])
    settings.apply()
    made = domain.find_domain(b"location")
    made.table.clear()
    yield made
    lib.kh_ul_stop_clock(0)
    assert made.table.check() == 0
    made.table.clear()


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[SqlConnection]:
    """A database with the standard tables; a connection that is not usrloc's, set to `location`."""
    loader.unload_all()
    loader.load_module("db_sqlite")
    url = f"sqlite:///{tmp_path}/location.sqlite"
    con = db_bind_mod(url).init(url)
    create(con)
    con.use_table("location")
    yield con
    con.close()
    loader.unload_all()


@pytest.fixture
def stored(rows: SqlConnection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., domain.Domain]]:
    """Makes the domain `location` with that database: `stored(db_mode=1, use_domain=1)`."""
    for name, value in vars(Settings()).items():
        monkeypatch.setattr(settings, name, value)
    monkeypatch.setattr(domain, "_domains", {})
    monkeypatch.setattr(domain.Phase, "open", True)
    monkeypatch.setattr(domain.Phase, "frozen", False)
    monkeypatch.setattr(callbacks.callbacks, "listeners", [])
    monkeypatch.setattr(Failures, "next", 0.0)

    def make(**values: object) -> domain.Domain:
        for name, value in values.items():
            setattr(settings, name, value)
        settings.db_url = f"sqlite:///{rows.url.database}".encode()
        settings.apply()
        database.bind()
        made = domain.find_domain(b"location")
        made.watch()
        made.table.clear()
        return made

    yield make
    lib.kh_ul_stop_clock(0)
    for made in domain.domains():
        assert made.table.check() == 0
        made.table.clear()
    database.close()
    monkeypatch.undo()
    settings.apply()
