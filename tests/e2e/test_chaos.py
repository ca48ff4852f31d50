"""Any process of the tree may die at any moment, again and again, while calls go through.

`KAHEA_CHAOS_KILLS` sets how many are killed, one every 200 ms; the default keeps the suite short.
"""

import os
import pathlib
import random
import signal
import time
from collections.abc import Callable

import pytest

from kahea.tests.support.server import Server, kill, wait_until

from .peer import Peer
from .test_load import PATIENT, callee, caller

KILLS = int(os.environ.get("KAHEA_CHAOS_KILLS", "100"))
EVERY_S = 0.2
CALLS_PER_S = 60
PHONES = 50
SEED = 4
NO_CRASH_LOOP = "max_respawns=1000000\n"  # deaths this frequent stop a server that is not told to expect them


@pytest.fixture
def proxy(start_proxy: Callable[..., Server]) -> Server:
    return start_proxy(NO_CRASH_LOOP + PATIENT)


def register_phones(first: int, count: int) -> None:
    for number in range(first, first + count):
        with Peer(20000 + number, f"u{number}") as phone:
            assert phone.register(3600).status == 200


def registered(number: int) -> bool:
    with Peer(20000 + number, f"u{number}") as phone:
        call = phone.new_call(f"u{number}")
        phone.send(phone.request("REGISTER", call).replace(f"Contact: <sip:u{number}@127.0.0.1:{phone.port}>\r\n", ""))
        return bool(phone.receive(3.0).all("Contact"))


def test_processes_die_under_load_and_every_call_succeeds(
    proxy: Server, isolated: None, tmp_path: pathlib.Path
) -> None:
    register_phones(0, PHONES)
    rng = random.Random(SEED)
    seconds = KILLS * EVERY_S
    phones = callee(tmp_path / "uas")
    calls = int(CALLS_PER_S * seconds)
    running = caller(tmp_path / "uac", CALLS_PER_S, calls)
    time.sleep(1)
    for number in range(KILLS):
        kill(rng.choice(proxy.children()), signal.SIGKILL if number % 3 else signal.SIGSEGV)
        time.sleep(EVERY_S)
    result = running.wait(seconds + 90)
    phones.kill()
    assert proxy.process is not None and proxy.process.poll() is None, proxy.log[-4000:]
    assert (result.successful, result.failed) == (calls, 0), result.output[-3000:]
    assert all(registered(number) for number in range(PHONES))


def test_memory_is_back_after_the_dead_have_been_cleared(proxy: Server, isolated: None, tmp_path: pathlib.Path) -> None:
    rng = random.Random(SEED)
    phones = callee(tmp_path / "uas")
    caller(tmp_path / "warm", CALLS_PER_S, 60).wait(30)

    def in_use() -> int:
        return int(proxy.rpc("core.shmmem")["real_used"])

    wait_until(lambda: proxy.rpc("tm.stats")["current"] == 0, 45, "no transaction left")
    before = in_use()
    running = caller(tmp_path / "uac", CALLS_PER_S, CALLS_PER_S * 6)
    for _ in range(20):
        kill(rng.choice(proxy.workers()), signal.SIGKILL)
        time.sleep(EVERY_S)
    assert running.wait(90).failed == 0
    wait_until(lambda: proxy.rpc("tm.stats")["current"] == 0, 60, "no transaction left")
    wait_until(lambda: in_use() <= before, 20, f"shared memory back at {before}")
    phones.kill()
