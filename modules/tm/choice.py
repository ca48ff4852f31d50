"""Which reply goes to the caller when several branches failed (RFC 3261 §16.7 step 6). Pure: numbers in, number out.

6xx wins outright; else the lowest class; inside 4xx those that tell the caller how to do better come first, then the
lower status. Among equals the first branch wins. A reply that we made up ourselves (408 of a silent branch) ranks
behind a real one of its class, and further behind with `faked_reply_prio`.
"""

from collections.abc import Iterable, Sequence

# better for the caller than the rest of their class
HELPFUL = {401: 1, 407: 1, 415: 2, 420: 2, 484: 2, 488: 3}
# tell least: the branch did not answer, was cancelled, or the server is ill
LAST = {408: 90, 487: 80, 500: 40, 503: 90}
CHALLENGES = (401, 407)


def rank(status: int, made_here: bool = False, six_blocks: bool = True, faked_prio: int = 0) -> int:
    """The smaller the better."""
    kind = status // 100
    if kind == 6:
        return 0 if six_blocks else 6000
    value = kind * 1000 + HELPFUL.get(status, LAST.get(status, 10))
    return value + (5 + faked_prio if made_here else 0)


def choose(replies: Iterable[tuple[int, int, bool]], six_blocks: bool = True, faked_prio: int = 0) -> int:
    """The branch to pass on of (branch, status, made here), finals below 300 not among them; -1 when there is none."""
    ranked = [
        (rank(status, made_here, six_blocks, faked_prio), status, branch) for branch, status, made_here in replies
    ]
    return min(ranked)[2] if ranked else -1


def to_aggregate(picked: int, replies: Sequence[tuple[int, int, bool]]) -> list[int]:
    """Branches whose challenges go along with a 401 or 407 that was picked (RFC 3261 §16.7 step 7)."""
    return [n for n, status, made_here in replies if n != picked and status in CHALLENGES and not made_here]
