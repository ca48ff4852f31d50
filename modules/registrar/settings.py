"""The parameters of registrar, and their way into the kernel (src/uloc/reg.h, src/uloc/uloc.h)."""

from collections.abc import Callable
from typing import Any

from ...core.errors import ModuleError
from ...core.msg.dset import Limit
from ...core.sr_module import ParamExport
from ...src.native import ffi, lib

PATH_STORE, PATH_ECHO, PATH_REQUIRE = 0, 1, 2  # path_mode
ONLY_CONNECTED = 2  # lookup_filter_mode, a bit

Getter = Callable[[Any], Any]


class Settings:
    """One instance; modparam writes to it, `apply` runs once before the fork."""

    def __init__(self) -> None:
        self.default_expires = 3600  # s
        self.default_expires_range = 0  # percent
        self.expires_range = 0  # percent
        self.min_expires = 60  # s
        self.min_expires_mode = 0  # 1: 423 instead of raising
        self.max_expires = 0  # s, 0: no limit
        self.default_q = -1  # thousandths
        self.append_branches = 1
        self.case_sensitive = 0
        self.realm_prefix = b""
        self.received_avp = b""
        self.received_param = b"received"
        self.max_contacts = 0
        self.retry_after = 0  # s
        self.sock_mode = 0
        self.sock_flag = -1
        self.sock_hdr_name = b""
        self.method_filtering = 0
        self.use_path = 0
        self.path_mode = PATH_REQUIRE
        self.path_use_received = 0
        self.path_check_local = 0
        self.xavp_cfg = b""
        self.xavp_rcd = b""
        self.xavp_rcd_mask = 0
        self.gruu_enabled = 1
        self.outbound_mode = 0
        self.regid_mode = 0
        self.flow_timer = 0  # s
        self.contact_max_size = 512  # bytes
        self.lookup_filter_mode = 0
        self.use_expired_contacts = 0
        self.event_callback = b""
        # made by apply
        self.read_received: Getter | None = None
        self.slow = False  # something of the rarer settings has to be looked at for each REGISTER

    def apply(self, use_domain: bool) -> None:
        """Check and hand over; ModuleError with a sentence for what makes no sense."""
        if not 0 <= self.path_mode <= PATH_REQUIRE:
            raise ModuleError(f"path_mode={self.path_mode} is not 0, 1 or 2")
        if not -1 <= self.default_q <= 1000:
            raise ModuleError(f"default_q={self.default_q} is not -1 (none) or 0 to 1000")
        if len(self.realm_prefix) > 64 or len(self.received_param) > 32:
            raise ModuleError("realm_prefix has at most 64 characters, received_param at most 32")
        self.read_received = variable("received_avp", self.received_avp)
        rare = (self.read_received, self.sock_hdr_name, self.xavp_cfg, self.xavp_rcd, self.outbound_mode)
        self.slow = any(rare)
        self.publish(use_domain)

    def publish(self, use_domain: bool) -> None:
        """Hand over to the kernel's part of this process."""
        self._to_parser(use_domain)
        self._to_table()

    def _to_parser(self, use_domain: bool) -> None:
        c = lib.kh_reg_settings_get()
        options = {
            lib.KH_REG_USE_DOMAIN: use_domain,
            lib.KH_REG_CASE_SENSITIVE: self.case_sensitive,
            lib.KH_REG_REJECT_BRIEF: self.min_expires_mode,
            lib.KH_REG_GRUU: self.gruu_enabled,
            lib.KH_REG_PATH: self.use_path,
            lib.KH_REG_REGID_ALWAYS: self.regid_mode,
        }
        c.options = sum(bit for bit, on in options.items() if on)
        c.default_expires = positive("default_expires", self.default_expires)
        c.default_range = percent("default_expires_range", self.default_expires_range)
        c.expires_range = percent("expires_range", self.expires_range)
        c.min_expires = positive("min_expires", self.min_expires)
        c.max_expires = positive("max_expires", self.max_expires)
        c.default_q = self.default_q
        c.contact_max_size = positive("contact_max_size", self.contact_max_size)
        c.realm_prefix_len = len(self.realm_prefix)
        ffi.memmove(c.realm_prefix, self.realm_prefix, len(self.realm_prefix))

    def _to_table(self) -> None:
        c = lib.kh_ul_settings_get()
        c.max_contacts = positive("max_contacts", self.max_contacts)
        c.append_branches = bool(self.append_branches)
        c.method_filtering = bool(self.method_filtering)
        c.use_expired = bool(self.use_expired_contacts)
        c.only_connected = bool(self.lookup_filter_mode & ONLY_CONNECTED)
        c.max_branches = Limit.branches
        c.path_check_local = bool(self.path_check_local)
        c.received_param_len = len(self.received_param)
        ffi.memmove(c.received_param, self.received_param, len(self.received_param))


def variable(name: str, text: bytes) -> Getter | None:
    """The getter of the variable that a parameter names; None when it names none."""
    if not text:
        return None
    from ...core.pv import parse_spec

    try:
        return parse_spec(text).get
    except (ValueError, LookupError) as error:
        raise ModuleError(f"{name}: {error}") from error


def positive(name: str, value: int) -> int:
    """The value, which must fit an unsigned 32-bit number."""
    if not 0 <= value <= 0xFFFFFFFF:
        raise ModuleError(f"{name}={value} is out of range")
    return value


def percent(name: str, value: int) -> int:
    if not 0 <= value <= 100:
        raise ModuleError(f"{name}={value} is no percentage")
    return value


settings = Settings()

_TEXTS = ("realm_prefix", "received_avp", "received_param", "sock_hdr_name", "xavp_cfg", "xavp_rcd", "event_callback")

_NUMBER, _PERCENT = (0, 0x7FFFFFFF), (0, 100)
_SETTABLE = {  # parameters that may change at run time: their limits, and what cfg.help says
    "default_expires": (_NUMBER, "seconds of a binding that asks for none"),
    "default_expires_range": (_PERCENT, "percent by which that varies"),
    "expires_range": (_PERCENT, "percent by which any expiry varies"),
    "min_expires": (_NUMBER, "shortest expiry, seconds"),
    "max_expires": (_NUMBER, "longest expiry, seconds; 0: any"),
    "max_contacts": (_NUMBER, "contacts that an AoR may have; 0: any number"),
    "retry_after": (_NUMBER, "seconds in the Retry-After of a 5xx; 0: none"),
    "case_sensitive": (_NUMBER, "user names differ by their case"),
    "default_q": ((-1, 1000), "thousandths of a contact without q; -1: none"),
    "append_branches": (_NUMBER, "lookup() finds all contacts"),
    "use_expired_contacts": (_NUMBER, "lookup() finds expired contacts, too"),
}


def _param(name: str) -> ParamExport:
    limits, doc = _SETTABLE.get(name, (None, ""))
    return ParamExport(name, bytes if name in _TEXTS else int, settings, settable=doc, limits=limits)


params = tuple(_param(name) for name in vars(settings) if name not in ("read_received", "slow"))
