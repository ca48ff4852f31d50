"""The next server of a host when one gives no answer, or 503 (RFC 3263 section 4.3): core parameter use_dns_failover.

The servers that were not tried are noted with the branch when it is sent, so that the timer process, where a branch
without an answer ends, never waits for DNS. The next branch is the same bytes from the same socket (but for our Via,
when the server has another transport): branch_route and onsend_route do not run again, and servers of another address
family are passed over. A server that refuses the connection is left for the next at once (t_fwd.py).
"""

import pickle
from typing import Any

from ...core.log import logger
from ...core.net.sip_resolve import Server
from ...core.script import script
from ...src.native import ffi, lib
from .cell import Cell

log = logger(__name__)
Servers = tuple[Server, ...]
_to = ffi.new("kh_addr *")


def wanted() -> bool:
    """Is the next server to be tried at all?"""
    return bool(script.params.use_dns_failover)


def next_server(cell: Cell, number: int) -> bool:
    """A branch failed: go on with the next server of its host; False when there is none, or no reason to. Lock held."""
    branch = cell.branch[number]
    silent = branch.flags & lib.KH_UAC_TIMEOUT and not branch.flags & lib.KH_UAC_REPLIED
    if not wanted() or not (silent or branch.last_status == 503):
        return False
    if cell.uas_status >= 200 or cell.flags & lib.KH_CELL_CANCELED or not branch.info:
        return False
    *about, servers = pickle.loads(ffi.unpack(branch.info.data, branch.info.len))
    for i, (proto, ip, port) in enumerate(servers):
        lib.kh_addr_parse(_to, ip, len(ip))
        _to.proto, _to.port = proto, port
        if _to.family == branch.dst.to.family and _follow(cell, number, tuple(about), servers[i + 1 :]):
            return True
    return False


def _follow(cell: Cell, number: int, about: tuple[Any, ...], left: Servers) -> bool:
    made = lib.kh_tm_follow(cell, number, _to)
    if made < 0:
        log.debug("a server of a host cannot be tried: code %d", made)
        return False
    branch, next_branch = cell.branch[number], cell.branch[made]
    next_branch.bflags, next_branch.on_reply = branch.bflags, branch.on_reply
    info = pickle.dumps((*about, left), 5)
    lib.kh_uac_set_info(cell, made, info, len(info))
    branch.flags |= lib.KH_UAC_DROPPED  # its failure is not among those to choose from
    return True
