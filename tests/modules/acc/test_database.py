"""Accounting to a database: the rows, and what a database that is gone does to calls."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kahea.tests.support.server import Server, ServerError, wait_until

from .calls import Phones
from .test_lines import HERE

COLUMNS = (
    "id INTEGER PRIMARY KEY NOT NULL, method VARCHAR(16) DEFAULT '' NOT NULL,"
    "from_tag VARCHAR(128) DEFAULT '' NOT NULL,"
    "to_tag VARCHAR(128) DEFAULT '' NOT NULL, callid VARCHAR(255) DEFAULT '' NOT NULL,"
    "sip_code VARCHAR(3) DEFAULT '' NOT NULL, sip_reason VARCHAR(128) DEFAULT '' NOT NULL, time DATETIME NOT NULL,"
    "user VARCHAR(64) DEFAULT 'unset', x VARCHAR(64) DEFAULT 'unset', time_attr, time_exten, src, dst"
)
JULIAN_1970 = 2440587.5
PARAMETERS = """
loadmodule "db_sqlite.so"
modparam("acc", "db_url", "sqlite:///%s")
modparam("acc", "db_flag", 1)
modparam("acc", "db_missed_flag", 2)
modparam("acc", "db_extra", "user=$rU;x=$hdr(X-Acc)")
modparam("acc", "log_flag", -1)
modparam("acc", "log_missed_flag", -1)
"""


class Accounts:
    """A server that accounts to a file."""

    def __init__(self, folder: Path, more: str = "", tables: tuple[str, ...] = ("acc", "missed_calls")) -> None:
        self.file = folder / "acc.sqlite"
        with sqlite3.connect(self.file) as db:
            for table in tables:
                db.execute(f"CREATE TABLE {table} ({COLUMNS})")
        db.close()
        text = (HERE / "acc.cfg").read_text()
        parameters = PARAMETERS % self.file + more
        text = text.replace('loadmodule "acc.so"\n', 'loadmodule "jsonrpcs.so"\nloadmodule "acc.so"\n')
        text = text.replace("request_route {", parameters + "request_route {", 1)
        self.server = Server(text, folder / "server", workers=None)
        self.server.start()

    def rows(self, count: int, columns: str, table: str = "acc") -> list[tuple[Any, ...]]:
        """All rows, when there are so many."""

        def read() -> list[tuple[Any, ...]]:
            with sqlite3.connect(self.file) as db:
                found = db.execute(f"SELECT {columns} FROM {table} ORDER BY id").fetchall()
            db.close()
            return found

        with contextlib.suppress(ServerError):  # the comparison shows it
            wait_until(lambda: len(read()) >= count, 2)
        return read()


@pytest.fixture
def phones(isolated: None) -> Iterator[Phones]:
    made = Phones()
    yield made
    made.close()


@pytest.fixture
def open_accounts(tmp_path: Path) -> Iterator[Any]:
    made: list[Accounts] = []

    def start(more: str = "", **options: Any) -> Accounts:
        made.append(Accounts(tmp_path, more, **options))
        return made[-1]

    yield start
    for accounts in made:
        accounts.server.close()
        assert "Traceback" not in accounts.server.log, accounts.server.log


def test_rows_of_calls(open_accounts: Any, phones: Phones) -> None:
    accounts = open_accounts()
    phones.answered("a", headers=('X-Acc: it\'s; a "value"',))
    phones.failed("amf")
    columns = "method, from_tag, to_tag, sip_code, sip_reason, user, x"
    assert accounts.rows(3, columns) == [
        ("INVITE", "at", "uas", "200", "Fine", "bob", 'it\'s; a "value"'),
        ("BYE", "at", "uas", "200", "Bye", "bob", ""),
        ("INVITE", "at", "uas", "486", "Busy", "bob", ""),
    ]
    assert accounts.rows(1, columns, "missed_calls") == [("INVITE", "at", "uas", "486", "Busy", "bob", "")]
    ((callid, moment),) = accounts.rows(1, "callid, time", "missed_calls")
    assert callid.startswith("call")
    assert abs((moment - JULIAN_1970) * 86400 - time.time()) < 30  # days, as Kamailio's driver stores a time


def test_row_for_each_leg(open_accounts: Any, phones: Phones) -> None:
    accounts = open_accounts('modparam("acc", "multi_leg_info", "src=$avp(src);dst=$avp(dst)")\n')
    phones.answered("a2")
    assert accounts.rows(4, "method, src, dst") == [
        ("INVITE", "c", "y"), ("INVITE", "b", "x"), ("INVITE", "a", None), ("BYE", None, None),
    ]  # fmt: skip


@pytest.mark.parametrize(("mode", "attribute", "extension"), [(1, int, int), (2, float, None), (4, str, None)])
def test_times(open_accounts: Any, phones: Phones, mode: int, attribute: type, extension: type | None) -> None:
    more = f'modparam("acc", "time_mode", {mode})\nmodparam("acc", "time_attr", "time_attr")\n'
    accounts = open_accounts(more + 'modparam("acc", "time_exten", "time_exten")\n')
    phones.message("a")
    ((value, further),) = accounts.rows(1, "time_attr, time_exten")
    assert isinstance(value, attribute)
    assert further is None if extension is None else 0 <= further < 1_000_000


def test_undefined_values_may_be_null(open_accounts: Any, phones: Phones) -> None:
    accounts = open_accounts('modparam("acc", "acc_extra_nullable", 1)\n')
    phones.message("a")
    assert accounts.rows(1, "x") == [(None,)]


def test_columns_and_tables_have_the_names_that_are_wanted(open_accounts: Any, phones: Phones) -> None:
    names = (("db_table_acc", "acc_$rm"), ("acc_method_column", "src"), ("acc_sip_code_column", "dst"))
    more = "".join(f'modparam("acc", "{name}", "{value}")\n' for name, value in names)
    accounts = open_accounts(more, tables=("acc_MESSAGE",))
    phones.message("a")
    assert accounts.rows(1, "src, dst, method", "acc_MESSAGE") == [("MESSAGE", "202", "")]


def test_requests_accounted_by_the_script(open_accounts: Any, phones: Phones) -> None:
    script = 'if ($rU == "now") { acc_db_request("404 Not There", "acc"); acc_request("just so", "missed_calls"); }\n'
    accounts = open_accounts()
    accounts.server.close()
    text = accounts.server.cfg.read_text().replace('if ($rU == "now") {', script + '    if ($rU == "now") {')
    accounts.server.cfg.write_text(text)
    accounts.server.start()
    phones.local("now", "")
    assert accounts.rows(1, "sip_code, sip_reason") == [("404", "Not There")]
    assert accounts.rows(1, "sip_code, sip_reason", "missed_calls") == [("", "just so")]


def test_database_that_fails_loses_records_and_no_calls(open_accounts: Any, phones: Phones) -> None:
    accounts = open_accounts(tables=("missed_calls",))
    phones.answered("a")
    server = accounts.server
    wait_until(lambda: server.rpc("stats.fetchn", "acc:db_errors") == {"acc.db_errors": 2})
    assert "is lost: " in server.log and "acc" in server.log


def test_table_with_a_strange_name_is_refused(open_accounts: Any, phones: Phones) -> None:
    accounts = open_accounts('modparam("acc", "db_table_acc", "$hdr(X-Acc)")\n')
    phones.send("bob", "a", "MESSAGE", "X-Acc: acc; DROP TABLE acc")
    phones.b.send(phones.b.expect("MESSAGE").reply(200, "OK"))
    phones.a.expect(200)
    server = accounts.server
    wait_until(lambda: server.rpc("stats.fetchn", "acc:db_errors") == {"acc.db_errors": 1})
    assert "is no name of a table" in server.log
