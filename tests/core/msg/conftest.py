"""Fixtures of these tests."""

from kahea.tests.core.msg.messages import sockets

__all__ = ["sockets"]
