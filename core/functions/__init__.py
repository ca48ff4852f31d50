"""The core functions of the script (`setflag`, `rewritehost`, `forward`...), one file a subject.

They are declared as a module's functions are; `core_commands()` is the pseudo-module "core". To add one, write a
function of `(msg, *values)` and list it in its file's `COMMANDS`; a name that is a word of the grammar has a row in
cfg/tables.py.
"""

from ..sr_module import CmdExport


def core_commands() -> list[CmdExport]:
    """All core functions. Imported late: the transports below them come up after the configuration is read."""
    from . import branches, flags, logging, transport, uri

    return [*uri.COMMANDS, *flags.COMMANDS, *branches.COMMANDS, *transport.COMMANDS, *logging.COMMANDS]
