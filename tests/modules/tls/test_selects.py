"""Selects of the module: the paths that Kamailio 5.6 resolves, and no others."""

import pytest

from kahea.cfg.words import words
from kahea.core.pv.variables.select import Step
from kahea.modules.tls.selects import select
from kahea.modules.tls.variables import BY_NAME

#: what starts there, each asked alone
RESOLVED = words(
    "version desc description cipher cipher.bits server_name peer.verified peer.revoked peer.expired"
    " peer.self_signed peer.notBefore peer.notAfter peer.not_before peer.not_after peer.raw_cert"
    " peer.urlencoded_cert my.raw_cert my.urlencoded_cert peer.version peer.sn peer.serialNumber my.version my.sn"
    " my.serialNumber peer.subject my.subject peer.issuer my.issuer peer.email peer.host peer.uri peer.ip"
    " peer.subject.cn peer.subject.name peer.subject.CN peer.subject.commonName peer.subject.l"
    " peer.subject.locality peer.subject.localityName peer.subject.L peer.subject.c peer.subject.country"
    " peer.subject.countryName peer.subject.C peer.subject.st peer.subject.state peer.subject.stateOrProvinceName"
    " peer.subject.ST peer.subject.o peer.subject.organization peer.subject.organizationName peer.subject.O"
    " peer.subject.ou peer.subject.unit peer.subject.organizationalUnitName peer.subject.OU peer.subject.uid"
    " peer.subject.UID peer.subject.uniqueIdentifier peer.emailAddress me.subject.cn my.host"
)
REFUSED = words(
    "nothing peer.nothing peer.selfsigned peer.server_name peer.serial peer.san.email peer.subject.org"
    " peer.subject.nothing peer.subject.cn.cn cipher.name version.x peer my.verified"
)


def steps(path: str) -> tuple[Step, ...]:
    return tuple(Step(text, None, False) for text in path.split("."))


@pytest.mark.parametrize("path", sorted(RESOLVED))
def test_a_path_is_a_variable(path: str) -> None:
    assert callable(select(steps(path)))


@pytest.mark.parametrize("path", sorted(REFUSED))
def test_others_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="tls has no"):
        select(steps(path))


def test_every_variable_has_a_path() -> None:
    """But those that only the older `$tls(...)` has beside it."""
    from kahea.modules.tls import selects

    reached: set[str] = set()
    original = selects.getter

    def note(name: str) -> object:
        reached.add(name)
        return original(name)

    selects.getter = note  # type: ignore[assignment]
    try:
        for path in RESOLVED:
            for side in ("peer", "my"):
                for which in ("subject", "issuer"):
                    try:
                        select(steps(path.replace("peer", side).replace("subject", which)))
                    except ValueError:
                        continue
    finally:
        selects.getter = original
    assert reached == set(BY_NAME)
