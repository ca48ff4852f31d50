"""`make docs`: the README of every module as one page with a table of contents, and the list of KEMI functions."""

import sys
from pathlib import Path

MODULES = Path(__file__).resolve().parent.parent / "modules"


def modules_page() -> str:
    """All READMEs."""
    pages = sorted(MODULES.glob("*/README.md"))
    names = [page.parent.name for page in pages]
    parts = ["# The modules of Kahea\n", "\n".join(f"- [{name}](#{name})" for name in names)]
    for name, page in zip(names, pages, strict=True):
        lines = [f"#{line}" if line.startswith("#") else line for line in page.read_text().splitlines()]
        parts.append(f'<a id="{name}"></a>\n\n' + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def kemi_page() -> str:
    """What scripts in Python call, from the object itself: a table a module."""
    from kahea.core import loader
    from kahea.core.kemi.api import entries

    for name in loader.available():
        loader.load_module(name)
    tables: dict[str, list[str]] = {}
    for entry in entries():
        params = "" if entry.params == "none" else entry.params
        name = f"KSR.{entry.module}.{entry.name}" if entry.module else f"KSR.{entry.name}"
        tables.setdefault(entry.module, []).append(f"| `{name}({params})` | {entry.ret} |")
    parts = ["# Functions of KEMI scripts\n\nOptional parameters are in brackets; `xval` is a text, a number or None."]
    for module, rows in sorted(tables.items()):
        head = f"## KSR.{module}" if module else "## KSR"
        parts.append("\n".join([head, "", "| function | result |", "|---|---|", *sorted(rows)]))
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Argument: the folder to write `modules.md` and `kemi.md` into."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("modules.md", modules_page()), ("kemi.md", kemi_page())):
        (folder / name).write_text(text)
        print(folder / name)


if __name__ == "__main__":
    main()
