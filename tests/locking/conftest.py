"""Every test of this folder runs in a process of its own over a fresh segment."""

import pytest

from kahea.tests.support.segment import run_isolated


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    names = pyfuncitem._fixtureinfo.argnames
    run_isolated(lambda: pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
