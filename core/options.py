"""The command line: Kamailio's flags with their meaning. A flag wins over the configuration file."""

import getopt
import os
from dataclasses import dataclass, field

from .errors import StartError

SHORT = "a:A:b:cdDeEf:g:G:hIKl:L:m:M:n:N:O:P:Q:rRSt:Tu:vVw:W:x:X:Y:"
LONG = [
    *("help", "version", "alias=", "atexit=", "cfg-print", "debug=", "dump-script", "keep-shm", "loadmodule="),
    *("log-engine=", "modparam=", "server-id=", "subst=", "substdef=", "substdefs="),
]
CONFIG_FILES = ("/etc/kahea/kahea.cfg", "/etc/kamailio/kamailio.cfg")
EXIT_USAGE = 255  # Kamailio's exit status for everything wrong before the start


class UsageError(StartError):
    """A wrong command line."""

    code = EXIT_USAGE


@dataclass
class Options:
    """What the command line said; None or empty where it said nothing."""

    config: str = ""
    check: bool = False  # -c
    cfg_print: bool = False
    dump_script: bool = False
    keep_shm: bool = False
    help: bool = False
    version: bool = False
    internals: bool = False  # -I
    debug: int | None = None  # --debug, or the number of -d
    background: int = 0  # number of -D
    color: bool = False
    stderr: bool = False
    log_engine: str = ""
    defines: list[str] = field(default_factory=list)  # -A
    substs: list[tuple[str, str]] = field(default_factory=list)  # ("subst" | "substdef" | "substdefs", expression)
    listen: list[str] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    auto_aliases: bool | None = None
    modules: list[str] = field(default_factory=list)
    modparams: list[tuple[str, str, int | bytes]] = field(default_factory=list)
    mpath: str = ""
    user: str = ""
    group: str = ""
    chroot: str = ""
    workdir: str = ""
    rundir: str = ""
    pid_file: str = ""
    pgid_file: str = ""
    shm_mb: int | None = None
    pkg_mb: int | None = None
    children: int | None = None
    tcp_children: int | None = None
    server_id: int | None = None
    maxbuffer: int | None = None
    disable_tcp: bool = False
    check_via: bool = False
    dns: bool = False
    rev_dns: bool = False

    @property
    def foreground(self) -> bool:
        """`-D` and `-DD` stay in the foreground."""
        return self.background in (1, 2)

    @property
    def single(self) -> bool:
        """`-D`: do not even fork workers."""
        return self.background == 1


SIMPLE = {  # flags that set one text
    "-f": "config",
    "-g": "group",
    "-G": "pgid_file",
    "-L": "mpath",
    "-P": "pid_file",
    "-t": "chroot",
    "-u": "user",
    "-w": "workdir",
    "-Y": "rundir",
    "--log-engine": "log_engine",
}
NUMBERS = {
    "-b": "maxbuffer",
    "-m": "shm_mb",
    "-M": "pkg_mb",
    "-n": "children",
    "-N": "tcp_children",
    "--server-id": "server_id",
}
SWITCHES = {
    "-c": "check",
    "-e": "color",
    "-E": "stderr",
    "-h": "help",
    "--help": "help",
    "-I": "internals",
    "-v": "version",
    "-V": "version",
    "--version": "version",
    "-K": "check_via",
    "-r": "dns",
    "-R": "rev_dns",
    "-T": "disable_tcp",
    "--cfg-print": "cfg_print",
    "--dump-script": "dump_script",
    "--keep-shm": "keep_shm",
}
LISTS = {"-A": "defines", "-l": "listen", "--alias": "aliases", "--loadmodule": "modules"}
IGNORED = {"-O", "-Q", "-S", "-W", "-x", "-X", "--atexit"}  # no such choice here; accepted so that unit files work
SHM_MANAGERS = {"fm", "f_malloc", "qm", "q_malloc", "tlsf", "tlsf_malloc"}


def parse(argv: list[str]) -> Options:
    """Read a command line without the program's name; UsageError with a sentence."""
    try:
        pairs, rest = getopt.getopt(argv, SHORT, LONG)
    except getopt.GetoptError as error:
        raise UsageError(f"{error}. Use -h for help.") from error
    if rest:
        raise UsageError(f"unexpected argument {rest[0]!r}. Use -h for help.")
    options = Options()
    verbose = 0
    for flag, value in pairs:
        if flag == "-d":
            verbose += 1
        elif flag == "-D":
            options.background += 1
        else:
            apply(options, flag, value)
    if verbose and options.debug is None:
        options.debug = verbose
    if not options.config:
        options.config = next((path for path in CONFIG_FILES if os.path.exists(path)), CONFIG_FILES[0])
    return options


