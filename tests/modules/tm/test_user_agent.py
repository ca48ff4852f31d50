"""The User-Agent of requests made here: user_agent_header, server_signature."""

import pytest

from kahea.core.script import script
from kahea.modules.tm.local import user_agent


@pytest.fixture(autouse=True)
def params(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "params", type(script.params)())


def test_the_server_names_itself() -> None:
    (line,) = user_agent()
    assert line.startswith(b"User-Agent: kahea")


def test_user_agent_header_replaces_the_line() -> None:
    script.params.set("user_agent_header", b"User-Agent: mine")
    assert user_agent() == [b"User-Agent: mine"]


def test_without_signature_there_is_none() -> None:
    script.params.set("server_signature", 0)
    assert user_agent() == []
