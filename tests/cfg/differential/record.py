"""Records what Debian's kamailio answers: `python -m kahea.tests.cfg.differential.record`, as root.

Reads cases (expressions.tsv: expression, tab, answer; statements.txt: bodies and answers) and writes them again with
the oracle's answers. Cases that `kamailio -c` refuses get the answer `refused`.
"""

from pathlib import Path

from kahea.tests.cfg.differential.oracle import accepts, ask

FOLDER = Path(__file__).parent
EXPRESSIONS, STATEMENTS = FOLDER / "expressions.tsv", FOLDER / "statements.txt"
CHUNK = 250  # cases in one configuration


def expression_body(expression: str) -> str:
    """Log an expression's value, its value plus 1 (tells numbers from strings), and whether an `if` takes it."""
    return (
        f'$vn(r) = "unset"; $vn(r) = {expression}; $vn(q) = $vn(r) + 1; $vn(c) = "false";'
        f' if ({expression}) $vn(c) = "true"; xlog("[$vn(r)] [$vn(q)] $vn(c)\\n");'
    )


def read_expressions() -> list[tuple[str, str]]:
    """(expression, answer)."""
    rows = [line.split("\t") for line in EXPRESSIONS.read_text("latin-1").splitlines() if line and line[0] != "#"]
    return [(row[0], row[1] if len(row) > 1 else "") for row in rows]


def read_statements() -> list[tuple[str, str, list[str]]]:
    """(title, body, answer lines)."""
    cases = []
    for part in STATEMENTS.read_text("latin-1").split("\n=== ")[1:]:
        title, _, rest = part.partition("\n")
        body, _, answer = rest.partition("\n>>>\n")
        cases.append((title, body, answer.split("\n") if answer.strip() else []))
    return [(t, b, [line for line in a if line]) for t, b, a in cases]


def answers(bodies: list[str]) -> list[list[str]]:
    """The oracle's answers, some hundred bodies a run."""
    found: list[list[str]] = []
    for start in range(0, len(bodies), CHUNK):
        found += ask(bodies[start : start + CHUNK])
    return found


def main() -> None:
    """Record both files."""
    rows = read_expressions()
    refused = {e for e, a in rows if a == "refused" or (not a and not accepts(expression_body(e)))}
    kept = [e for e, _ in rows if e not in refused]
    got = dict(zip(kept, answers([expression_body(e) for e in kept]), strict=True))
    lines = [f"{e}\t{'refused' if e in refused else ' / '.join(got[e])}" for e, _ in rows]
    EXPRESSIONS.write_text(
        "# expression, what Kamailio 5.6.3 logged (see record.py)\n" + "\n".join(lines) + "\n", "latin-1"
    )
    cases = read_statements()
    bad = {t for t, b, _ in cases if not accepts(b)}
    alone = {t: ask([b])[0] for t, b, _ in cases if t not in bad and "\n---\n" in b}  # they define routes and macros
    said = iter(answers([b for t, b, _ in cases if t not in bad and t not in alone]))
    text = "Bodies of route blocks and what Kamailio 5.6.3 logged (see record.py).\n"
    for title, body, _ in cases:
        result = ["refused"] if title in bad else alone[title] if title in alone else next(said)
        text += f"\n=== {title}\n{body}\n>>>\n" + "\n".join(result) + "\n"
    STATEMENTS.write_text(text, "latin-1")


if __name__ == "__main__":
    main()
