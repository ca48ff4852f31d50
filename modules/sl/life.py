"""What the module does when the server starts."""

from ...core import loader
from ...core.msg.script_cb import PRE_SCRIPT_CB, REQUEST_CB, register_script_cb
from ...src.native import lib
from .ack import absorb_ack
from .events import look_up
from .replies import use_tm
from .settings import settings
from .stats import count_replies


def init() -> None:
    """Main process: watch for ACKs, count replies, find tm."""
    count_replies()
    register_script_cb(absorb_ack, PRE_SCRIPT_CB | REQUEST_CB, lib.KH_M_ACK)
    if settings.bind_tm and loader.module_loaded("tm"):
        use_tm(loader.bind_api("tm"))


def child_init(rank: int) -> None:
    """Each process."""
    look_up()
