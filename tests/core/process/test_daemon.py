"""Pid files, users, folders: what can go wrong is a sentence."""

import os
from pathlib import Path

import pytest

from kahea.core.errors import StartError
from kahea.core.process import daemon


def test_pid_file_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    path.write_text("999999999\n")
    daemon.write_pid_file(str(path), os.getpid())
    assert path.read_text() == f"{os.getpid()}\n"
    daemon.remove_pid_file(str(path))
    daemon.remove_pid_file(str(path))


def test_pid_file_with_nonsense_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    path.write_text("hello\n")
    daemon.write_pid_file(str(path), 5)
    assert path.read_text() == "5\n"


def test_pid_file_of_a_running_process_is_respected(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    path.write_text(f"{os.getppid()}\n")
    with pytest.raises(StartError, match="runs already"):
        daemon.write_pid_file(str(path), os.getpid())


@pytest.mark.parametrize(("user", "group"), [("nosuchuser", None), (None, "nosuchgroup")])
def test_unknown_user_or_group_is_a_sentence(user: str | None, group: str | None) -> None:
    with pytest.raises(StartError, match="there is no"):
        daemon.find_ids(user, group)


def test_user_brings_its_group() -> None:
    assert daemon.find_ids("root", None) == (0, 0)
    assert daemon.find_ids("0", "0") == (0, 0)
    assert daemon.find_ids(None, None) == (None, None)


def test_run_folder_is_made(tmp_path: Path) -> None:
    daemon.make_run_folder(str(tmp_path / "a" / "b"), None, None)
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match="cannot create the run folder"):
        daemon.make_run_folder(str(tmp_path / "file" / "b"), None, None)


def test_missing_working_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot change the working folder"):
        daemon.change_folder(str(tmp_path / "missing"))
