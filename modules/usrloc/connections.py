"""Contacts and the stream connections that they registered by.

handle_lost_tcp: a contact whose connection is gone expires with the next run of the timer (src/uloc/uloc_timer.c).
close_expired_tcp: the other way round; here.
"""

from ...src.native import lib
from .callbacks import EXPIRE, callbacks
from .contact import Contact
from .settings import settings


def register() -> None:
    """Main process, before the fork."""
    if settings.close_expired_tcp:
        callbacks.register(EXPIRE, close_connection)


def close_connection(event: int, domain: bytes, aor: bytes, contact: Contact) -> None:
    """In the timer process: nobody is registered by it any more."""
    if contact.conn and lib.kh_conn_close(contact.conn, lib.KH_WHY_SCRIPT) >= 0:
        lib.kh_stream_flush()  # its owner is to hear of it now
