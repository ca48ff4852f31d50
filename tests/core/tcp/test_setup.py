"""Core parameters of TCP: each lands in the option that the kernel looks at."""

import resource
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from kahea.cfg.core_params import CoreParams
from kahea.cfg.syntax.nodes import Address, Listen
from kahea.core.errors import StartError
from kahea.core.net import sockets
from kahea.core.net.addr import addr_text
from kahea.core.tcp import setup
from kahea.src.native import ffi, lib
from kahea.tests.core.net.test_parameters import option
from kahea.tests.support.segment import run_isolated


def params(**values: Any) -> CoreParams:
    made = CoreParams()
    made.set("auto_aliases", 0)
    for name, value in values.items():
        made.set(name, value)
    return made


@pytest.mark.parametrize(
    ("name", "given", "field", "kept"),
    [
        ("tcp_max_connections", 7, "max", 7),
        ("tls_max_connections", 7, "max_tls", 7),
        ("tcp_connection_lifetime", 5, "lifetime_ms", 5000),
        ("tcp_connection_lifetime", -1, "lifetime_ms", 30 * 86400 * 1000),
        ("tcp_connect_timeout", 3, "connect_ms", 3000),
        ("tcp_send_timeout", 4, "send_ms", 4000),
        ("tcp_wait_data", 700, "proxy_ms", 700),
        ("tcp_conn_wq_max", 9, "conn_queue", 9),
        ("tcp_wq_max", 9, "all_queues", 9),
        ("tcp_rd_buf_size", 600, "buffer", 600),
        ("tcp_no_connect", 1, "no_connect", 1),
        ("tcp_accept_aliases", 1, "accept_aliases", 1),
        ("tcp_accept_no_cl", 1, "accept_no_cl", 1),
        ("tcp_crlf_ping", 0, "crlf_ping", 0),
        ("tcp_crlf_pingpong", 0, "crlf_ping", 0),
        ("tcp_accept_haproxy", 1, "proxy", 1),
        ("tcp_script_mode", 1, "close_on_error", 0),
        ("tcp_script_mode", 0, "close_on_error", 1),
    ],
)
def test_parameter_is_an_option_of_the_table(name: str, given: int, field: str, kept: int) -> None:
    assert getattr(setup.options(params(**{name: given})), field) == kept


def test_source_addresses() -> None:
    made = setup.options(params(tcp_source_ipv4="192.0.2.1", tcp_source_ipv6="2001:db8::1"))
    ends = [addr_text(ffi.addressof(made, field)) for field in ("source4", "source6")]
    assert ends == [b"192.0.2.1", b"2001:db8::1"]
    assert setup.options(params()).source4.family == 0


@pytest.fixture
def closed() -> Iterator[None]:
    yield
    sockets.close_all()


def opened(**values: Any) -> sockets.SocketInfo:
    return sockets.open_all(params(**values), [Listen(Address(("127.0.0.1",), "tcp", 5060))], [])[0]


@pytest.mark.parametrize(
    ("name", "given", "level", "number", "kept"),
    [
        ("tcp_keepalive", 1, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        ("tcp_keepalive", 0, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0),
        ("tcp_keepidle", 77, socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 77),
        ("tcp_keepintvl", 77, socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 77),
        ("tcp_keepcnt", 7, socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 7),
        ("tcp_reuse_port", 1, socket.SOL_SOCKET, socket.SO_REUSEPORT, 1),
        ("tos", 0x08, socket.IPPROTO_IP, socket.IP_TOS, 0x08),
    ],
)
def test_parameter_is_an_option_of_sockets(
    isolated: None, closed: None, name: str, given: int, level: int, number: int, kept: int
) -> None:
    assert option(opened(**{name: given}), level, number) == kept


def test_receivers_are_as_many_as_tcp_children_says(isolated: None, closed: None) -> None:
    def check() -> None:
        opened()
        assert setup.prepare(params(children=3)) == 3
        assert setup.prepare(params(children=3, tcp_children=5)) == 5
        assert lib.kh_conn_owner_count() == 5 and lib.kh_chan_places() == 6
        with pytest.raises(StartError, match="tcp_children is 0"):
            setup.prepare(params(tcp_children=0))
        with pytest.raises(StartError, match="not enough shared memory"):
            setup.prepare(params(tcp_max_connections=1_000_000))
        sockets.close_all()
        assert setup.prepare(params()) == 0  # no socket for streams, nothing to make

    run_isolated(check)


def test_files_are_allowed_for_all_connections() -> None:
    def check() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
        setup.raise_file_limit(300)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 300
        setup.raise_file_limit(250)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 300

    run_isolated(check)
