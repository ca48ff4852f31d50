"""Statistics: one counter a reply on the message path, totals computed when read."""

from ...core.sr_module import StatExport
from ...core.statistics import StatVar, register_stat
from ...src.native import lib

SINGLE = (200, 202, 300, 301, 302, 400, 401, 403, 404, 407, 408, 483, 500)  # codes with a counter of their own
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "xxx")  # what is not counted alone
NAMES = [*(f"{code}_replies" for code in SINGLE), *(f"{name}_replies" for name in CLASSES)]
GROUP = "sl"


def stat(name: str) -> StatVar:
    """The statistic of that name; made when the module is initialised."""
    return register_stat(GROUP, name)


def sent() -> int:
    """sent_replies: all stateless replies."""
    return sum(stat(name).value for name in NAMES)


STATISTICS = (
    *(StatExport(name) for name in NAMES),
    StatExport("sent_replies", function=sent),
    StatExport("sent_err_replies"),
    StatExport("failures"),
    StatExport("received_ACKs"),
)

_idents: dict[int, int] = {}  # status code -> number of its counter


def counter_of(code: int) -> int:
    """Number of the counter of a status code; to be asked for before fork when the code is known then."""
    ident = _idents.get(code)
    if ident is None:
        name = str(code) if code in SINGLE else f"{code // 100}xx" if 100 <= code <= 699 else "xxx"
        ident = _idents[code] = stat(f"{name}_replies").ident
    return ident


def count(ident: int) -> None:
    """One more."""
    lib.kh_counter_add(ident, 1)


def rpc_stats() -> dict[str, int]:
    """sl.stats: the same numbers as a struct."""
    found = {name.removesuffix("_replies"): stat(name).value for name in NAMES}
    return found | {"sent": sent(), "failures": stat("failures").value, "received_ACKs": stat("received_ACKs").value}
