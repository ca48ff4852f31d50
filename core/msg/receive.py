"""What happens to a message that arrived (devel guide 2.3).

    start_receiving(params)   main process, before fork: makes the one SipMsg that the worker will reuse
    receive(facts)            worker: routes what kh_udp_recv has put into `message`

request   counted, checked, event_route[core:pre-routing], callbacks, request_route, callbacks
reply     the same with reply_route, response hooks of modules (tm), forwarding

What a peer sends malformed is counted, answered 400 (505, 513) where an answer can find its way, and never reaches the
script, but error_route. Nothing here raises: an error of the script or of a module is logged with its traceback, the
worker goes on.
"""

from collections.abc import Callable
from typing import Any

from ...cfg.argtypes import RouteType
from ...cfg.compile.values import DROPPED, ScriptExit
from ...parser.malformed import fault
from ...parser.msg import SipMsg
from ...parser.visible import show_edits
from ...src.native import ffi, lib
from .. import loader
from ..log import DBG, logger
from ..pv.stores.flags import script_flags
from ..script import run_block, script
from . import core_events, forward, onsend, route_locks, script_cb, warning
from .reply import send_reply, set_server_header

log = logger(__name__)

_count, _forward_reply = lib.kh_counter_add, lib.kh_forward_reply
_REQUEST_BIT, _MALFORMED, _ACK = lib.KH_F_REQUEST, lib.KH_F_MALFORMED, lib.KH_M_ACK
_HTTP = lib.KH_F_HTTP
_REQUEST, _CORE_ONREPLY = int(RouteType.REQUEST), int(RouteType.CORE_ONREPLY)
_MAIN = b""  # name of the unnamed blocks

_c = ffi.new("kh_msg *")
_edits = ffi.new("kh_edits *")
message = SipMsg(_c, _edits)  # the one that a worker reuses
_hooks: list[Callable[[Any], int]] = []

# What the script in use has, looked up anew after a reload.
_routes: Any = None
_request_route: Any = None
_reply_route: Any = None
_plain_replies = False  # nobody here looks at replies: they go on in one step
_datagrams = False  # event_route[core:msg-received] sees all that arrives
_parser_level = DBG  # sip_parser_log, where it is set
_pre_routing = False  # there is an event_route[core:pre-routing]
_pre_methods = 0  # methods that callbacks before the script want to see


def start_receiving(params: Any) -> None:
    """Main process, sockets open, modules initialised: everything that workers inherit."""
    global _routes, _parser_level
    _parser_level = params.sip_parser_log if params.was_given("sip_parser_log") else DBG
    _hooks[:] = loader.response_hooks()
    _routes = None
    flags = lib.KH_ED_FORCE_RPORT if params.force_rport else 0
    flags |= lib.KH_ED_LOCAL_RPORT if params.local_rport else 0
    lib.kh_edits_defaults(flags | forward.set_mtu(params))
    forward.check_via = bool(params.check_via)
    show_edits(bool(params.edits_visible))
    onsend.State.replies = bool(params.onsend_route_reply)
    core_events.State.received_mode = params.received_route_mode == 1
    route_locks.set_up(params.route_locks_size)
    warning.set_up(bool(params.sip_warning))
    lib.kh_reply_options(int(params.reply_to_via))
    set_server_header(params)


def look_up() -> None:
    """Find the unnamed blocks of the script, and who else is interested."""
    global _routes, _request_route, _reply_route, _plain_replies, _pre_methods, _datagrams, _pre_routing
    _routes = script.routes
    _request_route = _routes.get("request_route", {}).get(_MAIN)
    _reply_route = _routes.get("reply_route", {}).get(_MAIN)
    callbacks = script_cb.pre_reply or script_cb.post_reply
    _datagrams = core_events.wants_datagrams()
    _pre_routing = core_events.block(core_events.PRE_ROUTING) is not None
    watched = callbacks or _pre_routing or onsend.sees_replies() or route_locks.State.locks
    _plain_replies = not (watched or _hooks or _reply_route or forward.check_via)
    _pre_methods = script_cb.methods["pre_request"]


def receive(facts: int) -> int:
    """Route the message that was just received: its facts.

    < 0 when it was malformed, or request_route ended so or failed: a connection that brought it is closed."""
    if _routes is not script.routes:
        look_up()
    if _datagrams:
        message.reset(facts)
        if core_events.discarded(message):
            return 0
        facts = message.facts  # of the bytes that the script may have put in its place
    if facts & _MALFORMED:
        message.reset(facts)
        refuse(message)
        return -1
    if _plain_replies and not facts & _REQUEST_BIT and _forward_reply(_c, _edits) >= 0:
        return 0
    message.reset(facts)
    if route_locks.State.locks is not None:
        return route_locks.in_turn(route, message)
    if facts & _REQUEST_BIT:
        return receive_request(message)
    receive_reply(message)
    return 0


