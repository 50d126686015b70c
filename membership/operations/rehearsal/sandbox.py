"""A sandbox of the rehearsal's own: its process, and its levers."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from membership.errors import GatewayFailed, Invalid
from membership.i18n import N_

PATIENCE = 120
LONGEST = 300
JSON = {"Content-Type": "application/json"}


class NotTaken(Invalid):
    """The sandbox refuses a lever; its words say why."""

    message = N_("The sandbox refuses: %(problem)s")


class Sandbox:
    """One running sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Pull a lever; raises NotTaken."""
        return self._ask(path, json.dumps(body).encode())

    def next_due(self) -> int | None:
        """Return the second at which the next thing falls due at Stripe."""
        due: int | None = self._ask("state", None)["next_due"]
        return due

    def _ask(self, path: str, body: bytes | None) -> dict[str, Any]:
        # Only ever on loopback: the address is the one that our own process told.
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", body, JSON)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                told: dict[str, Any] = json.load(answer)
                return told
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise NotTaken(problem=refusal.read().decode(errors="replace")[:LONGEST]) from None


@contextmanager
def running(clock_file: Path) -> Iterator[Sandbox]:
    """Run a sandbox inside the block, on a free port of this machine."""
    command = [sys.executable, "-m", "membership.sandbox", "--port", "0", "--seed", "rehearsal"]
    command += ["--clock-file", str(clock_file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 our own words only
    try:
        url = process.stdout.readline().strip() if process.stdout else ""
        if not url:
            raise GatewayFailed(N_("The sandbox did not start."))
        yield Sandbox(url)
    finally:
        process.terminate()
        process.communicate()
