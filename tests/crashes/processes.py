"""Processes that are forked from one that has imported everything: each begins in milliseconds, and can be killed."""

import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from membership.sandbox.persistence import load
from membership.sandbox.server import Server
from membership.sandbox.webhooks import Mode


class Broken(Exception):
    """A process ended otherwise than it should; its words are above."""


def fork(act: Callable[[], object]) -> int:
    """Do something in a process of its own; return its id."""
    sys.stdout.flush()
    if pid := os.fork():
        return pid
    try:
        act()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def ended(pid: int) -> bool:
    """Wait for the end of a process; whether it was killed."""
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) and status != 0:
        raise Broken(f"ended with {os.waitstatus_to_exitcode(status)}")
    return os.WIFSIGNALED(status)


def found_by(act: Callable[[], Any], file: Path) -> Any:
    """Do something in a process of its own, and return what it found."""
    file.unlink(missing_ok=True)
    ended(fork(lambda: file.write_text(json.dumps(act()))))
    return json.loads(file.read_text())


@contextmanager
def serving(serve: Callable[[Callable[[], object]], object]) -> Iterator[None]:
    """Run a server in a process of its own inside the block, which begins when the server says that it is ready."""
    read, write = os.pipe()
    pid = fork(lambda: serve(lambda: os.write(write, b".")))
    os.close(write)
    try:
        if os.read(read, 1) != b".":
            raise Broken("a server did not start")
        yield
    finally:
        os.close(read)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def make_sandbox(port: int, data: Path, clock: Path) -> Server:
    """Make the sandbox that a file describes; events are not delivered, whoever wants them asks for them."""
    world = load(data, clock)
    world.webhooks.switch(Mode.DROP)
    return Server(world, port)


def serve_sandbox(port: int, data: Path, clock: Path, ready: Callable[[], object]) -> None:
    """Be the sandbox that a file describes."""
    server = make_sandbox(port, data, clock)
    ready()
    server.serve()


def serve_mail(port: int, file: Path, ready: Callable[[], object]) -> None:
    """Be a mail server that writes down the id of each message that it took."""

    class Postbox:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            head = envelope.content.decode().split("\r\n\r\n")[0].replace("\r\n ", " ")
            message_id = next(line for line in head.splitlines() if line.lower().startswith("message-id:"))
            with file.open("a") as taken:
                taken.write(message_id.partition("<")[2].partition("@")[0] + "\n")
            return "250 OK"

    Controller(Postbox(), hostname="127.0.0.1", port=port).start()
    ready()
    signal.pause()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