def receive_junk() -> None:
    """What was just received is no SIP message: event routes may see it."""
    if _routes is not script.routes:
        look_up()
    message.reset(0)
    lib.kh_edits_reset(_edits)
    if _datagrams:
        if core_events.discarded(message):
            return
        if message.facts:  # the script has made a message of it
            route(message)
            return
    log.log(_parser_level, "a datagram from %s is no SIP message", message.rcv.src_ip)
    core_events.parse_error(message)


def receive_msg(msg: SipMsg) -> None:
    """Route a parsed message whose edits are empty: one that did not come by kh_udp_recv. One of HTTP is counted and
    dropped, as there: no transport here carries it."""
    if msg.facts & _HTTP:
        _count(lib.KH_CNT_HTTP_OVER_UDP, 1)
        return
    if _routes is not script.routes:
        look_up()
    if not (_datagrams and core_events.discarded(msg)):
        route_locks.in_turn(route, msg)


def route(msg: SipMsg) -> int:
    """The way of a message by its kind; as `receive`."""
    if msg.facts & _MALFORMED:
        refuse(msg)
        return -1
    if msg.facts & _REQUEST_BIT:
        return receive_request(msg)
    receive_reply(msg)
    return 0


def receive_request(msg: SipMsg) -> int:
    """Callbacks and request_route; what that ended with."""
    if _pre_routing and core_events.dropped_before_routing(msg):
        _count(lib.KH_CNT_DROP_REQUESTS, 1)
        return 0
    if msg.facts & _pre_methods and not script_cb.run_all(script_cb.pre_request, msg):
        _count(lib.KH_CNT_DROP_REQUESTS, 1)
        return 0
    msg.route_type = _REQUEST
    script_flags.bits = 0
    code = 0
    try:
        code = _request_route(msg)
    except ScriptExit:
        pass
    except Exception:
        script_failed(msg)
        code = -1
    if script_cb.post_request:
        script_cb.run_all(script_cb.post_request, msg)
    return code


def script_failed(msg: SipMsg) -> None:
    """An exception came out of request_route, or there is none."""
    if _request_route is None:
        log.error("there is no request_route: a request is lost")
    else:
        log.exception("the routing script failed")


def receive_reply(msg: SipMsg) -> None:
    """Callbacks, reply_route, module hooks, forwarding."""
    if _pre_routing and core_events.dropped_before_routing(msg):
        _count(lib.KH_CNT_DROP_REPLIES, 1)
        return
    if script_cb.pre_reply and not script_cb.run_all(script_cb.pre_reply, msg):
        _count(lib.KH_CNT_DROP_REPLIES, 1)
        return
    if _reply_route is None or accepted(run_block(_reply_route, msg, _CORE_ONREPLY)):
        if not consumed(msg):
            forward.forward_reply(msg)
    else:
        _count(lib.KH_CNT_DROP_REPLIES, 1)
    if script_cb.post_reply:
        script_cb.run_all(script_cb.post_reply, msg)


def accepted(code: int) -> bool:
    """Kamailio: a reply goes on unless its reply_route ended in `drop`, 0 or something negative."""
    if code < 0 and code != DROPPED:
        log.debug("reply_route ended with %d: the reply is dropped", code)
    return code > 0


def consumed(msg: SipMsg) -> bool:
    """Did a module (tm) take the reply?"""
    for hook in _hooks:
        try:
            if hook(msg) == 0:
                return True
        except Exception:
            log.exception("a response hook failed")
            return True
    return False


def refuse(msg: SipMsg) -> None:
    """A malformed message: count it, answer a request if there is a way back (RFC 3261 8.2, 16.3).

    error_route, where there is one, decides about a request instead.
    """
    is_request = msg.facts & _REQUEST_BIT
    _count(lib.KH_CNT_ERR_REQUESTS if is_request else lib.KH_CNT_ERR_REPLIES, 1)
    bad = msg.bad
    log.log(_parser_level, "malformed message from %s (bits %x)", msg.rcv.src_ip, bad)
    core_events.parse_error(msg)
    if is_request and core_events.error_route(msg):
        return
    if not is_request or not msg.c.n_via or msg.facts & _ACK:
        return
    status, reason = fault(bad & lib.KH_BAD_VITAL) or (400, b"Bad Request")
    send_reply(msg, status, reason)
