"""Sentences of an EBNF grammar: GRAMMAR.md read as data, and texts that it derives, at random but the same each time.

`=` defines, `|` or, `[ ]` optional, `{ }` any number, `( )` groups, "x" the text itself, `;` ends a rule, `(* *)` a
comment.
"""

import random
import re
from collections.abc import Callable

Derive = Callable[["Sentences", int], str]
_TOKEN = re.compile(r"""\s*(?:\(\*.*?\*\)\s*)*("[^"]*"|'[^']*'|[A-Za-z_]\w*|[|;=()\[\]{}])""", re.S)
_RULE = re.compile(r"^(\w+)\s*= ", re.M)


class Sentences:
    """Derives texts. `samples` stand for tokens and for rules whose words the grammar leaves to tables."""

    def __init__(self, text: str, samples: dict[str, list[str]], seed: int = 1) -> None:
        self.samples = samples
        self.lines = {"statement"}  # rules that end a line: a list of addresses ends there
        self.random = random.Random(seed)
        self.used: set[str] = set()  # rules and samples that were derived
        blocks = re.findall(r"```ebnf\n(.*?)```", text, re.S)
        self.rules: dict[str, Derive] = {}
        for block in blocks:
            starts = [(m[1], m.end()) for m in _RULE.finditer(block)]
            ends = [m.start() for m in _RULE.finditer(block)][1:] + [len(block)]
            for (name, start), end in zip(starts, ends, strict=True):
                self.rules[name] = _Reader(block[start:end]).alternatives(";")

    def derive(self, name: str, depth: int) -> str:
        """A text of a rule or a sample; past `depth` the shortest ways are taken."""
        self.used.add(name)
        if name in self.samples:
            return self.random.choice(self.samples[name])
        return self.rules[name](self, depth - 1) + ("\n" if name in self.lines else "")


class _Reader:
    def __init__(self, text: str) -> None:
        self.tokens = [m[1] for m in _TOKEN.finditer(text)]
        self.at = 0

    def alternatives(self, end: str) -> Derive:
        """Up to `end`."""
        found = [self.sequence(end)]
        while self.tokens[self.at] == "|":
            self.at += 1
            found.append(self.sequence(end))
        self.at += 1
        return lambda s, depth: (s.random.choice(found) if depth > 0 else found[0])(s, depth)

    def sequence(self, end: str) -> Derive:
        parts: list[Derive] = []
        while (token := self.tokens[self.at]) not in ("|", end):
            self.at += 1
            parts.append(self.part(token))
        return lambda s, depth: " ".join(filter(None, (part(s, depth) for part in parts)))

    def part(self, token: str) -> Derive:
        if token[0] in "\"'":
            return lambda s, depth: token[1:-1]
        if token == "(":
            return self.alternatives(")")
        if token == "[":
            inner = self.alternatives("]")
            return lambda s, depth: inner(s, depth) if depth > 0 and s.random.random() < 0.5 else ""
        if token == "{":
            several = self.alternatives("}")
            return lambda s, depth: " ".join(
                several(s, depth) for _ in range(s.random.randrange(3) if depth > 0 else 0)
            )
        return lambda s, depth: s.derive(token, depth)
