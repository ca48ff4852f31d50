"""Names to addresses, without a DNS server: literals, the hosts file, the cache."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kahea.core.net import resolve


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    hosts = tmp_path / "hosts"
    hosts.write_text("# comment\n192.0.2.7 pbx.example.com pbx # more\n2001:db8::7 pbx\nnonsense line\n")
    monkeypatch.setattr(resolve, "HOSTS", str(hosts))
    monkeypatch.setattr(resolve, "state", resolve.State(resolve.Options(dns=False)))
    yield


@pytest.mark.parametrize("text", [b"192.0.2.1", b"2001:db8::1"])
def test_literal_is_its_own_answer(text: bytes) -> None:
    assert resolve.resolve_host(text) == [text]
    assert resolve.state.cache == {}


def test_brackets_are_taken_off() -> None:
    assert resolve.resolve_host(b"[::1]") == [b"::1"]


def test_hosts_file_is_asked_first_and_ipv4_comes_first() -> None:
    assert resolve.resolve_host(b"PBX.") == [b"192.0.2.7", b"2001:db8::7"]
    assert resolve.reverse(b"192.0.2.7") == [b"pbx.example.com", b"pbx"]


def test_unknown_name_is_remembered_as_unknown() -> None:
    assert resolve.resolve_host(b"nosuch.example") == []
    assert resolve.resolve_host(b"nosuch.example") == []
    assert resolve.state.hits == 1


def test_answers_of_dns_are_kept_for_their_ttl(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[bytes, str]] = []

    def query(name: bytes, kind: str) -> tuple[list[bytes], float]:
        asked.append((name, kind))
        return ([b"192.0.2.9"], 30.0) if kind == "A" else ([], 0.0)

    monkeypatch.setattr(resolve, "_query", query)
    resolve.state.options = resolve.Options()
    assert resolve.resolve_host(b"a.example") == resolve.resolve_host(b"A.example") == [b"192.0.2.9"]
    assert asked == [(b"a.example", "A"), (b"a.example", "AAAA")]
    resolve.clear_cache()
    resolve.resolve_host(b"a.example")
    assert len(asked) == 4


def test_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolve, "CACHE_MAX", 3)
    for number in range(10):
        resolve.resolve_host(b"n%d.example" % number)
    assert len(resolve.state.cache) <= 3
