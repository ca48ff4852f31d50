"""Events of a KEMI script: parameters name the methods that are called with the message and the name of the event.

They stand in the places of event routes. A module says in its exports which of its parameters is for which event.
"""

from collections.abc import Mapping

from .. import loader
from ..msg.core_events import MSG_RECEIVED, PARSE_ERROR, PRE_ROUTING, WORKER_ONE_INIT

#: `kemi.<word>="method"` -> events
CORE = {
    "pre_routing_callback": (PRE_ROUTING,),
    "received_route_callback": (MSG_RECEIVED,),
    "event_route_callback": (WORKER_ONE_INIT, PARSE_ERROR),
}


def event_methods(kemi: Mapping[str, object]) -> dict[bytes, str]:
    """Event -> name of its method: from `kemi.*` settings and modparams. A name that ends with a colon is a family: the
    rest of the event is the name of another method."""
    found: dict[bytes, str] = {}
    for word, events in CORE.items():
        name = kemi.get(word)
        if isinstance(name, bytes) and name not in (b"", b"none"):
            found.update(dict.fromkeys(events, name.decode()))
    for loaded in loader.loaded_modules():
        for event, parameter in loaded.exports.event_callbacks.items():
            param = loader.find_param(loaded, parameter)
            value = getattr(param.store, param.attr or param.name)
            if value:
                found[event.encode()] = value.decode()
    return found
