"""Killed at any point of giving, subscribing, returning, stopping: the end is that of a run that nobody disturbed.

Here one point each of a share of the moments that leave different things behind; `python -m tests.crashes` takes all.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def kill_at(database, share, **environment):
    """Kill at a share of the points, in a program of its own: it forks, which a process with threads must not."""
    command = [sys.executable, "-m", "tests.crashes", "--database", database, "--share", share]
    told = os.environ | environment
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=500, check=False)


@pytest.mark.processes
@pytest.mark.timeout(500)
def test_killed_on_sqlite_all_is_right_in_the_end():
    ended = kill_at("sqlite", "0.08")

    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.processes
@pytest.mark.timeout(500)
def test_killed_on_postgresql_all_is_right_in_the_end(postgres_template):
    ended = kill_at("postgresql", "0.03", TEST_DATABASE_URL=postgres_template[0])

    assert ended.returncode == 0, ended.stdout + ended.stderr
