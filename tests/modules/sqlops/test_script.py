"""SQL from the script: return values, results as variables, as Debian's Kamailio had them, and where we differ."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kahea.core.scripttest import LoadError, Outcome, ScriptTest

Load = Callable[..., ScriptTest]
MODULES = "".join(f'loadmodule "{name}.so"\n' for name in ("db_sqlite", "tm", "sl", "pv", "xlog", "textops", "sqlops"))
TABLE = """
create table t (id integer primary key, name varchar(20), n int, f real, at timestamp, b blob);
insert into t values (1, 'alice', 5, 1.5, julianday('2026-01-02 03:04:05'), x'0041'), (2, null, null, 2, null, null),
    (3, 'bob''s', -7, 1e10, '2026-01-02 03:04:05', x'42'), (4, '9', 9999999999, 3, 0, null);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "s.sqlite"
    with sqlite3.connect(made) as con:
        con.executescript(TABLE)
    con.close()
    return made


@pytest.fixture
def run(kahea_script: Load, path: Path) -> Iterator[Callable[..., str]]:
    """Runs statements in a request_route; what they print with `say`."""

    def run(statements: str, more: str = "", uri: str = "sip:bob@example.com") -> str:
        head = f'#!KAMAILIO\nlisten=udp:192.0.2.1:5060\n{MODULES}modparam("sqlops", "sqlcon", "ca=>sqlite:///{path}")\n'
        script = kahea_script(f"{head}{more}\nrequest_route {{ {statements} exit; }}")
        script.send("OPTIONS", uri)
        lines = [line.partition("said: ")[2] for line in script.log.splitlines() if "said: " in line]
        return "\n".join(lines)

    yield run


def say(text: str) -> str:
    return f'xlog("L_NOTICE", "said: {text}\\n");'


