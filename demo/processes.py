"""Starts the demonstration's processes, waits until they answer, and ends the ones that it started."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 30.0
# How long a process has to end by itself.
GENTLY = 10.0


class DidNotStart(Exception):
    """A process of the demonstration ended or does not answer; the message says where its words are."""


def require_free(*ports: int) -> None:
    """Raise DidNotStart while another program listens on one of these ports."""
    for port in ports:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                raise DidNotStart(f"Port {port} is taken. PORT=9000 make demo takes other ports.")


# One pool of memory for all threads, given back as it empties: as docs/deploy.md advises.
MEMORY = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536"}


def start(name: str, command: Sequence[str], environment: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    """Start one process, its words going to `<folder>/<name>.log`.

    A terminal's Ctrl-C goes to all that run in it. This one hears of it from us alone: a web server that is told to end
    twice may wait for itself, and keep its port.
    """
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *command],
            env=os.environ | MEMORY | environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until an address answers anything at all."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise DidNotStart(f"{url} does not answer; the words of its process are in .demo/*.log.")


def end(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """End processes in order, gently first."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(GENTLY)
        # What it has started and left behind goes, too.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def running(name: str, command: Sequence[str], environment: dict[str, str], folder: Path, url: str) -> Iterator[None]:
    """Keep one process running inside the block."""
    process = start(name, command, environment, folder)
    try:
        wait_for(url, process)
        yield
    finally:
        end([process])
