"""The best of several failures (RFC 3261 §16.7 step 6)."""

import pytest

from kahea.modules.tm.choice import choose, to_aggregate


def best(*statuses: int, six_blocks: bool = True, faked_prio: int = 0) -> int:
    return statuses[choose([(i, status, False) for i, status in enumerate(statuses)], six_blocks, faked_prio)]


@pytest.mark.parametrize(
    ("statuses", "picked"),
    [
        ((404, 500), 404),
        ((500, 302), 302),
        ((486, 603), 603),
        ((404, 401), 401),
        ((487, 486), 486),
        ((408, 404), 404),
        ((503, 500), 500),
        ((404, 484), 484),
        ((404, 410), 404),
        ((486, 404), 404),
    ],
)
def test_best_reply(statuses: tuple[int, ...], picked: int) -> None:
    assert best(*statuses) == picked


def test_6xx_is_the_worst_when_it_does_not_block() -> None:
    assert best(603, 500, six_blocks=False) == 500


def test_real_reply_wins_over_one_made_here() -> None:
    assert choose([(0, 408, True), (1, 408, False)]) == 1
    assert choose([(0, 408, True), (1, 500, False)]) == 0
    assert choose([(0, 408, True), (1, 500, False)], faked_prio=2000) == 1


def test_no_failure_no_choice() -> None:
    assert choose([]) == -1


def test_challenges_of_the_others_are_aggregated() -> None:
    replies = [(0, 401, False), (1, 404, False), (2, 407, False), (3, 401, True)]
    assert to_aggregate(0, replies) == [2]
