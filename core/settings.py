"""Core parameters of the file and flags of the command line, laid over one another: a flag wins.

Also declares the ones that may change while the server runs (`cfg.set_now_int core debug 3`).
"""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from ..cfg.core_params import CoreParams
from ..parser.lenient import set_leniencies
from . import info, log, runtime
from .db import settings as db_settings
from .msg import dset
from .options import Options

logger = log.logger(__name__)
DIRECT = {  # option -> core parameter of the same meaning
    "children": "children",
    "tcp_children": "tcp_children",
    "server_id": "server_id",
    "maxbuffer": "maxbuffer",
    "shm_mb": "shm_mem_size",
    "debug": "debug",
}
SWITCHES = {
    "check_via": "check_via",
    "dns": "dns",
    "rev_dns": "rev_dns",
    "disable_tcp": "disable_tcp",
    "keep_shm": "keep_shm",
}
TEXTS = {"user": "user", "group": "group", "chroot": "chroot", "workdir": "workdir", "rundir": "rundir"}


def apply(params: CoreParams, options: Options) -> None:
    """Put what the command line said into the parameters."""
    for option, name in DIRECT.items():
        value = getattr(options, option)
        if value is not None:
            params.set(name, value)
    for option, name in SWITCHES.items():
        if getattr(options, option):
            params.set(name, 1)
    for option, name in TEXTS.items():
        text = getattr(options, option)
        if text:
            params.set(name, os.fsencode(text))
    if options.auto_aliases is not None:
        params.set("auto_aliases", int(options.auto_aliases))
    if options.stderr:
        params.set("log_stderror", 1)
    if options.color:
        params.set("log_color", 1)
    if options.single:
        params.set("fork", 0)
    dset.Limit.branches = params.max_branches
    db_settings.apply(params)
    set_parser(params)


def set_parser(params: CoreParams) -> None:
    """What the parser reads leniently."""
    extra = (params.uri_host_extra_chars, params.hdr_name_extra_chars)
    set_leniencies(params.parser_leniency, params.sip_parser_mode, *extra)


def text(value: bytes | None, default: str = "") -> str:
    """A text parameter for the operating system."""
    return os.fsdecode(value) if value else default


def start_log(params: CoreParams, options: Options) -> None:
    """From here on the log is what the configuration wants."""
    engine = options.log_engine or text(params.log_engine_type)
    log.setup(
        level=params.debug,
        stderr=bool(params.log_stderror),
        color=bool(params.log_color),
        as_json=engine.partition(":")[0] == "json",
        name=text(params.log_name, info.NAME),
        facility=params.log_facility,
    )


_PREFIX = ("log_prefix",)  # in a message's cache


def start_prefix(params: CoreParams, current: Callable[[], Any]) -> None:
    """`log_prefix`: a text with variables before each line that is written while a message is processed.

    With `log_prefix_mode` 0 it keeps the value that it has at the first line of the message; with 1 it is read anew.
    `current()` is the message in hand, or None.
    """
    if not params.log_prefix:
        return
    from .pv import parse_format

    text_of, anew = parse_format(params.log_prefix).eval, bool(params.log_prefix_mode)

    def prefix() -> str:
        message = current()
        if message is None or not message.facts:
            return ""
        cache = message.cache
        if anew or _PREFIX not in cache:
            cache[_PREFIX] = text_of(message).decode("utf-8", "backslashreplace")
        text: str = cache[_PREFIX]
        return text

    log.set_prefix(prefix)


def set_level(value: Any) -> None:
    """`cfg.set_now_int core debug 3` arrives in a process."""
    log.state.level = int(value)


def set_facility(value: Any) -> None:
    """The same for the log facility, LOG_LOCAL0 and its like."""
    try:
        log.setup(facility=value.decode("latin-1"))
    except ValueError as error:
        logger.error("%s", error)


LIVE = {  # core parameters that are read anew when they change
    "dns_try_ipv6": "look for IPv6 addresses, too",
    "dns_try_naptr": "look for NAPTR records first",
    "dns_udp_pref": "preference of UDP when protocols are chosen by NAPTR",
    "dns_tcp_pref": "the same of TCP",
    "dns_tls_pref": "the same of TLS",
    "dns_naptr_ignore_rfc": "these preferences come before the order of the records",
    "dns_retr_time": "seconds until a question is asked again",
    "dns_retr_no": "how often a question is asked again",
    "dns_servers_no": "how many DNS servers are asked",
    "dns_use_search_list": "look for short names in the domains of resolv.conf",
    "use_dns_cache": "keep answers",
    "dns_cache_flags": "which answers are kept",
    "dns_cache_negative_ttl": "seconds that an answer without records is kept",
    "dns_cache_min_ttl": "seconds that an answer is kept at least",
    "dns_cache_max_ttl": "seconds that an answer is kept at most",
    "dns_srv_lb": "choose among servers of equal priority by their weight",
    "use_dns_failover": "try the next server of a name when one fails",
}


def declare_runtime(params: CoreParams, custom: dict[str, dict[int | None, dict[str, int | bytes]]]) -> None:
    """Make the runtime variables: those of the core, and `group.name = value` of the configuration."""
    from .net.sockets import use_dns

    runtime.declare("core", "debug", int(params.debug), "log level: -5 alert to 3 debug", set_level)
    runtime.declare("core", "log_facility", params.log_facility.encode(), "facility for syslog", set_facility)
    for name, doc in LIVE.items():
        runtime.declare("core", name, int(getattr(params, name)), doc, partial(set_param, params, name))
    runtime.on_group_change("core", partial(use_dns, params))
    declare_custom(custom)


def set_param(params: CoreParams, name: str, value: runtime.Value) -> None:
    """The same for a parameter that is read anew."""
    params.set(name, value)


def declare_custom(custom: dict[str, dict[int | None, dict[str, int | bytes]]]) -> None:
    """`group.name = value` and `group[5].name = value`."""
    text = "custom parameter of the configuration"
    for group, instances in custom.items():
        for number, values in sorted(instances.items(), key=lambda item: (item[0] is not None, item[0])):
            for name, value in values.items():
                if number is None or runtime.find(group, name) is None:
                    runtime.declare(group, name, value if number is None else type(value)(), text)
            if number is not None:
                with runtime.changing() as state:
                    state.instances.add((group, number))
                    state.values.update({(group, number, name): value for name, value in values.items()})
