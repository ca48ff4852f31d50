"""What other modules may use: bind_api("sl")."""

from collections.abc import Callable
from dataclasses import dataclass

from ...core.msg.reply import local_tag
from ...parser.msg import SipMsg
from .replies import prepare_send_reply, send_reply, sl_reply, sl_reply_error


@dataclass(frozen=True, slots=True)
class SlApi:
    """All return 1 or -1."""

    sl_reply: Callable[[SipMsg, int, bytes], int] = sl_reply  # stateless
    send_reply: Callable[[SipMsg, int, bytes], int] = send_reply  # through the transaction when there is one
    sl_reply_error: Callable[[SipMsg], int] = sl_reply_error
    prepare_send_reply: Callable[[int, bytes], Callable[[SipMsg], int] | None] = prepare_send_reply  # constant
    get_reply_totag: Callable[[SipMsg], bytes] = local_tag  # of stateless replies


api = SlApi()
