"""Counters that the configuration declares."""

from ...core.statistics import register_stat


class Settings:
    """Declarations, made real in `start`."""

    def __init__(self) -> None:
        self.group = b"script"
        self.declared: list[tuple[bytes, str]] = []  # (name as written, description)
        self.docs: dict[tuple[str, str], str] = {}

    def add_counter(self, text: bytes) -> None:
        """`[group.]name[ description]`, a colon before the description is allowed."""
        name, _, doc = text.strip().partition(b" ")
        if not name.strip(b":"):
            raise ValueError("a counter needs a name")
        self.declared.append((name.rstrip(b":"), doc.strip().decode("utf-8", "replace")))

    def split(self, name: bytes) -> tuple[str, str]:
        """(group, name) of `[group.]name`."""
        group, dot, rest = name.decode("latin-1").partition(".")
        return (group, rest) if dot else (self.group.decode("latin-1"), group)

    def start(self) -> None:
        """Main process, before fork."""
        for name, doc in self.declared:
            group, short = self.split(name)
            register_stat(group, short)
            self.docs[group, short] = doc


settings = Settings()
