"""Kamailio's flags keep their meaning; a wrong command line is a sentence and exit code 255."""

import pytest

from kahea.core import options


def test_flags_of_a_unit_file_are_understood() -> None:
    line = ["-P", "/run/k.pid", "-f", "/etc/k.cfg", "-m", "64", "-M", "8", "-u", "kamailio", "-g", "kamailio"]
    line += ["-DD", "-E", "-x", "tlsf", "-X", "qm", "-a", "no"]
    chosen = options.parse(line)
    assert (chosen.config, chosen.pid_file, chosen.shm_mb, chosen.pkg_mb) == ("/etc/k.cfg", "/run/k.pid", 64, 8)
    assert (chosen.user, chosen.group, chosen.stderr, chosen.auto_aliases) == ("kamailio", "kamailio", True, False)
    assert chosen.foreground and not chosen.single


@pytest.mark.parametrize(("line", "foreground", "single"), [("-D", 1, 1), ("-DD", 1, 0), ("-DDD", 0, 0), ("", 0, 0)])
def test_number_of_ds_says_how_to_run(line: str, foreground: int, single: int) -> None:
    chosen = options.parse(line.split())
    assert (chosen.foreground, chosen.single) == (bool(foreground), bool(single))


def test_repeated_flags_add_up() -> None:
    chosen = options.parse(["-l", "udp:a:1", "-l", "udp:b", "-A", "X", "-A", "Y=1", "--alias=z", "-ddd", "-N", "3"])
    assert (chosen.listen, chosen.defines, chosen.aliases) == (["udp:a:1", "udp:b"], ["X", "Y=1"], ["z"])
    assert (chosen.debug, chosen.tcp_children) == (3, 3)


def test_debug_value_wins_over_counted_ds() -> None:
    assert options.parse(["-dd", "--debug=-1"]).debug == -1


def test_modparams_have_types() -> None:
    chosen = options.parse(["--modparam=tm:fr_timer:i:5000", "--modparam=rr:x:s:a:b", "--loadmodule=tm.so"])
    assert chosen.modparams == [("tm", "fr_timer", 5000), ("rr", "x", b"a:b")]
    assert chosen.modules == ["tm.so"]


@pytest.mark.parametrize(
    "line",
    [
        "-Z",
        "-n",
        "-n x",
        "-n -1",
        "-x magic",
        "-a maybe",
        "--modparam=tm:x",
        "--modparam=tm:x:i:y",
        "stray",
        "--nosuch",
    ],
)
def test_wrong_command_line_is_a_usage_error(line: str) -> None:
    with pytest.raises(options.UsageError) as caught:
        options.parse(line.split())
    assert caught.value.code == 255
