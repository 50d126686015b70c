"""Runs the real sandbox as its own process, for whoever tests against it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0


@dataclass(frozen=True)
class Sandbox:
    """A sandbox that answers at `url`; `post` and `get` return the JSON of any answer, refusals included."""

    url: str
    pid: int

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = json.dumps(body or {}).encode()
        return self._ask(urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}))

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(self.url + path))

    def _ask(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request, timeout=110) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return json.load(refusal)


@contextmanager
def running_sandbox(webhook_url: str, secret: str, **options: object) -> Iterator[Sandbox]:
    """Run a sandbox inside the block; options are those of the command line (`clock_file=path`, `mode="hold"`)."""
    command = [sys.executable, "-m", "membership.sandbox", "--port", "0", "--webhook", webhook_url, "--secret", secret]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield Sandbox(_address(process), process.pid)
    finally:
        end(process)


def end(process: "subprocess.Popen[str]") -> None:
    """End the process gently, and at last for certain."""
    if process.poll() is None:
        os.kill(process.pid, signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def _address(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://"), "the sandbox did not start; its words are above"
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        try:
            urllib.request.urlopen(f"{url}/_sandbox/state", timeout=PATIENCE).close()
            return url
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the sandbox at {url} does not answer")
