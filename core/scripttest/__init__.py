"""Unit tests for routing scripts: a server without sockets in a process of its own, driven message by message.

`plugin.py` is the pytest plugin (fixture `kahea_script`), `client.py` what tests use, `worker.py` the process,
`outcome.py` and `transcript.py` what tests and the reports of failures show. Nothing
of the running server imports this.
"""

from .client import LoadError, ScriptTest
from .message import Message
from .outcome import Outcome

__all__ = ["LoadError", "Message", "Outcome", "ScriptTest"]
