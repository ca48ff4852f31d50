"""The daemon's entry: read the command line, then check, print or run. Errors are sentences, never tracebacks."""

import sys
from collections.abc import Sequence

from ..cfg.errors import ConfigError
from . import info, options
from . import log as logging
from .errors import FileError, KaheaError, StartError

log = logging.logger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Console script `kahea`; returns the exit status. 0 done, 255 wrong command line or configuration, else
    `StartError.code`."""
    try:
        return act(options.parse(list(sys.argv[1:] if argv is None else argv)))
    except ConfigError as error:
        complain(f"{error}\nERROR: bad config file")
        return options.EXIT_USAGE
    except KaheaError as error:
        sys.stdout.flush()
        complain(f"ERROR: {error}")
        return error.code if isinstance(error, StartError) else 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # a bug of ours; its traceback is for those who ask for it
        if logging.state.level >= logging.DBG:
            raise
        complain(f"ERROR: internal error, {type(error).__name__}: {error} (with --debug=3 there is a traceback)")
        return 1


def act(chosen: options.Options) -> int:
    """Do what the command line asks for."""
    if chosen.help:
        print(f"version: {info.FULL_NAME}\n{options.HELP}")
    elif chosen.version:
        print(info.version_text())
    elif chosen.internals:
        print(info.internals_text())
    elif chosen.cfg_print:
        print_configuration(chosen)
    else:
        from .server import Server

        server = Server(chosen)
        server.load()
        if chosen.dump_script:
            print(server.dump_script())
        elif chosen.check:
            server.check()
            complain("config file ok, exiting...")
        else:
            return server.serve()
    return 0


def print_configuration(chosen: options.Options) -> None:
    """`--cfg-print`: the text that is left when includes and conditionals are evaluated."""
    from ..cfg.syntax.preprocessed import preprocessed
    from .script import Script

    script = Script()
    script.options = chosen
    try:
        sys.stdout.write(preprocessed(chosen.config, script.preprocessor()))
    except OSError as error:
        raise FileError(f"loading config file({chosen.config}): {error.strerror}") from error


def complain(text: str) -> None:
    """To the terminal; nobody reads the log of a server that did not start."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
