"""The fuzzing targets reach all that reads what a peer sent."""

import re

from kahea.tests.parser.entry_points import MESSAGE, TEXT
from kahea.tools.fuzz.build import HERE, TARGETS
from kahea.tools.fuzz.corpus import CORPUS, EDIT_OPS, KEPT_LONGEST, LONGEST, messages


def test_every_function_that_reads_a_peers_bytes_is_called_by_a_target() -> None:
    code = "".join(path.read_text() for path in (*HERE.glob("*.c"), *HERE.glob("*.h")))
    called = set(re.findall(r"\b(kh_\w+)\(", code))
    through_others = {"kh_msg_index", "kh_sock_pick", "kh_request_hash", "kh_next_hop_uri", "kh_ruri", "kh_sock_find"}
    assert {*TEXT, *MESSAGE} - called == through_others, (
        "inside kh_msg_parse, kh_next_hop, kh_loose_route and the build"
    )


def test_corpus_is_small_and_for_each_target() -> None:
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} == set(TARGETS)
    for target in TARGETS:
        sizes = [path.stat().st_size for path in (CORPUS / target).iterdir()]
        assert 0 < len(sizes) < 400
        assert max(sizes) <= LONGEST.get(target, KEPT_LONGEST)


def test_targets_start_from_the_messages_of_the_parser_s_tests() -> None:
    assert sum(data.startswith((b"INVITE ", b"SIP/2.0 ")) for data in messages()) > 20
    assert f"OPS = {EDIT_OPS // 4}" in (HERE / "fuzz_edits.c").read_text()  # four bytes each
