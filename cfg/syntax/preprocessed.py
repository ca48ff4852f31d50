"""`--cfg-print`: a configuration as text after includes, conditionals, defines and substitutions."""

from . import scanner
from .preprocessor import Preprocessor


def preprocessed(path: str, source: Preprocessor) -> str:
    """The tokens that are left, on lines as in the files, without comments. ConfigError; OSError."""
    source.open_file(path)
    parts: list[str] = [f"#!{source.compat}"] if source.compat != "MAXCOMPAT" else []
    place: tuple[str, int] = ("", 0)
    end: tuple[object, int] = (None, 0)  # where the last token ended
    while (token := source.next()).kind is not scanner.EOF:
        frame = token.frame
        touches = end == (frame, token.start)
        end = (frame, frame.offset)
        text = frame.source.text[token.start : frame.offset] if token.kind is scanner.STR else token.text
        while frame.parent is not None and not frame.source.is_file:
            frame = frame.parent  # an expanded define stands where its name stood
        pos = token.pos if frame is token.frame else None
        here = (frame.source.name, pos.line if pos else place[1])
        if here != place and parts:
            parts.append("\n")
        elif parts and not touches:
            parts.append(" ")
        place = here
        parts.append(text)
    return "".join(parts) + "\n"
