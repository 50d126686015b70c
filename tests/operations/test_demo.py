"""The demonstration's processes begin and end with it."""

import fcntl
import os
import signal
import time

import pytest

from demo import processes

CHILD = "import fcntl, time; held = open('held', 'w'); fcntl.flock(held, fcntl.LOCK_EX); print('up', flush=True); "
STUBBORN = f"""
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.chdir(os.environ["PYTHONPATH"])
subprocess.Popen([sys.executable, "-c", {CHILD + "time.sleep(60)"!r}])
time.sleep(60 if sys.argv[1] == "deaf" else 0)
"""


def test_the_terminals_ctrl_c_reaches_none_of_them_twice(tmp_path):
    process = processes.start("server", ["http.server", "--bind", "127.0.0.1", "0"], {}, tmp_path)
    group = os.getpgid(process.pid)
    processes.end([process])

    assert (group, process.returncode) == (process.pid, -signal.SIGTERM)
    assert group != os.getpgrp()


@pytest.mark.parametrize("how", ["deaf", "gone"])
def test_what_does_not_listen_or_was_left_behind_is_ended_with_it(tmp_path, monkeypatch, how):
    monkeypatch.setattr(processes, "GENTLY", 0.1)
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    process = processes.start("stubborn", ["stubborn", how], {"PYTHONPATH": str(tmp_path)}, tmp_path)
    while "up" not in (tmp_path / "stubborn.log").read_text():
        time.sleep(0.01)
    assert _is_held(tmp_path)
    processes.end([process])

    # Killed is killed, but not at that very moment; by itself it would live for a minute.
    ends = time.monotonic() + 20
    while _is_held(tmp_path) and time.monotonic() < ends:
        time.sleep(0.01)
    assert not _is_held(tmp_path)


def _is_held(folder):
    """Whether the child still lives: it holds a lock, which ends with it."""
    with (folder / "held").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
