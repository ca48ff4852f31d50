"""Contacts know their socket by its index. A start that takes over tables of a former one may listen elsewhere: then
the indexes are changed to those of the same sockets now, or to none.

The texts of the sockets are kept in a small table beside the contacts.
"""

from ...core.log import logger
from ...core.net.sockets import sockets
from ...core.shtable import SharedTable
from ...src.native import ffi, lib
from .contact import NO_SOCKET
from .domain import domains
from .socket_names import socket_index, socket_text

log = logger(__name__)
NAME = "usrloc.sockets"
LOG2_BUCKETS = 4


def keep_sockets() -> None:
    """Main process, sockets open, before the fork."""
    table = SharedTable(NAME, LOG2_BUCKETS)
    before = {int(item.key): item.value for item in table.items()}
    numbers = [NO_SOCKET] * (max(before, default=-1) + 1)
    for old, text in before.items():
        found = socket_index(text)
        numbers[old] = NO_SOCKET if found is None else found
    same = before and numbers == list(range(len(numbers)))
    if not same and any(domain.table.adopted for domain in domains()):
        remap(numbers)
    table.clear()
    for index in range(len(sockets())):
        table.set(b"%d" % index, socket_text(index))


def remap(numbers: list[int]) -> None:
    """numbers[old index] is the new one."""
    changed = sum(lib.kh_ul_remap_sockets(d.c, ffi.new("uint16_t[]", numbers), len(numbers)) for d in domains())
    log.notice("%d contacts have another socket than before the restart", changed)
