"""Above each function of the kernel that reads a piece of the grammar stands its rule, with the RFC."""

import re

from kahea.src.native_build import c_files

FUNCTION = re.compile(r"^(?:static )?(?:inline )?[\w ]+[ *](\w+)\([^;]*\)\s*\{", re.M)
NAMED = re.compile(r"(^|_)(parse|read|number|classify|quoted|escaped|scheme|method_id|q|methods)(_|s?$)|^kh_\w+_next$")
#: read no grammar: they hand on to those that do, or read memory
NOT_PARSERS = {"kh_parse_hot", "kh_parse_http", "number_of_type", "read_aor", "kh_reg_parse", "kh_msg_hdr_number"}


def comment_above(text: str, at: int) -> str:
    before = text[:at].rstrip()
    return before[before.rindex("/*") :] if before.endswith("*/") else ""


def test_every_parsing_function_has_its_rule() -> None:
    bare = []
    for path in c_files("*.[ch]"):
        text = path.read_text()
        if not re.search(r"kh_skip|kh_is\(|inet_pton", text):
            continue
        for found in FUNCTION.finditer(text):
            name = found[1]
            if NAMED.search(name) and name not in NOT_PARSERS and "RFC" not in comment_above(text, found.start()):
                bare.append(f"{path.name}: {name}")
    assert not bare, "\n".join(bare)
