"""The management commands."""

from typing import Any

from ...cfg.errors import ConfigError
from ...core.errors import ModuleError
from ...core.log import logger
from ...core.rpc.registry import RpcError
from .profile import Role
from .profiles import store
from .settings import default_profile, settings

log = logger(__name__)


def reload() -> str:
    """tls.reload"""
    if not settings.config:
        raise RpcError(500, "No TLS configuration file configured")
    try:
        store.reload()
    except (ConfigError, ModuleError) as error:
        log.error("tls.reload changes nothing: %s", error)
        raise RpcError(500, "Error while loading TLS configuration file (consult server log)") from None
    return "Ok. TLS configuration reloaded."


def options() -> dict[str, Any]:
    """tls.options: the parameters; profiles of a tls.cfg are not among them, as in Kamailio."""
    profile = default_profile(Role.SERVER)
    return {
        "force_run": settings.tls_force_run,
        "method": profile.method,
        "verify_certificate": int(profile.verify_certificate),
        "verify_depth": profile.verify_depth,
        "require_certificate": int(profile.require_certificate),
        "verify_client": profile.verify_client.value,
        "private_key": profile.private_key,
        "ca_list": profile.ca_list,
        "certificate": profile.certificate,
        "cipher_list": profile.cipher_list,
        "session_cache": settings.session_cache,
        "session_id": settings.session_id.decode("latin-1"),
        "config": settings.config.decode("latin-1"),
        "log": settings.log,
        "debug": settings.tls_debug,
        "connection_timeout": settings.connection_timeout,
        "disable_compression": settings.tls_disable_compression,
        "ssl_release_buffers": settings.ssl_release_buffers,
        "ssl_freelist_max": settings.ssl_freelist_max_len,
        "ssl_max_send_fragment": settings.ssl_max_send_fragment,
        "ssl_read_ahead": settings.ssl_read_ahead,
        "send_close_notify": settings.send_close_notify,
        "low_mem_threshold1": settings.low_mem_threshold1,
        "low_mem_threshold2": settings.low_mem_threshold2,
        "ct_wq_max": settings.ct_wq_max,
        "con_ct_wq_max": settings.con_ct_wq_max,
        "ct_wq_blk_size": settings.ct_wq_blk_size,
    }
