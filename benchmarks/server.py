"""One web process, served as docs/deploy.md says, on a core of its own."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import CannotMeasure
from membership.config import Settings

HOST = "members.example.org"
PATIENCE = 30.0


@dataclass(frozen=True)
class Server:
    """A running server; `pid` is its one web process."""

    port: int
    pid: int

    def resident_mb(self) -> float:
        """Return what the web process holds in memory, in millions of bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def environment(database_url: str, folder: Path) -> dict[str, str]:
    """Return settings for production, with secrets of this run only."""
    return {
        "MEMBERSHIP_MODE": "production",
        # As docs/deploy.md advises.
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_TRIM_THRESHOLD_": "65536",
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_urlsafe(36),
        "PUBLIC_URL": f"https://{HOST}",
        "PUBLICATION_NAME": "The Open Daily",
        "PUBLICATION_URL": "https://daily.example.org",
        # Production takes live keys only; this one opens nothing, and nothing here asks Stripe.
        "STRIPE_API_KEY": f"rk_live_{secrets.token_hex(16)}",
        "STRIPE_WEBHOOK_SECRETS": f"whsec_{secrets.token_hex(20)}",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "The Open Daily <members@example.org>",
        "API_QUOTA_PER_MINUTE": "100000000",
        "PASS_KEYS_DIR": str(folder / "keys"),
    }


def settings_of(values: dict[str, str]) -> Settings:
    """Return the same settings for this process."""
    return Settings(**{name.lower(): value for name, value in values.items()})  # type: ignore[arg-type]


@contextmanager
def serving(values: dict[str, str], folder: Path) -> Iterator[Server]:
    """Serve inside the block."""
    port = _free_port()
    command = ["-m", "gunicorn", "benchmarks.wsgi:app", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *command, "--no-control-socket"],
            env=os.environ | values,
            stdout=log,
            stderr=log,
            preexec_fn=_take_first_core,
        )
    try:
        _wait_for(port, process, folder)
        yield Server(port, _worker_of(process.pid))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def fetch(port: int, path: str) -> int:
    """Ask for a page as a browser would, and return the status of the answer."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": HOST, "Accept-Language": "uk"})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return len(answer.read()) and answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def _take_first_core() -> None:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[:1])


def leave_first_core() -> None:
    """Keep this process, and the load that it makes, off the server's core."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[1:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            if fetch(port, "/healthz") == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise CannotMeasure(f"The server did not start:\n{(folder / 'server.log').read_text()[-2000:]}")


def _worker_of(master: int) -> int:
    return int(Path(f"/proc/{master}/task/{master}/children").read_text().split()[0])
