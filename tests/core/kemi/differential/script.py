"""A KEMI script that evaluates each line of `expressions.txt` on one request, and the configuration around it."""

from pathlib import Path

HERE = Path(__file__).parent
MODULES = ("jsonrpcs", "pv", "kex", "corex", "counters", "statistics", "maxfwd", "tm", "tmx", "sl", "rr", "usrloc",
           "registrar", "sanity", "siputils", "textops", "textopsx", "xlog", "kemix", "app_python3")  # fmt: skip

PARAMETERS = (
    '"pv", "shvset", "preset=i:4"',
    '"counters", "script_cnt_grp_name", "script"',
    '"counters", "script_counter", "hits"',
    '"usrloc", "preload", "location"',
)
_SCRIPT = """
import KSR as KSR

def mod_init():
    return Routes()

class Routes:
    def child_init(self, rank):
        return 0

    def ksr_failure(self, msg):
        return 1

    def ksr_request_route(self, msg):
        with open(%r, "w") as out:
            for expression in %r:
                try:
                    print(repr(eval(expression)), file=out, flush=True)
                except BaseException as error:
                    print("raises", file=out, flush=True)
            print("end", file=out)
        return 1
"""


def expressions() -> list[str]:
    """All, in order."""
    lines = (HERE / "expressions.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def script(out: str) -> str:
    """The Python file; it leaves the answers in `out`."""
    return _SCRIPT % (out, expressions())


def configuration(python: str, leave_out: tuple[str, ...] = ()) -> str:
    """The kamailio.cfg around it."""
    lines = ["auto_aliases=no", "listen=udp:127.0.0.1:5060", "#!define SIZE 12"]
    lines += [f'loadmodule "{module}.so"' for module in MODULES if module not in leave_out]
    lines += [f"modparam({row})" for row in PARAMETERS]
    lines += [f'modparam("app_python3", "load", "{python}")', 'cfgengine "python"']
    return "\n".join(lines) + "\n"
