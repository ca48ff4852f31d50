"""Writes lines.tsv: what Debian's Kamailio accounts of the calls in calls.py. Needs a network namespace of its own."""

import tempfile
from pathlib import Path

from kahea.tests.e2e.conftest import Oracle
from kahea.tests.support import net

from .calls import Phones
from .test_lines import CONFIGS, HERE, run, text_of


def main() -> None:
    net.isolate()
    rows = ["# configuration, call, line: Kamailio 5.6.3 (see record.py)"]
    with tempfile.TemporaryDirectory() as folder:
        for config in CONFIGS:
            server = Oracle(text_of(config), Path(folder, config.replace(" ", "_")), workers=None, command=["kamailio"])
            server.start()
            phones = Phones()
            try:
                found = run(server, phones, config, None)
            finally:
                phones.close()
                server.close()
            rows += ["\t".join((config, scenario, line)) for scenario, lines in found.items() for line in lines]
    (HERE / "lines.tsv").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
