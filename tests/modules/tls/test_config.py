"""tls.cfg: what is understood, and where every mistake is said to be. Kamailio 5.6 judges all of these alike."""

import pytest

from kahea.cfg.errors import ConfigError
from kahea.modules.tls.config import parse_config
from kahea.modules.tls.profile import Role, VerifyClient

from .ends import source

D = "[server:default]\n"

VALUES = [
    ("method = TLSv1.2", "method", "TLSv1.2"),
    ("method=tlsv1.2+", "method", "TLSv1.2+"),
    ("tls_method = SSLv23", "method", "SSLv23"),
    ("verify_certificate = yes", "verify_certificate", True),
    ("verify_certificate = On", "verify_certificate", True),
    ("require_certificate = enabled", "require_certificate", True),
    ("require_certificate = 0", "require_certificate", False),
    ("verify_client = optional", "verify_client", VerifyClient.OPTIONAL),
    ("verify_depth = 3", "verify_depth", 3),
    ("Verify_Depth = 3", "verify_depth", 3),
    ("cipher_list = HIGH:!aNULL", "cipher_list", "HIGH:!aNULL"),
    ('cipher_list = "HIGH"', "cipher_list", "HIGH"),
    ('server_id = "y z"', "server_id", "y z"),
    ('server_id = "a\\"b"  # remark', "server_id", 'a"b'),
    ("server_name_mode = 1", "server_name_mode", 1),
    ("server_name_mode = 7", "server_name_mode", 0),
    ("certificate = ./x.pem#1", "certificate", "./x.pem#1"),
    ("\tca_list\t=\t/etc/ca.pem\r", "ca_list", "/etc/ca.pem"),
]


@pytest.mark.parametrize(("line", "field", "value"), VALUES)
def test_a_key_has_its_value(line: str, field: str, value: object) -> None:
    (profile,) = parse_config(source(D + line + "\n"))
    assert getattr(profile, field) == value
    assert profile.where[field].line == 2


SECTIONS = [
    ("[server:default]", Role.SERVER, "default", 0),
    ("[client:default]", Role.CLIENT, "default", 0),
    (" [ SERVER : Default ] # remark", Role.SERVER, "default", 0),
    ("[server:192.0.2.1:5061]", Role.SERVER, "192.0.2.1", 5061),
    ("[client:192.0.2.1:0]", Role.CLIENT, "192.0.2.1", 0),
    ("[server:[2001:db8::1]:5061]", Role.SERVER, "2001:db8::1", 5061),
]


@pytest.mark.parametrize(("head", "role", "place", "port"), SECTIONS)
def test_a_section_says_for_whom_it_is(head: str, role: Role, place: str, port: int) -> None:
    (profile,) = parse_config(source(f"# first line\n\n{head}\n"))
    assert (profile.role, profile.place, profile.port) == (role, place, port)


def test_profiles_keep_the_order_of_the_file() -> None:
    text = "[server:any]\nserver_name=a.org\n[server:127.0.0.1:5061]\n[server:127.0.0.1:5061]\nserver_name=b.org\n"
    assert [(each.place, each.server_name) for each in parse_config(source(text))] == [
        ("any", "a.org"),
        ("127.0.0.1", ""),
        ("127.0.0.1", "b.org"),
    ]


MISTAKES = [
    ("[foo:default]", 1, 2, '"foo" is no kind of profile'),
    ("[server]", 1, 8, '":" is expected'),
    ("[server:1.2.3:5061]", 1, 9, "is no IP:PORT"),
    ("[server:localhost:5061]", 1, 9, "is no IP:PORT"),
    ("[server:1.2.3.4]", 1, 16, "a port is expected"),
    ("[server:1.2.3.4:]", 1, 16, "a port is expected"),
    ("[server:1.2.3.4:65536]", 1, 16, "a port is expected"),
    ("[server:::1:5061]", 1, 9, "is no IP:PORT"),
    ("[server:default", 1, 1, "a section is"),
    ("[server:default] x", 1, 1, "a section is"),
    ("method = TLSv1.2", 1, 1, "before the first section"),
    (D + "foo = 1", 2, 1, 'there is no key "foo"'),
    (D + "verify_certificate = maybe", 2, 22, "neither yes nor no"),
    (D + "verify_certificate = 2", 2, 22, "neither yes nor no"),
    (D + "verify_depth = x", 2, 16, "is no number"),
    (D + "verify_depth = -1", 2, 16, "is no number"),
    (D + "verify_depth = 99999999999", 2, 16, "is no number"),
    (D + "verify_client = sometimes", 2, 17, "there are off, on, optional"),
    (D + "method = XX", 2, 10, "is no method"),
    (D + "cipher_list =", 2, 14, "a value is expected"),
    (D + "cipher_list = # nothing", 2, 15, "a value is expected"),
    (D + 'cipher_list = "HIGH', 2, 15, 'closing " is missing'),
    (D + "cipher_list HIGH", 2, 13, '"=" is expected'),
    (D + "verify_depth=3 verify_certificate=no", 2, 16, "the line should end here"),
    (D + "server_id = y z", 2, 15, "the line should end here"),
    ("; remark\n" + D, 1, 1, "a line is [section] or key = value"),
    ("[server:any]\n", 1, 1, "needs a server_name"),
    ("[server:1.2.3.4:1]\n[server:1.2.3.4:1]\n", 2, 1, "is there twice"),
    (D + D, 2, 1, "is there twice"),
    (D + "a" * 500, 2, 1, "there is no key"),
    ("\0\xff", 1, 1, "a line is"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), MISTAKES)
def test_a_mistake_is_shown_where_it_is(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(source(text))
    pos = caught.value.pos
    assert pos is not None
    assert (pos.line, pos.column) == (line, column), str(caught.value)
    assert message in caught.value.message
    assert "^" in str(caught.value)


def test_a_misspelt_key_gets_a_suggestion() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(source(D + "verify_certifcate = yes\n"))
    assert 'did you mean "verify_certificate"?' in str(caught.value)
