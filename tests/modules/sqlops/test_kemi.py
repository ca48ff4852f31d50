"""The same from routes in Python: KSR.sqlops."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from kahea.core.scripttest import ScriptTest

SCRIPT = """
import KSR

def mod_init():
    return Routes()

class Routes:
    def child_init(self, rank):
        return 0

    def ksr_request_route(self, msg):
        s = KSR.sqlops
        found = [s.sql_query("ca", "select a, b from t order by a", "ra"),
                 s.sql_num_rows("ra"), s.sql_num_columns("ra"),
                 s.sql_result_get("ra", 0, 0), s.sql_result_get("ra", 1, 1), s.sql_result_gete("ra", 1, 1),
                 s.sql_result_getz("ra", 1, 1), s.sql_is_null("ra", 1, 1), s.sql_is_null("ra", 0, 0),
                 s.sql_num_rows("nix"), s.sql_pvquery("ca", "select 5", "$var(x)"), KSR.pv.get("$var(x)"),
                 s.sql_result_free("ra"), s.sql_num_rows("ra")]
        KSR.err("said: %s\\n" % found)
        return 1
"""


def test_results_from_python(kahea_script: Callable[..., ScriptTest], tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.sqlite") as con:
        con.executescript("create table t (a int, b varchar(9)); insert into t values (1, 'x'), (2, null)")
    con.close()
    (tmp_path / "r.py").write_text(SCRIPT)
    modules = "".join(f'loadmodule "{name}.so"\n' for name in ("db_sqlite", "sl", "pv", "sqlops", "app_python3"))
    script = kahea_script(
        f'#!KAMAILIO\nlisten=udp:192.0.2.1:5060\n{modules}modparam("app_python3", "load", "{tmp_path}/r.py")\n'
        f'modparam("sqlops", "sqlcon", "ca=>sqlite:///{tmp_path}/s.sqlite")\ncfgengine "python"\n'
    )
    script.send("OPTIONS", "sip:bob@example.com")
    assert "said: [1, 2, 2, 1, None, '', 0, 1, -1, -1, 1, 5, 1, -1]" in script.log
