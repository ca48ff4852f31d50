"""Address comparisons of the script: `src_ip == 10.0.0.0/8`."""

import ipaddress
from collections.abc import Callable

ADDRESSES_KEPT = 4096  # results remembered a network; then forgotten all at once


def network_test(address: str, mask: str | None) -> Callable[[bytes | None], bool]:
    """A test whether an address (text) is this one or lies in this network; ValueError for a bad mask."""
    try:
        only = ipaddress.ip_address(address)
        network = ipaddress.ip_network(f"{address}/{mask or only.max_prefixlen}", strict=False)
    except ValueError as exc:
        raise ValueError(f"bad network: {exc}") from None
    if mask is None:
        plain = str(only).encode()
        return lambda text: text == plain or (text is not None and b":" in text and _parse(text) == only)
    known: dict[bytes, bool] = {}

    def test(text: bytes | None) -> bool:
        if text is None:
            return False
        found = known.get(text)
        if found is None:
            if len(known) >= ADDRESSES_KEPT:
                known.clear()
            ip = _parse(text)
            found = known[text] = ip is not None and ip.version == network.version and ip in network
        return found

    return test


def _parse(text: bytes) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip(b"[]").decode("latin-1"))
    except ValueError:
        return None


class AddressTest:
    """`src_ip == expression`: the text may be an address, a network `a/len`, or a host name to resolve."""

    def __init__(self, resolve: Callable[[bytes], list[bytes]]) -> None:
        self.resolve = resolve
        self.tests: dict[bytes, Callable[[bytes | None], bool] | None] = {}

    def __call__(self, address: bytes | None, wanted: bytes) -> bool:
        if wanted not in self.tests:
            if len(self.tests) >= ADDRESSES_KEPT:
                self.tests.clear()
            self.tests[wanted] = _test(wanted)
        test = self.tests[wanted]
        if test is not None:
            return test(address)
        return address is not None and address in self.resolve(wanted)


def _test(wanted: bytes) -> Callable[[bytes | None], bool] | None:
    host, _, mask = wanted.strip(b"[]").partition(b"/")
    try:
        return network_test(host.decode("latin-1"), mask.decode("latin-1") or None)
    except ValueError:
        return None
