"""A database of SQLite in a file of the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.core import loader
from kahea.core.db import SqlConnection, db_bind_mod


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqlConnection]:
    loader.unload_all()
    loader.load_module("db_sqlite")
    url = f"sqlite:///{tmp_path}/test.sqlite"
    con = db_bind_mod(url).init(url)
    yield con
    con.close()
    loader.unload_all()
