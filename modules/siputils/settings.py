"""The parameters of siputils."""

from dataclasses import dataclass


@dataclass(slots=True)
class Settings:
    """Texts of the reply to OPTIONS, the separator in an encoded Contact, what Remote-Party-ID is made of."""

    options_accept: bytes = b"*/*"
    options_accept_encoding: bytes = b""
    options_accept_language: bytes = b"en"
    options_support: bytes = b""
    contact_flds_separator: bytes = b"*"
    rpid_prefix: bytes = b""
    rpid_suffix: bytes = b";party=calling;id-type=subscriber;screen=yes"
    rpid_avp: bytes = b"$avp(s:rpid)"

    def set_separator(self, value: bytes) -> None:
        if len(value) != 1:
            raise ValueError("contact_flds_separator is one character")
        self.contact_flds_separator = value

    def set_rpid_avp(self, value: bytes) -> None:
        """The variable that holds the identity."""
        from ...core.pv import parse_spec

        try:
            parse_spec(value)
        except LookupError as error:
            raise ValueError(str(error.args[0])) from None
        self.rpid_avp = value


settings = Settings()
