"""The parameters of db_sqlite: both are about one database, named by its path as in the URL."""

JOURNAL_MODES = ("WAL", "DELETE", "TRUNCATE", "PERSIST", "MEMORY", "OFF")
#: unless said otherwise: readers and one writer do not wait for one another, and a killed process loses nothing
JOURNAL_MODE = "WAL"


class Settings:
    """One instance; modparam writes to it."""

    def __init__(self) -> None:
        self.readonly: set[str] = set()
        self.journal_modes: dict[str, str] = {}

    def add_readonly(self, path: bytes) -> None:
        """`modparam("db_sqlite", "db_set_readonly", "/var/x.sqlite")`; may be repeated."""
        if not path:
            raise ValueError("the path is empty")
        self.readonly.add(path.decode("utf-8", "surrogateescape"))

    def add_journal_mode(self, text: bytes) -> None:
        """`modparam("db_sqlite", "db_set_journal_mode", "/var/x.sqlite=WAL")`; may be repeated."""
        path, found, mode = text.decode("utf-8", "surrogateescape").rpartition("=")
        if not found or not path:
            raise ValueError("must be PATH=MODE")
        if mode.upper() not in JOURNAL_MODES:
            raise ValueError(f"{mode} is none of {', '.join(JOURNAL_MODES)}")
        self.journal_modes[path] = mode.upper()

    def journal_mode(self, path: str) -> str:
        """The mode of the database with this path."""
        return self.journal_modes.get(path, JOURNAL_MODE)


settings = Settings()
