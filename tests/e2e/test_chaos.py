"""Any process of the tree may die at any moment, again and again, while calls go through.

`KAHEA_CHAOS_KILLS` sets how many are killed, one every 200 ms: workers, timers, management, by SIGKILL or a crash. The
supervisor's crash-loop limit stays as it is: all kills together are fewer than it allows in one place.
"""

import os
import pathlib
import random
import signal
import time
from collections.abc import Callable

import pytest

from kahea.core.process.supervisor import CRASH_WINDOW_S, MAX_RESPAWNS
from kahea.tests.support.server import Server, kill, wait_until

from .peer import Peer
from .test_load import PATIENT, callee, caller

KILLS = int(os.environ.get("KAHEA_CHAOS_KILLS", "300"))
EVERY_S = 0.2
CALLS_PER_S = 60
PHONES = 50
SEED = 4


@pytest.fixture
def proxy(start_proxy: Callable[..., Server]) -> Server:
    return start_proxy(PATIENT)


def register_phones(count: int) -> None:
    for number in range(count):
        with Peer(20000 + number, f"u{number}") as phone:
            assert phone.register(3600).status == 200


def registered(number: int) -> bool:
    """Asked for by a REGISTER without Contact."""
    with Peer(20000 + number, f"u{number}") as phone:
        call = phone.new_call(f"u{number}")
        phone.send(phone.request("REGISTER", call).replace(f"Contact: <sip:u{number}@127.0.0.1:{phone.port}>\r\n", ""))
        return bool(phone.receive(3.0).all("Contact"))


def transactions_over(proxy: Server) -> None:
    """Until the last one was freed."""
    wait_until(lambda: proxy.rpc("tm.stats")["current"] == 0, 60, "no transaction left")


def in_use(proxy: Server) -> int:
    """Bytes of shared memory."""
    return int(proxy.rpc("core.shmmem")["real_used"])


def test_kills_are_no_crash_loop() -> None:
    assert CRASH_WINDOW_S / EVERY_S < MAX_RESPAWNS


def test_processes_die_under_load_and_nothing_is_lost(proxy: Server, isolated: None, tmp_path: pathlib.Path) -> None:
    kinds = {row["description"].split()[0] for row in proxy.processes()}
    assert kinds == {"main", "udp", "slow", "timer", "jsonrpcs:"}
    register_phones(PHONES)
    phones = callee(tmp_path / "uas")
    caller(tmp_path / "warm", CALLS_PER_S, 60).wait(30)
    transactions_over(proxy)
    before = in_use(proxy)

    rng = random.Random(SEED)
    seconds = KILLS * EVERY_S
    calls = int(CALLS_PER_S * seconds)
    running = caller(tmp_path / "uac", CALLS_PER_S, calls)
    time.sleep(1)
    for number in range(KILLS):
        kill(rng.choice(proxy.children()), signal.SIGKILL if number % 3 else signal.SIGSEGV)
        time.sleep(EVERY_S)
    result = running.wait(seconds + 90)
    phones.kill()

    assert proxy.process is not None and proxy.process.poll() is None, proxy.log[-4000:]
    assert (result.successful, result.failed) == (calls, 0), result.errors[-6000:]
    assert all(registered(number) for number in range(PHONES))
    transactions_over(proxy)
    wait_until(lambda: in_use(proxy) == before, 20, f"shared memory back at {before}")
    assert proxy.rpc("shm.check") == {"faults": 0, "misuses": 0}
    assert proxy.rpc("core.locks") == []
