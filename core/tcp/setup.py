"""Before the fork: the table of connections and the channels, when a socket for streams is open."""

import resource
from functools import partial
from typing import Any

from ...src.native import ffi, lib
from .. import runtime
from ..errors import StartError
from ..log import logger
from ..net import sockets
from ..net.addr import UDP, make_addr
from ..statistics import register_stat

log = logger(__name__)
FOREVER_S = 30 * 86400  # -1: in milliseconds it still fits 32 bits
SPARE_FILES = 100  # descriptors of a process besides connections


class State:
    """What main has made; the processes inherit it."""

    receivers = 0  # 0: no connections are served
    keeper = 0  # the keeper's place


def prepare(params: Any) -> int:
    """Main process, sockets open, shared memory ready: how many receivers there are to be, 0 when no socket is for
    streams. StartError when there is not enough memory."""
    State.receivers = State.keeper = 0
    if not any(info.proto != UDP for info in sockets.sockets()):
        return 0
    for info in sockets.sockets():
        if info.proto != UDP and info.workers:
            log.notice("socket_workers has no effect on %s: tcp_children receivers serve all connections", info)
    receivers = params.children if params.tcp_children < 0 else params.tcp_children
    if receivers < 1:
        raise StartError("tcp_children is 0: no process would read from connections")
    if lib.kh_conn_setup(options(params), receivers) < 0:
        raise StartError(
            f"no table for tcp_max_connections={params.tcp_max_connections} connections and {receivers} receivers: "
            f"there is not enough shared memory (-m), or it is more than {lib.KH_CONN_MAX} or {lib.KH_CHAN_MAX - 1}"
        )
    if lib.kh_chan_open(receivers + 1) < 0:
        raise StartError("cannot make the channels between TCP processes: too many open files?")
    State.receivers = State.keeper = receivers
    raise_file_limit(params.tcp_max_connections + SPARE_FILES + 3 * receivers)
    declare_runtime(params)
    register_stat("tcp", "current_opened_connections", lambda: int(lib.kh_conn_count(0)))
    register_stat("tcp", "current_write_queue_size", lambda: int(lib.kh_conn_queued()))
    return receivers


def release() -> None:
    """Main process, at the end: all other processes are gone."""
    lib.kh_conn_done()
    lib.kh_chan_close()


def options(params: Any) -> Any:
    """A kh_conn_options of the core parameters."""
    made = ffi.new("kh_conn_options *")
    made.max, made.max_tls = params.tcp_max_connections, params.tls_max_connections
    made.lifetime_ms = milliseconds(params.tcp_connection_lifetime)
    made.connect_ms, made.send_ms = milliseconds(params.tcp_connect_timeout), milliseconds(params.tcp_send_timeout)
    made.proxy_ms = max(params.tcp_wait_data, 0)
    made.conn_queue, made.all_queues = params.tcp_conn_wq_max, params.tcp_wq_max
    made.buffer = params.tcp_rd_buf_size
    made.no_connect, made.accept_aliases = params.tcp_no_connect, params.tcp_accept_aliases
    made.accept_no_cl, made.crlf_ping = params.tcp_accept_no_cl, params.tcp_crlf_ping
    made.proxy, made.close_on_error = params.tcp_accept_haproxy, int(params.tcp_script_mode != 1)
    for name, value in (("source4", params.tcp_source_ipv4), ("source6", params.tcp_source_ipv6)):
        if value:
            setattr(made, name, make_addr(value)[0])
    made.socket = sockets.stream_options(params)[0]
    return made


def milliseconds(seconds: int) -> int:
    """Of a limit in seconds; -1 is none."""
    return (min(seconds, FOREVER_S) if seconds >= 0 else FOREVER_S) * 1000


def raise_file_limit(wanted: int) -> None:
    """Receivers and keeper need a descriptor a connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    reachable = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, reachable), hard))
    if reachable < wanted:
        log.warning("tcp_max_connections needs %d open files, and %d are allowed", wanted, reachable)


RUNTIME = {  # name in the group `tcp` -> core parameter, field of kh_conn_options, factor
    "connect_timeout": ("tcp_connect_timeout", "connect_ms", 1000),
    "send_timeout": ("tcp_send_timeout", "send_ms", 1000),
    "connection_lifetime": ("tcp_connection_lifetime", "lifetime_ms", 1000),
    "max_connections": ("tcp_max_connections", "max", 1),
    "max_tls_connections": ("tls_max_connections", "max_tls", 1),
    "no_connect": ("tcp_no_connect", "no_connect", 1),
    "conn_wq_max": ("tcp_conn_wq_max", "conn_queue", 1),
    "wq_max": ("tcp_wq_max", "all_queues", 1),
    "crlf_ping": ("tcp_crlf_ping", "crlf_ping", 1),
    "accept_aliases": ("tcp_accept_aliases", "accept_aliases", 1),
}


def declare_runtime(params: Any) -> None:
    """Settings that may change while the server runs (`cfg.seti tcp send_timeout 5`); connection_lifetime for new
    connections."""
    for name, (param, field, factor) in RUNTIME.items():
        runtime.declare("tcp", name, int(getattr(params, param)), f"as {param}", partial(change, field, factor))


def change(field: str, factor: int, value: Any) -> None:
    """A process has learned of a new value: it is for all."""
    kept = milliseconds(int(value)) if factor == 1000 else int(value)
    setattr(lib.kh_conn_opts(), field, max(kept, 0))
