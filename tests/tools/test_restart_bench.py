"""The benchmark of the warm restart finds what it registered."""

import sys

from kahea.tools.bench import restart


def test_phones_are_found_after_the_kill(isolated: None) -> None:
    steps: list[int] = []
    result = restart.measure(f"{sys.executable} -m kahea.core.main -DD -E -m 32 -f {{cfg}}", steps.append, phones=300)
    assert (result.phones, result.registered, result.found, sum(steps)) == (300, 300, 300, 600)
    assert 0 < result.kept_s <= result.all_found_s and result.empty_s > 0 and result.start_cpu_s > 0
