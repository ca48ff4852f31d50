"""Which profile a connection gets, and when the files are read again. The choices are Kamailio 5.6's."""

from collections.abc import Callable

import pytest

from kahea.cfg.errors import ConfigError
from kahea.core.errors import ModuleError
from kahea.modules.tls import profiles as module
from kahea.modules.tls.profile import Profile, Role
from kahea.modules.tls.profiles import Profiles, Store
from kahea.modules.tls.settings import settings

from .conftest import Certificates

HERE = ("127.0.0.1", 5061)


def choose(profiles: Profiles, name: str | None, port: int = 5061) -> str:
    """The server_id of the server profile for a client that asks for this name."""
    return profiles.server(HERE[0], port, name).profile.server_id


@pytest.fixture
def sections(certificates: Certificates, profiles_of: Callable[..., Profiles]) -> Callable[..., Profiles]:
    """`sections((head, server_name, mode), ...)`: profiles whose server_id is their place in the list."""

    def make(*heads: tuple[str, str, int]) -> Profiles:
        texts = [certificates.section("server:default", certificates.server, "server_id=default")]
        for index, (head, name, mode) in enumerate(heads):
            named = [f"server_name = {name}", f"server_name_mode = {mode}"] if name else []
            texts.append(certificates.section(head, certificates.named, f"server_id = {index}", *named))
        return profiles_of(*texts)

    return make


CHOICES = [
    # profiles, {name that the client asks for: which one it gets}
    ([], {None: "default", "x.org": "default"}),
    ([("server:127.0.0.1:5061", "", 0)], {None: "0", "x.org": "0"}),
    ([("server:127.0.0.1:0", "", 0)], {None: "0"}),
    ([("server:127.0.0.1:5062", "", 0)], {None: "default"}),
    ([("server:127.0.0.2:5061", "", 0)], {None: "default"}),
    ([("server:any", "n.org", 0)], {None: "default", "n.org": "0", "N.ORG": "0", "x.n.org": "default"}),
    ([("server:any", "n.org", 1)], {"n.org": "0", "x.n.org": "0", "xn.org": "default"}),
    ([("server:any", "n.org", 2)], {"n.org": "default", "x.n.org": "0", "xn.org": "default"}),
    ([("server:127.0.0.1:5061", "a.org", 0)], {None: "0", "a.org": "0", "b.org": "default"}),
    (
        [("server:127.0.0.1:5061", "a.org", 0), ("server:127.0.0.1:5061", "b.org", 0)],
        {None: "1", "a.org": "0", "b.org": "1", "c.org": "default"},
    ),
    ([("server:any", "a.org", 0), ("server:127.0.0.1:5061", "a.org", 0)], {"a.org": "1"}),
    ([("server:any", "a.org", 0), ("server:127.0.0.1:5061", "", 0)], {"a.org": "1", None: "1"}),
    # the more specific goes before the later one, where Kamailio takes the later
    ([("server:127.0.0.1:5061", "a.org", 0), ("server:127.0.0.1:5061", "", 0)], {"a.org": "0", "c.org": "1"}),
]


@pytest.mark.parametrize(("heads", "expected"), CHOICES)
def test_a_server_profile_is_chosen_by_address_and_name(
    sections: Callable[..., Profiles], heads: list[tuple[str, str, int]], expected: dict[str | None, str]
) -> None:
    profiles = sections(*heads)
    assert {name: choose(profiles, name) for name in expected} == expected


def test_a_client_profile_is_chosen_by_id_then_by_address(profiles_of: Callable[..., Profiles]) -> None:
    profiles = profiles_of(
        "[server:default]\ncertificate=sip.example.org.pem\nprivate_key=sip.example.org.key",
        "[client:default]\nverify_depth=1",
        "[client:192.0.2.1:5061]\nverify_depth=2",
        "[client:192.0.2.9:1]\nverify_depth=3\nserver_id=one",
        "[client:any]\nverify_depth=4\nserver_name=four.org",
    )

    def depth(ip: str, port: int, server_id: str = "", name: str | None = None) -> int:
        return profiles.client(ip, port, server_id, name).profile.verify_depth

    assert depth("192.0.2.1", 5061) == 2
    assert depth("192.0.2.1", 5062) == 1
    assert depth("192.0.2.1", 5061, "one") == 3
    assert depth("192.0.2.1", 5061, "unknown") == 2
    assert depth("192.0.2.5", 5061, "", "four.org") == 4


def test_without_default_sections_there_are_defaults(profiles_of: Callable[..., Profiles]) -> None:
    profiles = profiles_of("[server:default]\ncertificate=sip.example.org.pem\nprivate_key=sip.example.org.key")
    found = profiles.client("192.0.2.1", 5061, "", None)
    assert found.profile == Profile(Role.CLIENT)
    assert found.certificate == b""


# reading again


@pytest.fixture
def store(certificates: Certificates, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> Store:
    made = Store()
    made.folder = str(tmp_path)
    monkeypatch.setattr(settings, "config", b"tls.cfg")
    monkeypatch.setattr(module, "store", made)
    write(made, certificates.section("server:default", certificates.server))
    made.start()
    return made


def write(store: Store, text: str) -> None:
    with open(f"{store.folder}/tls.cfg", "w") as file:
        file.write(text)


def test_another_process_takes_the_new_profiles_with_its_next_connection(
    store: Store, certificates: Certificates
) -> None:
    other = Store()  # as a receiver that was forked: the same shared memory, what main had loaded
    other.folder, other._shared, other._current = store.folder, store._shared, store._current
    before = other.current
    write(store, certificates.section("server:default", certificates.named))
    assert other.current is before
    store.reload()
    assert other.current is not before
    assert other.current.server(*HERE, None).certificate == certificates.named.certificate.read_bytes()
    again = other.current
    assert other.current is again


def test_a_file_that_is_wrong_changes_nothing(store: Store, certificates: Certificates) -> None:
    before = store.current
    write(store, "[server:default]\nverify_depth = many\n")
    with pytest.raises(ConfigError):
        store.reload()
    assert store.current is before
    write(store, "[server:default]\ncertificate = /nowhere\n")
    with pytest.raises(ConfigError):
        store.reload()
    assert store.current is before


def test_a_file_that_is_gone_changes_nothing(store: Store) -> None:
    store.folder += "/elsewhere"
    before = store.current
    with pytest.raises(ModuleError, match="No such file"):
        store.reload()
    assert store.current is before


def test_a_process_that_cannot_read_what_another_could_keeps_its_profiles(store: Store) -> None:
    other = Store()
    other.folder, other._shared, other._current = store.folder + "/elsewhere", store._shared, store._current
    store.reload()
    assert other.current is not None
    assert other.current is other._current
