"""Calls through a script that takes a lock for every request, under each back end, while workers are killed."""

import pathlib
import random
import signal
import time
from collections.abc import Callable

import pytest

from kahea.locking import available
from kahea.tests.support.server import Server, kill

from .test_load import PATIENT, callee, caller

MODULES = pathlib.Path(__file__).parent / "modules"
CALLS, CALLS_PER_S = 300, 100
KILLS, EVERY_S = 12, 0.2
REQUESTS = 2  # INVITE and BYE; an ACK is lost with the worker that got it, and nobody needs it again


@pytest.mark.parametrize("backend", available())
def test_killed_holder_stops_nobody(
    start_proxy: Callable[..., Server], isolated: None, tmp_path: pathlib.Path, backend: str
) -> None:
    text = (pathlib.Path(__file__).parent / "proxy.cfg").read_text()
    guarded = text.replace('loadmodule "tm.so"', f'mpath="{MODULES}"\nloadmodule "guarded.so"\nloadmodule "tm.so"', 1)
    guarded = guarded.replace("request_route {", "request_route {\n\tguarded();", 1)
    server = start_proxy(f'lock_backend="{backend}"\n' + PATIENT, guarded)
    phones = callee(tmp_path / "uas")
    running = caller(tmp_path / "uac", CALLS_PER_S, CALLS)
    dice = random.Random(1)
    for _ in range(KILLS):
        time.sleep(EVERY_S)
        kill(dice.choice(server.workers()), signal.SIGKILL)
    result = running.wait(60)
    phones.kill()
    assert (result.successful, result.failed) == (CALLS, 0), result.errors[-6000:]
    numbers = server.rpc("guarded.numbers")
    assert numbers["first"] == numbers["second"] >= CALLS * REQUESTS
    assert server.rpc("core.locks") == []
    assert server.rpc("shm.check") == {"faults": 0, "misuses": 0}
