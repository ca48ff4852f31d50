"""The benchmark of many registrations counts what it says."""

import sys

from kahea.tools.bench import location


def test_phones_are_registered_and_found(isolated: None) -> None:
    steps: list[int] = []
    command = f"{sys.executable} -m kahea.core.main -DD -E -m 32 -f {{cfg}}"
    result = location.measure(command, steps.append, phones=300)
    assert (result.phones, result.registered, result.found, sum(steps)) == (300, 300, 300, 600)
    assert result.register_us > 0 and result.lookup_us > 0 and result.pss_mb > 1
