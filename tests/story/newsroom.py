"""A whole newsroom for one test: every process of the demonstration, on its first day."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp

from demo.seed import EDITOR_IN_CHIEF, TOTP_SECRET
from tests.sandbox.schemas import problems

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Newsroom:
    """The addresses of a running newsroom, and what a test may know of it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.membership, self.sandbox, self.publication, self.inbox = (
            f"http://localhost:{port + number}" for number in range(4)
        )
        self.started = datetime.now(UTC)
        self._last_code = ""

    def control(self, path: str, **body: Any) -> Any:
        """Pull one of the sandbox's levers."""
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self.sandbox}/_sandbox/{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def letters_to(self, address: str) -> list[dict[str, str]]:
        """List the letters that reached an address, the newest first."""
        with urllib.request.urlopen(f"{self.inbox}/messages.json?to={address}", timeout=10) as answer:
            return json.load(answer)

    def letter(self, address: str, words: str) -> str:
        """Wait for a letter whose subject has these words; return its text."""
        return wait_until(
            lambda: next((one["text"] for one in self.letters_to(address) if words in one["subject"]), None)
        )

    def code_for(self, address: str, asked: Callable[[], Any]) -> str:
        """Ask for a sign-in letter, and return the code in it."""
        before = len(self._codes(address))
        asked()
        codes = wait_until(lambda: found if len(found := self._codes(address)) > before else None)
        return codes[0]

    def _codes(self, address: str) -> list[str]:
        found = [re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b(?!-)", one["text"]) for one in self.letters_to(address)]
        return [code[0] for code in found if code]

    def now(self) -> datetime:
        """Return the time of the newsroom, which the sandbox moves."""
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / ".demo" / "clock").read_text() or 0))

    def second_factor(self) -> str:
        """Return a code that was not used before, waiting for the next one if need be."""
        code = wait_until(lambda: made if (made := pyotp.TOTP(TOTP_SECRET).at(self.now())) != self._last_code else None)
        self._last_code = code
        return code

    def flask(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run one of Membership's commands beside the running newsroom."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "-e", str(self.folder / ".demo" / "env"), *command],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """Ask the database something."""
        with closing(sqlite3.connect(self.folder / ".demo" / "membership.db")) as database:
            return database.execute(question).fetchall()

    def wrong_shapes(self) -> list[str]:
        """List what Stripe's own types do not know in all that the sandbox has answered and sent so far."""
        lines = [json.loads(line) for line in (self.folder / "journal.jsonl").read_text().splitlines()]
        said = [line["body"] for line in lines if line["status"] == 200 and "object" in line["body"]]
        assert len(said) > 50
        return sorted({problem for body in said for problem in problems(body)})

    @property
    def editor(self) -> str:
        return EDITOR_IN_CHIEF


def wait_until(look: Callable[[], Any]) -> Any:
    """Look again and again until there is something; raises TimeoutError."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if found := look():
            return found
        time.sleep(0.1)
    raise TimeoutError


@contextmanager
def running_newsroom(folder: Path) -> Iterator[Newsroom]:
    """Start a newsroom on its first day, and end it by its process id."""
    port = _free_ports()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PORT": str(port)}
    with (folder / "demo.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo", "--without-history", "--journal", "journal.jsonl"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(process, folder / "demo.log")
        yield Newsroom(folder, port)
    finally:
        # Whoever runs the tests in the background has them ignore Ctrl-C.
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait_for(process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while "Ctrl-C ends it" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < ends, log.read_text()
        time.sleep(0.1)


def _free_ports() -> int:
    # Each test process looks in a stretch of its own, below the ports that the system gives away.
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + 1_500 * (number % 8) + 5 * (os.getpid() % 100)
    for port in range(first, 20_000 + 1_500 * (number % 8 + 1), 5):
        if all(_is_free(port + number) for number in range(5)):
            return port
    raise OSError("no five free ports in a row")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
