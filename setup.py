"""Builds the native kernel and maps this folder to the package `kahea`; everything else is in pyproject.toml."""

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py


class BuildPy(build_py):
    """The root is a package; its build script is no module of it."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        """The modules of a package, less setup.py."""
        return [m for m in super().find_package_modules(package, package_dir) if m[:2] != ("kahea", "setup")]


setup(
    package_dir={"kahea": "."},
    cmdclass={"build_py": BuildPy},
    cffi_modules=["src/native_build.py:ffi"],
    packages=["kahea", *(f"kahea.{p}" for p in find_packages(exclude=["tests*", "build*", "var*"]))],
    package_data={
        "kahea": ["py.typed"],
        "kahea.cfg": ["*.cfg"],
        "kahea.core.db.schema": ["*.tables"],
        "kahea.modules": ["*/README.md"],
        "kahea.tools.bench": ["scenarios/*"],
        "kahea.tools.bench.kernel": ["*.c"],
    },
)
