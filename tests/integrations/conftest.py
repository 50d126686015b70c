"""The library as a site would have installed it, and Membership as a site would reach it."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from werkzeug.serving import make_server

from tests.conftest import make_settings

sys.path.append(str(Path(__file__).parents[2] / "integrations" / "python"))


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def settings(database_url, tmp_path, port):
    address = f"http://localhost:{port}"
    return make_settings(database_url=database_url, pass_keys_dir=tmp_path / "keys", public_url=address)


@pytest.fixture
def url(app, port) -> Iterator[str]:
    """Serve Membership on loopback for the length of the test; give its address."""
    server = make_server("localhost", port, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://localhost:{port}"
    server.shutdown()
    thread.join(5)
    server.server_close()
