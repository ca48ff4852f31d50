"""The parameters."""

from dataclasses import dataclass


@dataclass(slots=True)
class Settings:
    """Parameters of the module, by name."""

    default_code: int = 500
    default_reason: bytes = b"Internal Server Error"
    bind_tm: int = 1
    rich_redirect: int = 0
    event_callback_fl_ack: bytes = b""
    event_callback_lres_sent: bytes = b""

    def set_default_code(self, value: int) -> None:
        if not 400 <= value <= 699:
            raise ValueError(f"default_code must be 400 to 699, not {value}")
        self.default_code = value


settings = Settings()