def apply(options: Options, flag: str, value: str) -> None:
    """One flag."""
    if flag in SIMPLE:
        setattr(options, SIMPLE[flag], value)
    elif flag in NUMBERS:
        setattr(options, NUMBERS[flag], number(flag, value))
    elif flag in SWITCHES:
        setattr(options, SWITCHES[flag], True)
    elif flag in LISTS:
        getattr(options, LISTS[flag]).append(value)
    elif flag == "--debug":
        options.debug = number(flag, value, -5)
    elif flag == "-a":
        options.auto_aliases = yes_or_no(flag, value)
    elif flag == "--modparam":
        options.modparams.append(modparam(value))
    elif flag in ("--subst", "--substdef", "--substdefs"):
        options.substs.append((flag[2:], value))
    elif flag in ("-x", "-X") and value not in SHM_MANAGERS:
        raise UsageError(f"{flag}: unknown memory manager {value!r}; Kahea has one, and accepts fm, qm and tlsf for it")
    elif flag not in IGNORED:
        raise UsageError(f"option {flag} not recognized. Use -h for help.")


def number(flag: str, text: str, least: int = 0) -> int:
    """A number in an option."""
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise UsageError(f"bad number in option {flag}: {text!r}")
    return value


def yes_or_no(flag: str, text: str) -> bool:
    """`yes on 1` or `no off 0`."""
    if text in ("yes", "on", "1"):
        return True
    if text in ("no", "off", "0"):
        return False
    raise UsageError(f"option {flag} wants yes or no, not {text!r}")


def modparam(text: str) -> tuple[str, str, int | bytes]:
    """`module:parameter:type:value`, type `s` or `i`."""
    parts = text.split(":", 3)
    if len(parts) != 4 or parts[2] not in ("s", "i") or not parts[0] or not parts[1]:
        raise UsageError(f"--modparam wants module:parameter:type:value with type s or i, not {text!r}")
    if parts[2] == "s":
        return parts[0], parts[1], parts[3].encode()
    return parts[0], parts[1], number("--modparam", parts[3], -(1 << 31))


HELP = """\
Usage: kahea [options]
Options:
    -f file      Configuration file (default: /etc/kahea/kahea.cfg, else /etc/kamailio/kamailio.cfg)
    -c           Check the configuration and exit: 0 good, 255 bad
    --cfg-print  Print the configuration with includes and ifdefs evaluated
    --dump-script  Print the Python functions that the routing script is compiled to
    -A define    Add a preprocessor define (-A WITH_AUTH, -A 'FLT_ACC=1', -A 'NAME="text"')
    --subst=exp --substdef=exp --substdefs=exp
                 Add a preprocessor substitution

    -D           How to run: -D do not fork workers, stay in the foreground; -DD fork, stay in the foreground;
                 -DDD go to the background (default)
    -d           Raise the log level by one (up to -ddd)
    --debug=val  Log level, -5 to 3
    -E           Log to stderr instead of syslog
    -e           Log in colours (with -E)
    --keep-shm   Keep shared memory for the next start, and take over that of the former one
    --log-engine=json   Log as JSON lines
    -P file      Write the process id to a file
    -G file      Write the process group id to a file
    -u user -g group    Run as this user and group
    -t dir       Change the root folder to dir
    -w dir       Change the working folder to dir (default: /)
    -Y dir       Folder for FIFOs and sockets (default: /run/kamailio)

    -l address   Listen on [proto:]host[:port][/advertised[:port]]; may be repeated
    --alias=val  Another name of this server, [proto:]host[:port]
    -a mode      Find aliases by DNS: yes or no
    -n number    Workers for each UDP socket (default: 8)
    -N number    TCP workers (default: as -n)
    -T           Disable TCP
    -K           Check that replies' top Via is ours
    -r -R        Use DNS, reverse DNS, to decide about "received=" in Via
    -b bytes     Largest receive buffer of a UDP socket
    --server-id=num     Number of this node

    -L path      Folders to look for modules in, separated by colons
    --loadmodule=name   Load a module
    --modparam=module:parameter:type:value
                 Set a module parameter; type is s (text) or i (number)
    -m number    Shared memory in megabytes (default: 64)
    -M number    Private memory of a process in megabytes
    -v -V --version     Version
    -I           Paths and limits
    -h --help    This text
    -O -Q -S -W -x -X --atexit   accepted for compatibility, without effect"""
