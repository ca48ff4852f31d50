"""What other modules may use: bind_api("rr")."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...parser.msg import SipMsg
from .loose_route import RouteCallback, loose_route, register_rrcb
from .record_route import add_rr_param, record_route
from .route_params import check_route_param, direction, get_route_param
from .settings import settings


@dataclass(frozen=True, slots=True)
class RrApi:
    """The devel guide's `rr_api_t`. Functions of the script return 1 or negative, as there."""

    record_route: Callable[..., int] = record_route  # (msg[, params])
    loose_route: Callable[[SipMsg], int] = loose_route
    add_rr_param: Callable[[SipMsg, bytes], int] = add_rr_param
    check_route_param: Callable[[SipMsg, Any], int] = check_route_param  # (msg, compiled expression)
    direction: Callable[[SipMsg], int] = direction  # 1 downstream, 2 upstream
    get_route_param: Callable[[SipMsg, bytes], bytes | None] = get_route_param
    register_rrcb: Callable[[RouteCallback], None] = register_rrcb

    @property
    def append_fromtag(self) -> bool:
        """Do Record-Routes carry ftag? Without it there is no direction."""
        return bool(settings.append_fromtag)


api = RrApi()
