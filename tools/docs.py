"""`make docs`: the README of every module, as one page with a table of contents."""

import sys
from pathlib import Path

MODULES = Path(__file__).resolve().parent.parent / "modules"


def main() -> None:
    """Argument: the folder to write `modules.md` into."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    pages = sorted(MODULES.glob("*/README.md"))
    names = [page.parent.name for page in pages]
    parts = ["# The modules of Kahea\n", "\n".join(f"- [{name}](#{name})" for name in names)]
    for name, page in zip(names, pages, strict=True):
        lines = [f"#{line}" if line.startswith("#") else line for line in page.read_text().splitlines()]
        parts.append(f'<a id="{name}"></a>\n\n' + "\n".join(lines))
    target = folder / "modules.md"
    target.write_text("\n\n".join(parts) + "\n")
    print(f"{target}: {len(pages)} modules")


if __name__ == "__main__":
    main()
