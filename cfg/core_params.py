"""Core parameters of kamailio.cfg as a table: names, types, defaults, and how far each is honoured.

Tier A works; B works where a part of the server asks for it, else it is accepted with a notice; C is accepted with a
notice and has no effect. Values are read as attributes of `CoreParams`: `params.children`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..parser.lenient import BITS, extra_chars, leniency_bits
from .errors import ConfigError, did_you_mean
from .source import Pos
from .words import words

Raw = int | bytes | str  # str is a bare word


@dataclass(frozen=True, slots=True)
class CoreParam:
    """A row. `kind`: bool, num (unsigned), int, str, "str|id", id, ip, proto. `check` returns the value to keep."""

    name: str
    kind: str
    default: Any
    tier: str = "C"
    aliases: tuple[str, ...] = ()
    check: Callable[[Any], Any] | None = None
    repeated: bool = False  # a list: each line adds
    inverse_of: str = ""  # sets another parameter to the opposite


LOG_FACILITIES = words(
    "LOG_AUTH LOG_AUTHPRIV LOG_CRON LOG_DAEMON LOG_FTP LOG_KERN LOG_LOCAL0 LOG_LOCAL1 LOG_LOCAL2"
    " LOG_LOCAL3 LOG_LOCAL4 LOG_LOCAL5 LOG_LOCAL6 LOG_LOCAL7 LOG_LPR LOG_MAIL LOG_NEWS LOG_SYSLOG"
    " LOG_USER LOG_UUCP"
)
LOCK_BACKENDS = (b"futex", b"posix", b"sysv")
TOS = {"IPTOS_LOWDELAY": 0x10, "IPTOS_THROUGHPUT": 0x08, "IPTOS_RELIABILITY": 0x04, "IPTOS_MINCOST": 0x02,
       "IPTOS_LOWCOST": 0x02}  # fmt: skip
POLL_METHODS = frozenset({"none", "poll", "epoll_lt", "epoll_et", "sigio_rt", "select", "kqueue", "/dev/poll"})


def _facility(value: str) -> str:
    if value not in LOG_FACILITIES:
        raise ValueError(f"{value} is no syslog facility" + _hint(value, LOG_FACILITIES))
    return value


def _tos(value: Raw) -> int:
    if isinstance(value, str):
        if value not in TOS:
            raise ValueError(f"{value} is no IPTOS_ name" + _hint(value, TOS))
        return TOS[value]
    return int(value)


def _lock_backend(value: bytes) -> bytes:
    if value not in LOCK_BACKENDS:
        raise ValueError("must be " + ", ".join(name.decode() for name in LOCK_BACKENDS))
    return value


def _between(low: int, high: int) -> Callable[[int], int]:
    def check(value: int) -> int:
        if not low <= value <= high:
            raise ValueError(f"must lie between {low} and {high}")
        return value

    return check


def _poll_method(value: Raw) -> str:
    name = value if isinstance(value, str) else str(value, "latin-1") if isinstance(value, bytes) else str(value)
    if name not in POLL_METHODS:
        raise ValueError(f"unknown poll method {name}")
    return name


def _leniency(value: bytes) -> bytes:
    try:
        leniency_bits(value)
    except ValueError as exc:
        word = str(exc).partition(" ")[0].lstrip("+-")
        raise ValueError(str(exc) + _hint(word, [name.decode() for name in BITS])) from None
    return value


def _v6_style(value: bytes) -> bytes:
    if value[:1] not in (b"a", b"A", b"c"):
        raise ValueError('must be "a", "A" or "c"')
    return value[:1]


class WorkersGroup(NamedTuple):
    """A group of task workers."""

    name: bytes
    workers: int


def _workers_group(value: bytes) -> WorkersGroup:
    """`name=X;workers=N`; how they wait (nonblock, usleep) is no choice here, and what else there is says nothing."""
    fields = dict(field.strip().partition(b"=")[::2] for field in value.split(b";"))
    name, workers = fields.get(b"name", b"").strip(), fields.get(b"workers", b"").strip()
    if not name:
        raise ValueError('must be "name=X;workers=N": the name is missing')
    if not workers.isdigit() or not int(workers):
        raise ValueError('must be "name=X;workers=N" with at least one worker')
    return WorkersGroup(name, int(workers))


def _hint(word: str, known: Any) -> str:
    hint = did_you_mean(word, known)
    return f"; {hint}" if hint else ""


def _rows(tier: str, kind: str, text: str) -> list[CoreParam]:
    """Rows from words `name(alias,alias)=default`."""
    rows = []
    for word in text.split():
        left, _, default = word.partition("=")
        name, _, aliases = left.rstrip(")").partition("(")
        value: Any = int(default) if kind in ("bool", "num", "int") else default.encode() or None
        rows.append(CoreParam(name, kind, value, tier, tuple(aliases.split(",")) if aliases else ()))
    return rows


_TABLE: list[CoreParam] = [
    # process, user, paths
    *_rows("A", "bool", "fork=1"),
    *_rows("A", "num", "children=8 tcp_children=-1 async_workers=0 server_id=0 max_while_loops=100"
           " max_recursive_level=256 max_respawns=100"),
    CoreParam("async_tasks_max", "num", 16384, "A", check=_between(1, 1048576)),
    *_rows("B", "num", "socket_workers=0 route_locks_size=0 exit_timeout(ser_kill_timeout)=60 open_files_limit=-1"),
    *_rows("B", "bool", "onsend_route_reply=0"),
    *_rows("B", "int", "received_route_mode=0 tcp_script_mode=0"),
    *_rows("A", "str|id", "user(uid) group(gid) workdir(wdir) rundir(run_dir)"),
    *_rows("B", "str|id", "chroot"),
    *_rows("A", "str", "version_table=version"),
    *_rows("B", "str", "stats_name_separator=_"),
    *_rows("C", "num", "fork_delay=0 modinit_delay=0 sctp_children=-1 async_usleep=0 wait_worker1_mode=0"
           " wait_worker1_time=4000000 wait_worker1_usleep=100000 sql_buffer_size=65535 mlock_pages=0 real_time=0"
           " rt_prio=0 rt_policy=0 rt_timer1_prio(rt_fast_timer_prio,rt_ftimer_prio)=0"
           " rt_timer1_policy(rt_ftimer_policy)=0 rt_timer2_prio(rt_stimer_prio)=0"
           " rt_timer2_policy(rt_stimer_policy)=0"),
    *_rows("C", "bool", "async_nonblock=0 disable_core_dump=0 verbose_startup=0 msg_time=1"),
    CoreParam("async_workers_group", "str", (), "B", check=_workers_group, repeated=True),
    CoreParam("max_branches", "num", 12, "A", check=_between(1, 31)),
    CoreParam("cfgengine", "str|id", b"native", "B"),
    # logging
    *_rows("A", "int", "debug=0"),
    *_rows("A", "bool", "log_stderror=0"),
    CoreParam("log_facility", "id", "LOG_DAEMON", "A", check=_facility),
    *_rows("A", "str", "log_name log_prefix"),
    *_rows("B", "num", "log_prefix_mode=0 latency_limit_action=0 latency_limit_db=0 latency_limit_cfg=0"),
    *_rows("B", "int", "corelog(core_log)=-1 sip_parser_log=-1 latency_log=-1 latency_cfg_log=3"),
    *_rows("C", "bool", "log_color=0"),
    *_rows("C", "str", "log_engine_type log_engine_data"),
    *_rows("C", "int", "sip_parser_log_oneline=0 memlog(mem_log)=4 memdbg(mem_dbg)=4 mem_summary=12 mem_safety=1"
           " mem_join=1 mem_status_mode=0"),
    # memory and buffers
    *_rows("A", "num", "shm_mem_size(shm,shm_mem)=64"),
    *_rows("A", "bool", "keep_shm=0 mem_debug=0"),
    CoreParam("lock_backend", "str|id", b"futex", "A", check=_lock_backend),
    *_rows("B", "num", "pv_buffer_size=8192 pv_buffer_slots=10"),
    *_rows("C", "num", "maxbuffer=262144 pv_cache_limit=2048 pv_cache_action=0"),
    *_rows("C", "bool", "shm_force_alloc=0"),
    # sockets and identity
    *_rows("A", "num", "port=5060 tls_port_no=5061 advertised_port=0"),
    *_rows("A", "bool", "auto_aliases=1 mhomed=0"),
    *_rows("A", "ip", "advertised_address"),
    *_rows("B", "bool", "auto_bind_ipv6=0"),
    *_rows("B", "int", "ip_free_bind(ipfreebind,ip_nonlocal_bind)=0"),
    *_rows("B", "num", "udp_mtu=0"),
    CoreParam("uri_host_extra_chars", "str", b"", "A", check=extra_chars),
    CoreParam("hdr_name_extra_chars", "str", b"", "A", check=extra_chars),
    CoreParam("ipv6_hex_style", "str", b"c", "B", check=_v6_style),
    CoreParam("tos", "int|id", 0x10, "B", check=_tos),
    CoreParam("udp_mtu_try_proto", "proto", None, "B"),
    *_rows("C", "bool", "bind_ipv6_link_local=0 mcast_loopback=0"),
    *_rows("C", "num", "pmtu_discovery=0 mcast_ttl=-1 udp4_raw_mtu=1500 udp4_raw_ttl=-1"),
    *_rows("C", "int", "udp4_raw=0"),
    *_rows("C", "str|id", "mcast"),
    # SIP behaviour
    *_rows("A", "bool", "server_signature=1 sip_warning=0 force_rport(add_rport)=0 local_rport=0 edits_visible=0"),
    *_rows("A", "str", "server_header user_agent_header"),
    *_rows("B", "bool", "reply_to_via=0 check_via=0 phone2tel=1 http_reply_parse(http_reply_hack)=0"),
    *_rows("A", "int", "sip_parser_mode=1"),
    CoreParam("parser_leniency", "str", b"", "A", check=_leniency),
    *_rows("C", "str", "xavp_via_params xavp_via_fields"),
    # DNS
    *_rows("A", "bool", "dns_try_ipv6=1 dns_try_naptr=0 dns_srv_lb(dns_srv_loadbalancing)=0 use_dns_cache=1"
           " use_dns_failover=0"),
    *_rows("B", "bool", "dns=0 rev_dns=0 dns_use_search_list=1 dns_cache_init=1"),
    *_rows("B", "int", "dns_udp_pref(dns_udp_preference)=30 dns_tcp_pref(dns_tcp_preference)=20"
           " dns_tls_pref(dns_tls_preference)=10 dns_sctp_pref(dns_sctp_preference)=20"),
    *_rows("B", "num", "dns_retr_time=0 dns_retr_no=0 dns_servers_no=0 dns_cache_flags=0 dns_cache_negative_ttl=60"
           " dns_cache_min_ttl=0 dns_cache_max_ttl=2147483647"),
    *_rows("C", "num", "dns_slow_query_ms=0 dns_cache_mem=500 dns_cache_gc_interval=120 dns_cache_rec_pref=0"),
    *_rows("C", "bool", "dns_search_full_match=1 dns_naptr_ignore_rfc=1"
           " dns_cache_del_nonexp(dns_cache_delete_nonexpired)=0"),
    # destination blocklist
    *_rows("B", "bool", "use_dst_blocklist=0"),
    *_rows("B", "num", "dst_blocklist_expire(dst_blocklist_ttl)=60"),
    *_rows("C", "bool", "dst_blocklist_init=1"),
    *_rows("C", "num", "dst_blocklist_mem=250 dst_blocklist_gc_interval=60 dst_blocklist_udp_imask=0"
           " dst_blocklist_tcp_imask=0 dst_blocklist_tls_imask=0 dst_blocklist_sctp_imask=0"),
    # TCP
    *_rows("A", "bool", "disable_tcp=0 tcp_accept_no_cl=0 tcp_crlf_ping(tcp_crlf_pingpong)=1 tcp_no_connect=0"),
    *_rows("A", "int", "tcp_connection_lifetime=120 tcp_connect_timeout=10 tcp_send_timeout=10"),
    *_rows("A", "num", "tcp_max_connections=2048 tls_max_connections=2048"),
    CoreParam("tcp_rd_buf_size", "num", 16384, "A", check=_between(512, 16777216)),
    *_rows("B", "bool", "tcp_async(tcp_buf_write)=1 tcp_keepalive=1 tcp_reuse_port=0 tcp_accept_aliases=0"
           " tcp_accept_haproxy=0"),
    *_rows("B", "num", "tcp_conn_wq_max=32768 tcp_wq_max=10485760 tcp_keepidle=0 tcp_keepintvl=0 tcp_keepcnt=0"),
    *_rows("B", "ip", "tcp_source_ipv4 tcp_source_ipv6"),
    *_rows("C", "bool", "tcp_accept_unique=0 tcp_connection_match=0 tcp_accept_hep3=0 tcp_clone_rcvbuf=0"
           " tcp_fd_cache=1 tcp_delayed_ack=1"),
    *_rows("C", "num", "tcp_wq_blk_size=2100 tcp_defer_accept=0 tcp_syncnt=0 tcp_linger2=0"),
    *_rows("B", "int", "tcp_wait_data=5000"),
    CoreParam("tcp_poll_method", "str|id", b"epoll_lt", "C", check=_poll_method),
    # TLS (core side) and SCTP
    *_rows("A", "bool", "enable_tls(tls_enable)=0"),
    CoreParam("disable_tls", "bool", 1, "A", ("tls_disable",), inverse_of="enable_tls"),
    *_rows("A", "num", "enable_sctp=2"),
    CoreParam("disable_sctp", "bool", 0, "A", inverse_of="enable_sctp"),
    *_rows("C", "id", "tls_method"),
    *_rows("C", "bool", "tls_verify=0 tls_require_certificate=0"),
    *_rows("C", "str", "tls_certificate tls_private_key tls_ca_list"),
    *_rows("C", "num", "tls_handshake_timeout=0 tls_send_timeout=0 tlslog(tls_log)=0"),
    # OpenSER 1.4
    *_rows("A", "str", "avp_aliases"),
    CoreParam("disable_dns_failover", "bool", 1, "B", inverse_of="use_dns_failover"),
    CoreParam("disable_dns_blacklist", "bool", 1, "B", inverse_of="use_dst_blocklist"),
    *_rows("B", "bool", "tls_verify_server=0 tls_verify_client=0 tls_require_client_certificate=0"),
    *_rows("B", "str", "tls_ciphers_list"),
    *_rows("B", "str", "tls_client_domain_avp"),
    *_rows("C", "str|id", "fifo fifo_mode fifo_db_url unix_sock unix_tx_timeout fifo_dir unix_sock_mode fifo_user"),
]  # fmt: skip

CORE_PARAMS: dict[str, CoreParam] = {name: row for row in _TABLE for name in (row.name, *row.aliases)}


#: parameters that some part of the server reads; the others are accepted with a notice (a test looks for the readers)
HONOURED = words(
    "advertised_address advertised_port async_tasks_max async_workers async_workers_group auto_aliases"
    " auto_bind_ipv6 avp_aliases cfgengine check_via children chroot debug disable_core_dump disable_tcp"
    " dns_cache_flags dns_cache_max_ttl dns_cache_min_ttl dns_cache_negative_ttl dns_naptr_ignore_rfc dns_retr_no"
    " dns_retr_time dns_servers_no dns_srv_lb dns_tcp_pref dns_tls_pref dns_try_ipv6 dns_try_naptr dns_udp_pref"
    " dns_use_search_list edits_visible enable_tls exit_timeout force_rport fork group hdr_name_extra_chars"
    " ip_free_bind ipv6_hex_style keep_shm latency_limit_action latency_limit_cfg latency_limit_db latency_log"
    " local_rport lock_backend log_color log_engine_type log_facility log_name log_prefix log_stderror"
    " max_branches max_recursive_level max_respawns max_while_loops maxbuffer mem_debug mhomed onsend_route_reply"
    " open_files_limit parser_leniency port received_route_mode reply_to_via route_locks_size rundir server_header"
    " server_id server_signature shm_mem_size sip_parser_log sip_parser_mode sip_warning socket_workers"
    " sql_buffer_size tcp_accept_aliases tcp_accept_haproxy tcp_accept_no_cl tcp_children tcp_conn_wq_max"
    " tcp_connect_timeout tcp_connection_lifetime tcp_crlf_ping tcp_keepalive tcp_keepcnt tcp_keepidle"
    " tcp_keepintvl tcp_max_connections tcp_no_connect tcp_rd_buf_size tcp_reuse_port tcp_script_mode"
    " tcp_send_timeout tcp_source_ipv4 tcp_source_ipv6 tcp_wait_data tcp_wq_max tls_ca_list tls_certificate"
    " tls_ciphers_list tls_max_connections tls_method tls_port_no tls_private_key tls_require_certificate"
    " tls_require_client_certificate tls_verify tls_verify_client tls_verify_server tos udp_mtu udp_mtu_try_proto"
    " uri_host_extra_chars use_dns_cache use_dns_failover user user_agent_header version_table workdir"
)
#: these ask for what is the case anyway
NEEDLESS = {"tcp_async": 1, "disable_sctp": 1, "enable_sctp": 0,
            "dns_cache_init": 1, "log_prefix_mode": 1, "phone2tel": 1, "msg_time": 1, "disable_dns_failover": 1,
            "disable_dns_blacklist": 1}  # fmt: skip
#: why a parameter has no effect, by its name; the first that matches
_WHY = (
    (r"tls_client_domain_avp", "tls_set_connect_server_id() of the module tls chooses a profile"),
    (r"tls_handshake_timeout|tls_send_timeout", "tcp_connect_timeout and tcp_send_timeout are the limits"),
    (r"tlslog", "the module tls has a parameter tls_log"),
    (r"sctp|enable_sctp|disable_sctp|.*_sctp_", "SCTP is not served"),
    (r"tcp_async", "what is sent is always queued"),
    (r"tcp_accept_hep3", "no transport here carries HEP"),
    (r"tcp_accept_unique|tcp_connection_match", "connections are told apart by the peer's address and port"),
    (r"tcp_(defer_accept|delayed_ack|syncnt|linger2)", "sockets have no such option here"),
    (r"tcp_", "connections have no such choice here"),
    (r"async_", "a task worker sleeps until there is a task for it"),
    (r"dns$", "the host of a Via is compared as it is written"),
    (r"dns_cache", "the cache is limited by the number of names"),
    (r"dns_s", "queries have a limit of time and no other"),
    (r"rev_dns", "nothing is looked up by address"),
    (r"dst_blocklist|use_dst_blocklist", "no destination is ever left out"),
    (r"mem|shm_force|pv_", "memory has no such choice here"),
    (r"fifo|unix", "management is in the module jsonrpcs"),
    (r"http_reply", "no transport here carries HTTP"),
    (r"corelog", "what peers provoke is counted, not logged"),
    (r"latency_cfg_log", "only blocks that take too long are reported"),
    (r"stats_name", "the names of statistics are fixed"),
    (r"rt_|real_time|mlock", "scheduling is left to the service manager"),
    (r"mcast|udp4_raw|pmtu|bind_ipv6_link", "sockets have no such option here"),
)


class CoreParams:
    """The values of all core parameters, as attributes by their main names. `given` holds the names that were set."""

    def __init__(self) -> None:
        self.given: set[str] = set()
        for row in _TABLE:
            setattr(self, row.name, row.default)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no core parameter {name}")

    def set(self, name: str, value: Raw, pos: Pos | None = None) -> CoreParam:
        """Set one by any of its names; ConfigError for an unknown name, a wrong kind or a refused value."""
        row = CORE_PARAMS.get(name)
        if row is None:
            raise ConfigError(f"unknown config variable {name!r}", pos, did_you_mean(name, CORE_PARAMS))
        kept = _typed(row, value, pos)
        if row.inverse_of:
            self.given.add(row.inverse_of)
            setattr(self, row.inverse_of, int(not kept))
        if row.repeated:
            kept = (*getattr(self, row.name), kept)
        self.given.add(row.name)
        setattr(self, row.name, kept)
        return row

    def notice(self, row: CoreParam) -> str:
        """What the user must know about a parameter that was set; "" when it does what it says."""
        value = getattr(self, row.name)
        if (
            (row.inverse_of or row.name) in HONOURED
            or NEEDLESS.get(row.name) == value
            or (not value and not row.default)
        ):
            return ""
        why = next((reason for pattern, reason in _WHY if re.match(pattern, row.name)), "")
        return f"{row.name} is accepted and has no effect" + (f": {why}" if why else "")

    def was_given(self, name: str) -> bool:
        """Was it set in the file (or on the command line)?"""
        return name in self.given


_WANTED = {"bool": "yes or no", "num": "a number without a sign", "int": "a number", "str": "a quoted string",
           "id": "a bare word", "str|id": "a word or a quoted string", "ip": "an address", "proto": "a transport",
           "int|id": "a number or an IPTOS_ name"}  # fmt: skip


def _typed(row: CoreParam, value: Raw, pos: Pos | None) -> Any:
    kind = row.kind
    good = {
        "bool": isinstance(value, int), "num": isinstance(value, int) and value >= 0, "int": isinstance(value, int),
        "str": isinstance(value, bytes), "id": isinstance(value, str), "str|id": isinstance(value, (str, bytes)),
        "ip": isinstance(value, (str, bytes)), "proto": isinstance(value, str), "int|id": isinstance(value, (int, str)),
    }[kind]  # fmt: skip
    if row.tier == "C" and kind == "str|id":
        good = True
    if not good:
        raise ConfigError(f"{row.name} takes {_WANTED[kind]}", pos)
    if isinstance(value, str) and kind in ("str|id", "ip"):
        value = value.encode("latin-1")
    if row.check is not None:
        try:
            return row.check(value)
        except ValueError as exc:
            raise ConfigError(f"{row.name}: {exc}", pos) from None
    return value
