"""Statistics: one counter a reply, counted by the kernel when it sends; totals computed when read."""

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


def count_replies() -> None:
    """Main process, statistics registered: tell the kernel which counter a status code has; it counts as it sends."""
    for code in range(100, 700):
        name = str(code) if code in SINGLE else f"{code // 100}xx"
        lib.kh_sl_count_as(code, stat(f"{name}_replies").ident)


def rpc_stats() -> dict[str, int]:
    """sl.stats: the same numbers as a struct."""
    found = {name.removesuffix("_replies"): stat(name).value for name in NAMES}
    return found | {"sent": sent(), "failures": stat("failures").value, "received_ACKs": stat("received_ACKs").value}
