"""What management says of memory, asked of a running server."""

from collections.abc import Callable

import pytest

from kahea.tests.support.server import Server, ServerError

CFG = """
loadmodule "tm.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "jsonrpcs.so"
request_route { save("location"); }
"""
REGISTER = (
    b"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1\r\n"
    b"From: <sip:alice@127.0.0.1>;tag=a\r\nTo: <sip:alice@127.0.0.1>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n"
    b"Contact: <sip:alice@127.0.0.1:5070>\r\nContent-Length: 0\r\n\r\n"
)


def test_memory_is_known_by_module_and_line_and_all_comes_back(
    start_server: Callable[..., Server], sip_socket: Callable[..., object]
) -> None:
    server = start_server("mem_debug=yes\n" + CFG)
    phone = sip_socket(5070)
    phone.send(REGISTER)  # type: ignore[attr-defined]
    assert phone.receive().status == 200  # type: ignore[attr-defined]
    totals = server.rpc("shm.modules")
    assert totals.pop("Total") == sum(totals.values()) == sum(site["bytes"] for site in server.rpc("shm.sites"))
    assert totals["tm"] > 100_000 and totals["core"] > 1000
    [tm] = server.rpc("mod.stats", "tm", "shm")
    assert tm["Module"] == "tm" and tm["shm"]["Total"] == totals["tm"]
    assert any(line.startswith("src/tm/cells.c:") for line in tm["shm"])
    assert server.rpc("mod.stats", "unknown", "all") == [{"Module": "unknown", "shm": {"Total": 0}}]
    assert {entry["Module"] for entry in server.rpc("mod.stats", "all", "shm")} == set(totals)
    assert server.stop() == 0
    assert " blocks of " not in server.log  # nothing is left to report


@pytest.mark.parametrize(
    ("params", "text"), [((), "Module name"), (("tm",), '"pkg" or "shm"'), (("tm", "pkg"), "pkg.stats")]
)
def test_question_about_a_module_says_what_is_missing(
    start_server: Callable[..., Server], params: tuple[str, ...], text: str
) -> None:
    with pytest.raises(ServerError, match=text):
        start_server(CFG).rpc("mod.stats", *params)
