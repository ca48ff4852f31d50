"""How much of the parser's files the inputs of the targets reach, by llvm-cov."""

import json
import pathlib
import shutil
import subprocess

import click

from ...src.native_build import named
from .build import Programs

#: what the targets are about
FILES = [
    "addr", "apply", "build", "build_reply", "chars", "dest", "field", "fline", "frame",
    "hdr", "hot", "lenient", "lump", "lump_hf", "lump_remove", "msg", "nameaddr", "proxy",
    "reg", "rr", "sanity", "seen", "uri", "uri_edit", "via",
]  # fmt: skip


def _tool(clang: str, name: str) -> str:
    version = clang.rpartition("clang")[2]  # "-14" or ""
    for candidate in (f"{name}{version}", name, f"{name}-14"):
        if found := shutil.which(candidate):
            return found
    raise click.ClickException(f"coverage needs {name}: apt-get install llvm")


def reached(programs: Programs, found: dict[str, pathlib.Path]) -> str:
    """A line a file: covered and counted lines, and percent; the sum last."""
    raw = []
    for target, corpus in found.items():
        profile = programs.folder / f"{target}.profraw"
        program = programs.build(target, coverage=True)
        run = [str(program), "-runs=0", str(corpus)]
        subprocess.run(run, check=True, capture_output=True, env={"LLVM_PROFILE_FILE": str(profile)})
        raw.append(str(profile))
    data = programs.folder / "all.profdata"
    subprocess.run([_tool(programs.clang, "llvm-profdata"), "merge", "-o", str(data), *raw], check=True)
    binaries = [str(programs.build(target, coverage=True)) for target in found]
    objects = [binaries[0], *(part for binary in binaries[1:] for part in ("-object", binary))]
    sources = named(*FILES)
    command = [_tool(programs.clang, "llvm-cov"), "export", "-summary-only", f"-instr-profile={data}"]
    out = subprocess.run([*command, *objects, *sources], check=True, capture_output=True, text=True).stdout
    lines = []
    total = counted = 0
    for file in json.loads(out)["data"][0]["files"]:
        numbers = file["summary"]["lines"]
        total, counted = total + numbers["covered"], counted + numbers["count"]
        name = pathlib.Path(file["filename"]).name
        lines.append(f"{name:15} {numbers['covered']:4} of {numbers['count']:4} lines  {numbers['percent']:5.1f} %")
    lines.append(f"{'all':15} {total:4} of {counted:4} lines  {100 * total / counted:5.1f} %")
    return "\n".join(lines)
