"""Groups of task workers: which ones async_workers and async_workers_group make, and what their tasks do."""

from collections.abc import Iterator

import pytest

from kahea.cfg.core_params import CoreParams
from kahea.cfg.errors import ConfigError
from kahea.core import statistics, tasks
from kahea.core.errors import StartError
from kahea.src.native import lib
from kahea.tests.support import shared


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    shared.attach()
    monkeypatch.setattr(tasks, "_functions", [])
    yield
    tasks.clear()
    lib.kh_clock_skew(0)


def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that are logged as errors from now on."""
    lines: list[str] = []

    class Log:
        def error(self, text: str, *args: object) -> None:
            lines.append(text % args)

        exception = error

        def debug(self, text: str, *args: object) -> None:
            pass

    monkeypatch.setattr(tasks, "log", Log())
    return lines


def given(*values: tuple[str, int | bytes]) -> CoreParams:
    params = CoreParams()
    for name, value in values:
        params.set(name, value)
    return params


def groups(*values: tuple[str, int | bytes]) -> list[tuple[bytes | None, int]]:
    tasks.make_groups(given(*values))
    return [(group.name, group.workers) for group in tasks.task_groups()]


GROUP = "async_workers_group"


def test_none_unless_asked_for() -> None:
    assert groups() == [] and not tasks.async_task_workers_active()
    assert not tasks.async_task_push(0, b"x")


def test_groups_as_kamailio_makes_them() -> None:
    assert groups(("async_workers", 2)) == [(b"default", 2)]
    assert groups((GROUP, b"name=a;workers=3;nonblock=1;usleep=10")) == [(b"default", 1), (b"a", 3)]
    assert groups((GROUP, b"name=a;workers=1"), (GROUP, b"name=b;workers=2")) == [(b"default", 1), (b"b", 2), (b"a", 1)]
    assert groups((GROUP, b"name=a;workers=1"), (GROUP, b"name=a; workers=2")) == [(b"default", 1), (b"a", 3)]
    assert groups(("async_workers", 2), (GROUP, b"name=default;workers=3")) == [(b"default", 3)]
    assert tasks.task_groups()[0].description == "Async Task Worker - default"


@pytest.mark.parametrize("text", [b"", b"nonsense", b"workers=2", b"name=a", b"name=a;workers=0", b"name=a;workers=x"])
def test_a_bad_group_is_refused(text: bytes) -> None:
    with pytest.raises(ConfigError, match='async_workers_group: must be "name=X;workers=N"'):
        given((GROUP, text))


def test_a_task_runs_its_function_with_its_bytes_and_knows_its_group() -> None:
    seen: list[tuple[bytes, bytes | None]] = []
    number = tasks.register_async_task(lambda payload: seen.append((payload, tasks.async_task_gname_get())))
    groups((GROUP, b"name=a;workers=1"))
    private = tasks.make_group("SOME MODULE", 1)
    assert tasks.async_task_push(number, b"\0one")
    assert tasks.async_task_group_push(b"a", number, b"")
    assert not tasks.async_task_group_push(b"nobody", number, b"x")
    assert private.push(number, b"two")
    tasks.run_due()
    assert seen == [(b"\0one", b"default"), (b"", b"a"), (b"two", None)]
    assert tasks.async_task_gname_get() is None


def test_a_task_for_later_waits() -> None:
    seen: list[bytes] = []
    number = tasks.register_async_task(seen.append)
    assert tasks.register_async_task(seen.append) == number
    groups(("async_workers", 1))
    assert tasks.async_task_push(number, b"later", 500)
    due = tasks.next_due_ms()
    assert due is not None and 400 < due - lib.kh_now_ms() <= 500
    tasks.run_due()
    assert seen == []
    lib.kh_clock_skew(501)
    tasks.run_due()
    assert seen == [b"later"] and tasks.next_due_ms() is None


def test_a_task_that_fails_is_logged_and_the_next_one_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logged(monkeypatch)
    seen: list[bytes] = []

    def fails(payload: bytes) -> None:
        raise RuntimeError(payload)

    bad, good = tasks.register_async_task(fails), tasks.register_async_task(seen.append)
    groups(("async_workers", 1))
    tasks.async_task_push(bad, b"x")
    tasks.async_task_push(good, b"y")
    tasks.run_due()
    assert seen == [b"y"] and len(lines) == 1 and "fails" in lines[0]


def test_limit_statistics_and_what_main_says(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logged(monkeypatch)
    number = tasks.register_async_task(lambda payload: None)
    groups(("async_workers", 1), ("async_tasks_max", 2))
    watch = tasks.TaskWatch()
    watch.look()
    assert [tasks.async_task_push(number, b"x") for _ in range(4)] == [True, True, False, False]
    watch.next = 0
    watch.look()
    assert lines == ["Async Task Worker - default: 2 tasks were refused, 2 wait"]
    found = {stat.name: stat.value for stat in statistics.stats_of("async")}
    assert found == {"waiting": 2, "in_hand": 0, "pushed": 2, "refused": 2, "lost": 0}
    watch.look()
    watch.next = 0
    watch.look()
    assert len(lines) == 1


def test_no_memory_for_a_group_stops_the_start() -> None:
    lib.kh_shm_fail_after(0)
    try:
        with pytest.raises(StartError, match=r"no shared memory for 16384 tasks of Async Task Worker - default"):
            groups(("async_workers", 1))
    finally:
        lib.kh_shm_fail_after(-1)
