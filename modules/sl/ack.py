"""The ACK to a negative reply made here belongs to nobody else (RFC 3261 17.1.1.3): it ends here.

Its To tag is the signature that our reply carried, made from Call-ID, From tag and a key that all workers share, so
nothing has to be remembered.
"""

from ...parser.msg import SipMsg
from ...src.native import lib
from .events import run_filtered_ack
from .stats import stat

_ACK = lib.KH_M_ACK


def absorb_ack(msg: SipMsg) -> int:
    """Callback before the script: 0 for an ACK that is ours, else 1."""
    if not msg.facts & _ACK or not lib.kh_sl_is_ack(msg.c):
        return 1
    stat("received_ACKs").inc()
    run_filtered_ack(msg)
    return 0
