"""The parameters of the module."""

from dataclasses import dataclass, field

DEFAULT_CHECKS = 1 + 2 + 4 + 32 + 64 + 128 + 256 + 512 + 2048
DEFAULT_URI_CHECKS = 1 + 2 + 4  # Request-URI, From, To


@dataclass(slots=True)
class Settings:
    default_checks: int = DEFAULT_CHECKS
    uri_checks: int = DEFAULT_URI_CHECKS
    autodrop: int = 1
    noreply: int = 0
    extensions: frozenset[bytes] = field(default=frozenset())  # accepted in Proxy-Require, in lower case

    def set_proxy_require(self, value: bytes) -> None:
        """`proxy_require`: a comma list of option tags."""
        self.extensions = frozenset(tag.strip().lower() for tag in value.split(b",") if tag.strip())


settings = Settings()
