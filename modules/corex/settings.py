"""Parameters of corex."""

from ...core.net.sockets import add_alias, parse_address, proto_number


def alias_subdomains(text: bytes) -> None:
    """`[proto:]domain[:port]` is ours; ValueError."""
    address = parse_address(text.decode("latin-1"))
    add_alias(address.hosts[0].encode("latin-1"), address.port, proto_number(address.proto))
