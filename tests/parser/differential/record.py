"""Records what Debian's kamailio reads of the corpus: `unshare -n sh -c 'ip link set lo up; python -m
kahea.tests.parser.differential.record'`, as root."""

import json
import pathlib
import tempfile

from kahea.tests.parser.corpus import ENTRIES, message, name
from kahea.tests.parser.differential.kamailio import running
from kahea.tests.parser.field_corpus import FIELD

RECORDED = pathlib.Path(__file__).parent / "recorded.json"
CORPUS: dict[str, bytes] = {f"torture/{name(entry)}": message(entry) for entry in ENTRIES} | FIELD


def main() -> None:
    """One line a message, so that a change shows as one."""
    with tempfile.TemporaryDirectory() as folder, running(pathlib.Path(folder)) as kamailio:
        rows = {title: kamailio.read(data) for title, data in CORPUS.items()}
    lines = (f"{json.dumps(title)}: {json.dumps(fields)}" for title, fields in rows.items())
    RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
