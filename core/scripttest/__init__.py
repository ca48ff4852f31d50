"""Unit tests for routing scripts: a server without sockets in a process of its own, driven message by message.

`plugin.py` is the pytest plugin (fixture `kahea_script`), `client.py` what tests use, `worker.py` the process. Nothing
of the running server imports this.
"""

from .client import LoadError, Outcome, ScriptTest
from .message import Message

__all__ = ["LoadError", "Message", "Outcome", "ScriptTest"]
