"""Stateless forwarding, seen on the wire."""

from collections.abc import Callable

import pytest

from kahea.tests.support.server import Server
from kahea.tests.support.sip import SipSocket

CONFIG = """
request_route {
	$du = "%s";
	forward();
}
"""


@pytest.mark.parametrize("uri", ["sip:localhost:5081", "sip:nobody@example.invalid:5081;maddr=localhost"])
def test_a_request_goes_to_the_address_of_a_name(start_server: Callable[..., Server], uri: str) -> None:
    start_server(CONFIG % uri)
    sender, target = SipSocket(5070), SipSocket(5081)
    sender.send(sender.request("OPTIONS", "sip:bob@example.com"))
    got = target.receive()
    assert (got.uri, got.method) == ("sip:bob@example.com", "OPTIONS")
    sender.close()
    target.close()
