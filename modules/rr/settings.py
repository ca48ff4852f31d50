"""The parameters, and the option bits of the kernel's primitives that they come to."""

from dataclasses import dataclass
from typing import Any

from ...src.native import lib


@dataclass(slots=True)
class Settings:
    """Parameters of the module, by name; `record` and `loose` are the option bits, made by `init`."""

    append_fromtag: int = 1
    enable_double_rr: int = 1
    enable_full_lr: int = 0
    add_username: int = 0
    custom_user_avp: Any = None  # PvSpec
    ignore_user: bytes = b""
    enable_socket_mismatch_warning: int = 1
    force_send_socket: int = 0
    ignore_sips: int = 0
    sockname_mode: int = 0
    record: int = lib.KH_RR_DOUBLE | lib.KH_RR_FROM_TAG | lib.KH_RR_SIPS
    loose: int = lib.KH_RR_DOUBLE

    def set_custom_user_avp(self, value: bytes) -> None:
        from ...core.pv import parse_spec

        self.custom_user_avp = parse_spec(value)


settings = Settings()


def init() -> None:
    """Main process: the parameters are known."""
    double = lib.KH_RR_DOUBLE if settings.enable_double_rr else 0
    if settings.enable_double_rr > 1:
        double = lib.KH_RR_ALWAYS_DOUBLE
    settings.record = (
        double
        | (lib.KH_RR_FROM_TAG if settings.append_fromtag else 0)
        | (lib.KH_RR_FULL_LR if settings.enable_full_lr else 0)
        | (0 if settings.ignore_sips else lib.KH_RR_SIPS)
        | (lib.KH_RR_SOCKNAME if settings.sockname_mode else 0)
    )
    settings.loose = double | (lib.KH_RR_FORCE_SOCKET if settings.force_send_socket else 0)
