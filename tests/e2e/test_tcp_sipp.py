"""Calls of sipp over TCP, with one connection for all and with one a call, and from TCP to UDP and back."""

import pathlib

import pytest

from kahea.tests.support.server import wait_until
from kahea.tests.support.sipp import Sipp

from .test_load import SCENARIOS, callee
from .test_tcp import Start, start
from .test_tcp_limits import statistic

__all__ = ["start"]  # the fixture
CALLS = 300
RATE = 100
TRANSPORT = {"u1": "udp", "t1": "tcp", "tn": "tcp"}


def listens(proto: str, port: int) -> bool:
    """Has somebody in this network namespace bound the port?"""
    return f":{port:04X} 00000000:0000" in pathlib.Path(f"/proc/self/net/{proto}").read_text()


@pytest.mark.parametrize(("caller", "called"), [("t1", "t1"), ("tn", "t1"), ("u1", "t1"), ("tn", "u1")])
def test_calls_all_succeed(start: Start, tmp_path: pathlib.Path, caller: str, called: str) -> None:
    server = start(
        'modparam("tm", "fr_timer", 30000)\n',
        f"""
        request_route {{
            if (has_totag()) {{
                if (loose_route()) t_relay();
                exit;
            }}
            record_route();
            $du = "sip:127.0.0.1:5081;transport={TRANSPORT[called]}";
            t_relay();
        }}""",
    )
    phones = callee(tmp_path / "uas", "-t", called)
    wait_until(lambda: listens(TRANSPORT[called], 5081), 5, "the phones")  # over TCP the first call finds nobody else
    options = ("-t", caller, "-s", "bob", "-r", str(RATE), "-m", str(CALLS), "-d", "50", "-l", "2000")
    more = ("-max_socket", "1000") if caller == "tn" else ()
    result = (
        Sipp(SCENARIOS / "uac_rr.xml", tmp_path / "uac", "127.0.0.1:5060", *options, *more, name="uac").start().wait(60)
    )
    phones.kill()
    assert (result.successful, result.failed) == (CALLS, 0), result.errors[-4000:]
    accepted, made = statistic(server, "passive_open"), statistic(server, "connect_success")
    assert accepted == {"u1": 0, "t1": 1, "tn": CALLS}[caller]
    assert 0 < made <= 20 if called == "t1" else made == 0  # two workers may have made one each at the beginning
    wait_until(lambda: server.rpc("core.tcp_info")["opened_connections"] <= made, 10, "the callers' connections to end")