def rows_of(path: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as con:
        found = con.execute(sql).fetchall()
    con.close()
    return found


def query(sql: str, result: str = "") -> str:
    third = f', "{result}"' if result else ""
    return f'sql_query("ca", "{sql}"{third});'


@pytest.mark.parametrize(
    ("statement", "rc"),
    [
        (query("select * from t", "ra"), 1),
        (query("select * from t where id = 77", "ra"), 2),
        (query("select * from t"), 3),
        (query("select * from t where id = 77"), 2),
        (query("update t set n = 1 where id < 3", "ra"), 2),
        (query("select * from nix", "ra"), -1),
        (query(""), -1),
        ('sql_xquery("ca", "select * from t", "xa");', 1),
        ('sql_xquery("ca", "select * from t where id = 77", "xa");', 2),
        ('sql_xquery("ca", "delete from t where id = 77", "xa");', 2),
        ('sql_xquery("ca", "select nix", "xa");', -1),
        ('sql_pvquery("ca", "select 1 where 1 = 2", "$var(a)");', 2),
        ('sql_pvquery("ca", "select 1", "$var(a);$var(b)");', 1),
        ('sql_pvquery("ca", "select 1, 2", "$var(a)");', -1),
        ('sql_pvquery("ca", "update t set n = 3", "$var(a)");', 2),
        ('sql_result_free("nix");', 1),
        ('sql_query_async("ca", "delete from t");', -1),
    ],
)
def test_return_values(run: Callable[..., str], statement: str, rc: int) -> None:
    assert run(statement + say("$rc")) == str(rc)


def test_values_of_a_result(run: Callable[..., str]) -> None:
    cells = " | ".join(f"$dbr(ra=>[{row},{column}])" for row in range(4) for column in range(5))
    found = run(
        query("select id, name, n, f, at from t order by id", "ra") + say("$dbr(ra=>rows) $dbr(ra=>cols)") + say(cells)
    )
    counts, values = found.split("\n")
    assert counts == "4 5"
    assert values.split(" | ") == [
        "1", "alice", "5", "1.5", "1767323045",
        "2", "<null>", "<null>", "2.0", "<null>",
        "3", "bob's", "-7", "10000000000.0", "1767323045",
        "4", "9", "9999999999", "3.0", "0",
    ]  # fmt: skip


def test_what_is_not_there_is_undefined(run: Callable[..., str]) -> None:
    outside = "$dbr(ra=>[9,0]) $dbr(ra=>[0,9]) $dbr(ra=>[-1,0]) $dbr(ra=>colname[9]) $dbr(nix=>[0,0]) $dbr(nix=>rows)"
    assert run(query("select id from t", "ra") + say(outside)) == "<null> <null> <null> <null> <null> 0"


def test_loops_with_variables(run: Callable[..., str]) -> None:
    loop = """$var(i) = 0; $var(all) = "";
        while ($var(i) < $dbr(ra=>rows)) { $var(all) = $var(all) + $dbr(ra=>[$var(i),1]) + "."; $var(i) = $var(i) + 1; }
        $var(j) = 1;"""
    found = run(query("select id, name from t where name is not null order by id", "ra") + loop
                + say("$var(all) $dbr(ra=>colname[$var(j)])"))  # fmt: skip
    assert found == "alice.bob's.9. name"


def test_result_is_forgotten(run: Callable[..., str]) -> None:
    free = 'sql_result_free("ra");'
    assert run(query("select 1", "ra") + say("$dbr(ra=>rows)") + free + say("$dbr(ra=>rows)")) == "1\n0"


def test_no_more_results_than_allowed(run: Callable[..., str]) -> None:
    two = query("select 1", "ra") + query("select 2", "rb") + say("$rc $dbr(rb=>rows)") + query("select 3", "ra")
    assert run(two + say("$rc $dbr(ra=>[0,0])"), 'modparam("sqlops", "results_maxsize", 1)') == "-1 0\n1 3"


def test_rows_changed(run: Callable[..., str]) -> None:
    assert run(query("update t set n = 1 where id < 3") + say("$sqlrows(ca)")) == "2"


def test_rows_as_xavps(run: Callable[..., str]) -> None:
    first = 'sql_xquery("ca", "select id, name from t order by id", "xa");'
    second = 'sql_xquery("ca", "select id from t where id = 4", "xa");'
    shown = say(
        "$xavp(xa=>id) $xavp(xa[0]=>name) $xavp(xa[1]=>id) $xavp(xa[1]=>name) $xavp(xa[3]=>id) $xavp(xa[4]=>id)"
    )
    assert run(first + shown + second + say("$xavp(xa[0]=>id) $xavp(xa[1]=>id)")) == "1 alice 2 <null> 4 <null>\n4 1"


def test_rows_in_variables(run: Callable[..., str]) -> None:
    found = run(
        '$avp(n) = "old"; sql_pvquery("ca", "select id, name, n from t order by id", "$var(a);$avp(n);$var(c)");'
        + say("$var(a) $(avp(n)[*]) $var(c)")
        + """sql_pvquery("ca", "select 'c', 2, null, 'sip:t@example.com'",
            "$var(a), $avp(k), $xavp(item[0]=>s), $ru");"""
        + say("$var(a) $avp(k) $xavp(item=>s) $ru")
    )
    assert found == "1 alice, bob's, 9, old 5\nc 2 <null> sip:t@example.com"


@pytest.mark.parametrize(
    "user",
    ["bob", "o'neil", "a' or '1'='1", "x\\", "x\\' or 1=1 --", "%27", "\N{LATIN SMALL LETTER A WITH DIAERESIS}'"],
)
def test_nobody_writes_sql_through_a_literal(run: Callable[..., str], path: Path, user: str) -> None:
    quoted = user.replace(" ", "%20")
    run('$var(u) = $(rU{s.unescape.user}); sql_query("ca", "insert into t (name) values ($(var(u){sql.val}))");',
        uri=f"sip:{quoted}@example.com")  # fmt: skip
    ((name,),) = rows_of(path, "select name from t where id = 5")
    assert name == ("'" if user == "%27" else user)


def test_literals(run: Callable[..., str]) -> None:
    found = run("$var(s) = \"it's\"; $var(i) = 7;" + say(
        "$(var(s){sql.val}) $(var(i){sql.val}) $(avp(x){sql.val}) $(avp(x){sql.val.str}) $(avp(x){sql.val.int})"
    ))  # fmt: skip
    assert found == "'it''s' 7 NULL '' 0"


def test_in_a_task_worker(kahea_script: Load, path: Path) -> None:
    head = f'#!KAMAILIO\nlisten=udp:192.0.2.1:5060\nasync_workers=1\n{MODULES}modparam("sqlops", "sqlcon", "ca=>sqlite:///{path}")\n'
    script = kahea_script(
        head + 'request_route { sql_query_async("ca", "delete from t"); sl_send_reply("404", "$rc"); }'
    )
    out: Outcome = script.send("OPTIONS", "sip:bob@example.com")
    assert out.replies.only().reason == "1"
    assert rows_of(path, "select count(*) from t") == [(0,)]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ('sql_query("cx", "select 1");', 'no connection "cx"'),
        ('sql_xquery("cx", "select 1", "x");', 'no connection "cx"'),
        ('sql_pvquery("ca", "select 1", "$rm");', "$rm cannot be assigned"),
        ('sql_pvquery("ca", "select 1", "no variable");', "no variable"),
        ('xlog("$sqlrows(cx)");', 'no connection "cx"'),
        ('xlog("$dbr(ra)");', "dbr"),
        ('xlog("$dbr(ra=>nix)");', "nix"),
        ('xlog("$dbr(ra=>[x,0])");', "is not an index"),
    ],
)
def test_mistakes_stop_the_start(run: Callable[..., str], statement: str, said: str) -> None:
    with pytest.raises(LoadError) as raised:
        run(statement)
    assert said in str(raised.value) and "^" in str(raised.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('modparam("sqlops", "sqlcon", "nonsense")', "NAME=>URL"),
        ('modparam("sqlops", "sqlcon", "cb=>nonsense")', "not the URL of a database"),
        ('modparam("sqlops", "sqlcon", "ca=>sqlite:///x")', "there already"),
        ('modparam("sqlops", "sqlcon", "cb=>sqlite:////no/such/folder/x")', "unable to open database file"),
        ('modparam("sqlops", "sqlcon", "cb=>mysql://a:secret@b/c")', 'loadmodule "db_mysql.so"'),
        ('modparam("sqlops", "sqlres", "")', "empty"),
    ],
)
def test_bad_parameters(run: Callable[..., str], line: str, said: str) -> None:
    with pytest.raises(LoadError) as raised:
        run("", line)
    assert said in str(raised.value) and "secret" not in str(raised.value).replace(line, "")


def test_start_without_a_database(run: Callable[..., str]) -> None:
    """connect_mode"""
    more = 'modparam("sqlops", "sqlcon", "cb=>sqlite:////no/such/folder/x")\nmodparam("sqlops", "connect_mode", 1)'
    assert run('sql_query("cb", "select 1");' + say("$rc"), more) == "-1"
