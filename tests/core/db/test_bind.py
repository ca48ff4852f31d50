"""A URL finds its driver among the loaded modules."""

import pytest

from kahea.core import loader
from kahea.core.db import DbCap, SqlConnection, db_bind_mod
from kahea.core.errors import ModuleError


def test_driver_that_is_not_loaded_is_named(sqlite: SqlConnection) -> None:
    with pytest.raises(ModuleError, match=r'loadmodule "db_mysql.so"'):
        db_bind_mod(b"mysql://kamailio:kamailiorw@localhost/kamailio")


def test_what_is_no_url(sqlite: SqlConnection) -> None:
    with pytest.raises(ModuleError, match="not the URL of a database"):
        db_bind_mod(b"sqlite:/x")


def test_driver_by_its_name_and_its_capabilities(sqlite: SqlConnection) -> None:
    dbf = db_bind_mod("sqlite")
    assert dbf.has(DbCap.ALL) and dbf.has(DbCap.FETCH | DbCap.AFFECTED_ROWS)
    with pytest.raises(ValueError):
        dbf.init("sqlite://host/path")


def test_module_that_is_no_driver(sqlite: SqlConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kahea.core.db.bind.bind_api", lambda name: object())
    with pytest.raises(ModuleError, match="is not a driver"):
        db_bind_mod(b"sqlite:///x")


def test_module_without_an_api(sqlite: SqlConnection) -> None:
    loader.load_module("maxfwd")
    with pytest.raises(ModuleError):
        loader.bind_api("maxfwd")
