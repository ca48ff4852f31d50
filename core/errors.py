"""The errors of the server, one tree.

    KaheaError
    ├── StartError          the server cannot start or go on; one sentence for the user, exit code attached
    │   ├── FileError       the configuration file cannot be read
    │   ├── ModuleError     a module could not be loaded, configured or initialised
    │   └── SocketError     an address could not be bound
    └── RpcError            a management command failed; code and text go to the caller  (core/rpc/registry.py)

Configuration errors with file, line and caret are `cfg.errors.ConfigError`: cfg knows no core. On the per-message path
functions return codes; exceptions are for start-up and the edges.
"""


class KaheaError(Exception):
    """Root of what this server raises on purpose."""


class StartError(KaheaError):
    """The server cannot start; `str()` is one sentence for the user, `code` the exit status of the process."""

    code = 1


class FileError(StartError):
    """The configuration file cannot be read; ends with Kamailio's exit code for a bad configuration."""

    code = 255


class ModuleError(StartError):
    """A module is missing, got a wrong parameter, or refused to initialise."""


class SocketError(StartError):
    """An address of `listen` cannot be used."""
