"""`$ltt(s|t|x)`: the To tag that this server puts into its replies to the request in hand."""

from typing import Any

from ...core.loader import bind_api, module_loaded
from ...core.msg.reply import local_tag
from ...core.pv import PvExport, Value


def transaction_tag(msg: Any) -> Value:
    """Of the transaction; undefined without one."""
    tag: bytes | None = bind_api("tm").t_get_totag(msg) if module_loaded("tm") else None
    return tag


def stateless_tag(msg: Any) -> Value:
    """Of stateless replies; undefined in a reply."""
    return local_tag(msg) if msg.is_request else None


VARIABLES = (
    PvExport("ltt", choices={
        "s": stateless_tag,
        "t": transaction_tag,
        "x": lambda msg: transaction_tag(msg) or stateless_tag(msg),
    }),
)  # fmt: skip
