"""Settings of Kamailio's tools that concern the database: DBENGINE, DB_PATH and so on, from the environment or from a
file of lines `NAME=value` as the shell reads them.
"""

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

NAMES = ("DBENGINE", "DB_PATH", "DBNAME", "DBHOST", "DBPORT", "DBRWUSER", "DBRWPW")
FILES = ("~/.kaheactlrc", "~/.kamctlrc", "/etc/kahea/kaheactlrc", "/etc/kamailio/kamctlrc")
SCHEMES = {"SQLITE": "sqlite", "MYSQL": "mysql", "PGSQL": "postgres", "DBTEXT": "text", "DB_BERKELEY": "berkeley"}


class SettingsError(Exception):
    """The settings name no database; `str()` says what to do."""


def read(text: str) -> dict[str, str]:
    """The settings in the text of a file; what is not an assignment is passed over."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue
        name, is_set, value = words[0].partition("=") if len(words) == 1 else ("", "", "")
        if is_set and name in NAMES:
            found[name] = value
    return found


def settings(files: Iterable[str] = FILES) -> dict[str, str]:
    """Those of the first file that is there, and over them the environment's."""
    found: dict[str, str] = {}
    for file in files:
        path = Path(os.path.expanduser(file))
        if path.is_file():
            found = read(path.read_text(errors="surrogateescape"))
            break
    return {**found, **{name: os.environ[name] for name in NAMES if name in os.environ}}


def database_url(found: dict[str, str], name: str = "") -> str:
    """The URL that they make; `name` is the path or name of another database of this kind. SettingsError."""
    engine = found.get("DBENGINE", "")
    if not engine:
        raise SettingsError("which database? Give its path, --url, or DBENGINE and DB_PATH (environment or kamctlrc)")
    if engine.upper() not in SCHEMES:
        raise SettingsError(f"DBENGINE={engine} is none of {', '.join(SCHEMES)}")
    scheme = SCHEMES[engine.upper()]
    if scheme in ("sqlite", "text", "berkeley"):
        path = name or found.get("DB_PATH", "")
        if not path:
            raise SettingsError("DB_PATH, the path of the database, is not set")
        return f"{scheme}:///{os.path.abspath(path)}"
    user, password = found.get("DBRWUSER", "kamailio"), found.get("DBRWPW", "kamailiorw")
    port = f":{found['DBPORT']}" if found.get("DBPORT") else ""
    host, database = found.get("DBHOST", "localhost"), name or found.get("DBNAME", "kamailio")
    return f"{scheme}://{user}:{password}@{host}{port}/{database}"
