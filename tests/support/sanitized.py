"""Runs the tests on a kernel that checks its own memory accesses: `python -m kahea.tests.support.sanitized [ARGS]`.

AddressSanitizer and UndefinedBehaviorSanitizer end the process at the first fault; pytest then names the test whose
process it was, and the report lies beside the kernel, in var/sanitized. Blocks of shared memory are outside of what
AddressSanitizer knows: for those there is `mem_debug`. Tests that measure time or memory are left out.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .variant import ROOT, build_variant

TOP = ROOT / "var" / "sanitized"
CHECKS = "-fno-lto -fsanitize=address,undefined"
CFLAGS = f"-O1 {CHECKS} -fno-omit-frame-pointer -fno-sanitize-recover=undefined"
RUNTIMES = ("libasan.so", "libubsan.so")


def environment() -> dict[str, str]:
    """What a Python that loads the kernel needs: the runtimes first of all, and its own memory from malloc."""
    found = [subprocess.check_output(["gcc", f"-print-file-name={name}"], text=True).strip() for name in RUNTIMES]
    options = f"detect_leaks=0:handle_segv=0:allocator_may_return_null=1:log_path={TOP}/report"
    return {
        **os.environ,
        "PYTHONPATH": str(TOP),
        "PYTHONMALLOC": "malloc",
        "LD_PRELOAD": " ".join(found),
        "ASAN_OPTIONS": options,
        "UBSAN_OPTIONS": f"print_stacktrace=1:log_path={TOP}/report",
    }


def main() -> None:
    """Build, then become pytest."""
    shutil.rmtree(TOP, ignore_errors=True)
    build_variant(TOP, CFLAGS, CHECKS)
    os.chdir(TOP / "kahea")
    command = [sys.executable, "-m", "pytest", "-n", "auto", "-m", "not measured", *sys.argv[1:]]
    code = subprocess.run(command, env=environment(), check=False).returncode
    for report in sorted(TOP.glob("report.*")):
        print(f"{report.relative_to(Path(ROOT))}: {report.read_text().splitlines()[1][:160]}")
    sys.exit(code)


if __name__ == "__main__":
    main()
