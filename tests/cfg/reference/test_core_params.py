"""A row for each name of a core parameter (core_params.tsv), and something that shows the effect of those that work."""

import ast
from pathlib import Path

import pytest

import kahea
from kahea.cfg.core_params import CORE_PARAMS, HONOURED, CoreParams
from kahea.cfg.syntax.nodes import Param
from kahea.cfg.syntax.parser import parse_text
from kahea.cfg.words import words
from kahea.tests.cfg.reference.cases import FOLDER, read_cases

ROWS = [line.split("\t") for line in (FOLDER / "core_params.tsv").read_text().splitlines() if line[0] != "#"]
TESTS = Path(kahea.__file__).parent / "tests"
#: parameters whose effect a script cannot show -> the test that does
ELSEWHERE = {
    **dict.fromkeys(words(
        "auto_aliases auto_bind_ipv6 dns_cache_flags dns_cache_max_ttl dns_cache_min_ttl dns_cache_negative_ttl"
        " dns_retr_no dns_retr_time dns_servers_no dns_try_ipv6 dns_use_search_list ip_free_bind maxbuffer mhomed tos"
        " use_dns_cache"
    ), "core/net/test_parameters.py"),
    **dict.fromkeys(
        words("dns_naptr_ignore_rfc dns_srv_lb dns_tcp_pref dns_tls_pref dns_try_naptr dns_udp_pref"),
        "core/net/test_sip_resolve.py",
    ),
    **dict.fromkeys(words("udp_mtu udp_mtu_try_proto"), "core/msg/test_streams.py"),
    "use_dns_failover": "modules/tm/test_failover.py",
    **dict.fromkeys(words(
        "children chroot disable_core_dump exit_timeout fork group lock_backend log_color log_engine_type log_facility"
        " log_name log_prefix log_stderror open_files_limit rundir shm_mem_size socket_workers user workdir"
    ), "core/process/test_parameters.py"),
    **dict.fromkeys(words("async_tasks_max async_workers async_workers_group"), "core/test_tasks.py"),
    "cfgengine": "core/scripttest/test_scripttest.py",
    "version_table": "core/db/test_version.py",
    **dict.fromkeys(words("latency_limit_db sql_buffer_size"), "core/db/test_connection.py"),
    "edits_visible": "core/test_edits_visible.py",
    **dict.fromkeys(
        words("hdr_name_extra_chars parser_leniency sip_parser_mode uri_host_extra_chars"), "parser/test_lenient.py"
    ),
    "keep_shm": "e2e/test_warm_restart.py",
    "max_respawns": "core/process/test_supervisor.py",
    "mem_debug": "e2e/test_out_of_memory.py",
    **dict.fromkeys(words(
        "tls_ca_list tls_certificate tls_ciphers_list tls_method tls_private_key tls_require_certificate"
        " tls_require_client_certificate tls_verify tls_verify_client tls_verify_server"
    ), "modules/tls/test_openser.py"),
    **dict.fromkeys(words("disable_tcp enable_tls tls_port_no"), "core/net/test_sockets.py"),
    **dict.fromkeys(words(
        "tcp_children tcp_keepalive tcp_keepcnt tcp_keepidle tcp_keepintvl tcp_source_ipv6"
    ), "core/tcp/test_setup.py"),
    **dict.fromkeys(words("tcp_no_connect tcp_reuse_port tcp_source_ipv4 tcp_wq_max"), "src/test_stream.py"),
    **dict.fromkeys(words("tls_max_connections"), "src/test_conn.py"),
    "tcp_script_mode": "e2e/test_tcp.py",
    **dict.fromkeys(words(
        "tcp_accept_aliases tcp_accept_haproxy tcp_accept_no_cl tcp_conn_wq_max tcp_connect_timeout"
        " tcp_connection_lifetime tcp_crlf_ping tcp_max_connections tcp_rd_buf_size tcp_send_timeout tcp_wait_data"
    ), "e2e/test_tcp_limits.py"),
    "user_agent_header": "modules/tm/test_user_agent.py",
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[row[1] for row in ROWS])
def test_a_line_sets_a_value_and_says_when_it_has_no_effect(row: list[str]) -> None:
    tier, name, line, main, kept, effect = row
    (item,) = parse_text(line.encode()).items
    assert isinstance(item, Param)
    params = CoreParams()
    found = params.set(item.name, item.value, item.pos)
    assert (found.tier, item.name) == (tier, name)
    assert getattr(params, main) == ast.literal_eval(kept)
    notice = params.notice(found)
    assert (notice == "") == (effect == "works")
    if effect not in ("works", "-"):
        assert notice == f"{found.name} is accepted and has no effect: {effect}"


def test_every_name_has_a_row() -> None:
    assert sorted(row[1] for row in ROWS) == sorted(CORE_PARAMS)


def test_what_matters_works_or_says_what_is_missing() -> None:
    assert [row[1] for row in ROWS if row[0] in "AB" and row[5] == "-"] == ["log_prefix_mode"]


def test_the_effect_of_each_parameter_that_works_is_shown_somewhere() -> None:
    shown = {case.key for case in read_cases("core_params.txt")}
    assert shown | set(ELSEWHERE) == HONOURED
    for name, place in ELSEWHERE.items():
        text = (TESTS / place).read_text()
        assert name in text or name.replace("_", "-") in text, f"{place} does not mention {name}"
