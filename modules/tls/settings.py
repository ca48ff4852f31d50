"""The module's parameters. Those of the default profiles hold where there is no tls.cfg, as in Kamailio."""

from dataclasses import dataclass

from ...core.sr_module import ParamExport
from .config import KEYS
from .profile import Profile, Role

_DEFAULTS = Profile(Role.SERVER)
WITHOUT_EFFECT = {  # name -> (value that asks for what is the case anyway, why the others have no effect)
    "tls_disable_compression": (1, "nothing compresses TLS any more"),
    "ssl_release_buffers": (1, "buffers are always released"),
    "ssl_freelist_max_len": (0, "OpenSSL has no such list any more"),
    "ssl_max_send_fragment": (-1, "Python's ssl cannot set it"),
    "ssl_read_ahead": (0, "the module reads whole records by itself"),
    "con_ct_wq_max": (65536, "tcp_conn_wq_max limits what waits in a connection"),
    "ct_wq_max": (10485760, "tcp_wq_max limits what waits in all connections"),
    "ct_wq_blk_size": (4096, "there is no queue beside the connection's"),
    "low_mem_threshold1": (-1, "OpenSSL's memory is not shared memory here"),
    "low_mem_threshold2": (-1, "OpenSSL's memory is not shared memory here"),
    "tls_force_run": (0, "there is nothing that it would overrule"),
    "tls_debug": (3, "tls_log is the level of all messages"),
    "session_id": (b"kamailio-tls-5.x.y", "Python's ssl sets its own"),
    "rand_engine": (b"", "OpenSSL's own random numbers are safe after a fork"),
    "engine_config": (b"", "there are no engines"),
    "engine_algorithms": (b"NONE", "there are no engines"),
}


@dataclass(slots=True)
class Settings:
    """Texts are bytes as modparam gives them; `log` is a level of core.log, timeouts are seconds."""

    config: bytes = b""
    connection_timeout: int = 600  # of an idle connection; -1: never
    log: int = 3
    session_cache: int = 0
    renegotiation: int = 0
    send_close_notify: int = 0
    xavp_cfg: bytes = b""
    event_callback: bytes = b""
    engine: bytes = b"NONE"
    tls_disable_compression: int = 1
    ssl_release_buffers: int = -1
    ssl_freelist_max_len: int = -1
    ssl_max_send_fragment: int = -1
    ssl_read_ahead: int = -1
    con_ct_wq_max: int = 65536
    ct_wq_max: int = 10485760
    ct_wq_blk_size: int = 4096
    low_mem_threshold1: int = -1
    low_mem_threshold2: int = -1
    tls_force_run: int = 0
    tls_debug: int = 3
    session_id: bytes = b"kamailio-tls-5.x.y"
    rand_engine: bytes = b""
    engine_config: bytes = b""
    engine_algorithms: bytes = b"NONE"

    def set_engine(self, value: bytes) -> None:
        if value.upper() not in (b"", b"NONE"):
            raise ValueError("Python's ssl cannot use an engine: keys must be files")
        self.engine = value

    def without_effect(self) -> list[str]:
        """A sentence for each parameter that was set and does nothing."""
        return [
            f"tls: {name} has no effect: {why}"
            for name, (needless, why) in WITHOUT_EFFECT.items()
            if getattr(self, name) not in (needless, getattr(_UNTOUCHED, name))
        ]


_UNTOUCHED = Settings()
settings = Settings()
given: dict[str, object] = {}  # key of tls.cfg -> value from a modparam, for the default profiles


def default_profile(role: Role) -> Profile:
    """The one of the module's parameters."""
    profile = Profile(role)
    for key, value in given.items():
        setattr(profile, KEYS[key][0], value)
    return profile


def _profile_param(name: str, key: str) -> ParamExport:
    """A parameter that is a key of tls.cfg."""
    field, make = KEYS[key]
    number = not isinstance(getattr(_DEFAULTS, field), str) and key != "verify_client"

    def setter(value: int | bytes) -> None:
        given[key] = make(str(value) if isinstance(value, int) else value.decode("utf-8", "surrogateescape"))

    return ParamExport(name, int if number else bytes, setter=setter)


_PROFILE = (
    "certificate private_key ca_list ca_path crl verify_certificate verify_depth require_certificate verify_client"
    " cipher_list server_name"
)
_INTEGERS = (
    "connection_timeout session_cache renegotiation send_close_notify tls_disable_compression ssl_release_buffers"
    " ssl_freelist_max_len ssl_max_send_fragment ssl_read_ahead con_ct_wq_max ct_wq_max ct_wq_blk_size"
    " low_mem_threshold1 low_mem_threshold2 tls_force_run tls_debug"
)
SETTABLE = {
    "connection_timeout": "seconds after which an idle connection is closed",
    "send_close_notify": "whether a connection is ended with a close_notify",
    "config": "name of tls.cfg, read at the next tls.reload",
}
_TEXTS = "config xavp_cfg event_callback session_id rand_engine engine_config engine_algorithms"

params = (
    _profile_param("tls_method", "method"),
    *(_profile_param(name, name) for name in _PROFILE.split()),
    *(ParamExport(name, int, settings, settable=SETTABLE.get(name, "")) for name in _INTEGERS.split()),
    *(ParamExport(name, bytes, settings, settable=SETTABLE.get(name, "")) for name in _TEXTS.split()),
    ParamExport("tls_log", int, settings, "log"),
    ParamExport("engine", bytes, setter=settings.set_engine),
)
