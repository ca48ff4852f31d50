"""Load from sipp: no call may be lost, with or without a worker being killed in the middle."""

import os
import pathlib
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from kahea.tests.support.server import Server, alive
from kahea.tests.support.sipp import Sipp

SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "tools" / "bench" / "scenarios"


PATIENT = (
    'modparam("tm", "fr_timer", 30000)\nmodparam("tm", "fr_inv_timer", 60000)\n'  # a busy machine is no dead phone
)
T1_MS = 500
BUFFERS = ("-buff_size", "33554432")


@pytest.fixture
def proxy(start_proxy: Callable[..., Server]) -> Server:
    return start_proxy(PATIENT)


# what a phone does and sipp's scenario for benchmarks does not: (there, here)
AS_PHONES_DO = (
    # a BYE is answered although the ACK was lost on its way (RFC 3261 §15.1.2)
    ('<recv request="ACK" rtd="true" crlf="true"/>', '<recv request="ACK" optional="true"/>'),
    # and answered again, since the 200 may have been lost too (timer J, §17.2.2)
    ("</scenario>", f'<timewait milliseconds="{64 * T1_MS}"/>\n</scenario>'),
)


def callee(folder: pathlib.Path, *options: str) -> Sipp:
    """Phones: a process that is killed takes the datagram in its hands with it, and only they can repeat it."""
    text = (SCENARIOS / "uas_calls.xml").read_text()
    for there, here in AS_PHONES_DO:
        assert there in text
        text = text.replace(there, here)
    folder.mkdir(parents=True, exist_ok=True)
    scenario = folder / "uas.xml"
    scenario.write_text(text)
    return Sipp(scenario, folder, "-default_behaviors", "all,-bye", *BUFFERS, *options, name="uas", port=5081).start()


def caller(folder: pathlib.Path, rate: int, calls: int) -> Sipp:
    options = ("-s", "direct", "-r", str(rate), "-m", str(calls), "-d", "50", "-l", "5000", *BUFFERS)
    return Sipp(SCENARIOS / "uac_rr.xml", folder, "127.0.0.1:5060", *options, name="uac").start()


@pytest.fixture
def uas(isolated: None, tmp_path: pathlib.Path) -> Iterator[Sipp]:
    phones = callee(tmp_path / "uas")
    yield phones
    phones.kill()


def test_five_thousand_calls_at_a_steady_rate_all_succeed(proxy: Server, uas: Sipp, tmp_path: pathlib.Path) -> None:
    result = caller(tmp_path / "uac", 300, 5000).wait(90)
    assert (result.successful, result.failed) == (5000, 0), result.errors[-6000:]


def test_killed_worker_is_replaced_and_no_call_is_lost(proxy: Server, uas: Sipp, tmp_path: pathlib.Path) -> None:
    before = proxy.workers()
    running = caller(tmp_path / "uac", 200, 1600)
    time.sleep(3)
    os.kill(before[0], signal.SIGKILL)
    time.sleep(1)
    os.kill(before[1], signal.SIGKILL)
    result = running.wait(60)
    assert (result.successful, result.failed) == (1600, 0), result.errors[-6000:]
    after = proxy.workers()
    assert len(after) == len(before)
    assert not set(before) & set(after)
    assert all(alive(pid) for pid in after)
