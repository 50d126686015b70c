"""Programs that a test starts on loopback and ends, and what it says to them."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

PATIENCE = 10.0


@dataclass(frozen=True)
class Answer:
    """What a program answered; names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    text: str


class AsCgi(WSGIRequestHandler):
    """Hands headers on as PHP and CGI do, to which an underscore is a hyphen; werkzeug drops such headers."""

    def make_environ(self) -> dict[str, Any]:
        spelt = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items() if "_" in name}
        return super().make_environ() | spelt


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(app: Any, port: int, **options: Any) -> Iterator[str]:
    """Serve a WSGI application inside the block."""
    server = make_server("127.0.0.1", port, app, threaded=True, **options)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


@contextmanager
def running(command: Sequence[str], port: int, log: Path, **options: Any) -> Iterator[str]:
    """Run a program inside the block, once it listens."""
    with log.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written, start_new_session=True, **options)
    try:
        _wait_for(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        # With its workers: `php -S` leaves them running when it is told to end.
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def ask(address: str, path: str = "/", *, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request and follow nothing."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        connection.request(method, path, headers=dict(headers or {}))
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, answer.read().decode())
    finally:
        connection.close()


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"the program did not start:\n{log.read_text()[-2000:]}")
