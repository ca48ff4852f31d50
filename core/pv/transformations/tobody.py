"""`{tobody.*}`: a value of From, To and their like, by the message parser."""

from collections.abc import Callable

from ....parser.headers.nameaddr import NameAddr, parse_nameaddr
from ....parser.uri import UriType
from ..exports import TransformationExport, Value


def parse(value: bytes) -> NameAddr:
    """One address with a SIP, TEL or URN URI; ValueError."""
    address = parse_nameaddr(value)
    if address.parsed_uri.type == UriType.OTHER:
        raise ValueError("no SIP URI")
    return address


def _part(read: Callable[[NameAddr], Value]) -> Callable[[bytes], Value]:
    return lambda value: read(parse(value))


TOBODY = (
    TransformationExport("tobody.uri", _part(lambda a: a.uri)),
    TransformationExport("tobody.display", _part(lambda a: a.display)),
    TransformationExport("tobody.tag", _part(lambda a: a.tag_value)),
    TransformationExport("tobody.user", _part(lambda a: a.parsed_uri.user)),
    TransformationExport("tobody.host", _part(lambda a: a.parsed_uri.host)),
    TransformationExport("tobody.params", _part(lambda a: a.params)),
)
