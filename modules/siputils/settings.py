"""The parameters of siputils."""

from dataclasses import dataclass


@dataclass(slots=True)
class Settings:
    """Texts of the reply to OPTIONS, and the separator in an encoded Contact."""

    options_accept: bytes = b"*/*"
    options_accept_encoding: bytes = b""
    options_accept_language: bytes = b"en"
    options_support: bytes = b""
    contact_flds_separator: bytes = b"*"

    def set_separator(self, value: bytes) -> None:
        if len(value) != 1:
            raise ValueError("contact_flds_separator is one character")
        self.contact_flds_separator = value


settings = Settings()
