"""Serves a sandbox on loopback, with the threads that deliver its events and keep its time."""

import threading
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from membership.sandbox.app import create_app
from membership.sandbox.billing import engine
from membership.sandbox.persistence import Keeper
from membership.sandbox.world import World

TICK = 0.5
POLLS_EVERY = 0.05


class Quiet(WSGIRequestHandler):
    """Answers without a line of log for each request."""

    def log_request(self, *said: Any) -> None:
        """Say nothing."""


class Server:
    """One running sandbox."""

    def __init__(self, world: World, port: int = 0, keeper: Keeper | None = None) -> None:
        self.world, self._keeper = world, keeper
        self._http: BaseWSGIServer = make_server(
            "127.0.0.1", port, create_app(world), threaded=True, request_handler=Quiet
        )
        self._stopped = threading.Event()
        self._clockwork = threading.Thread(target=self._tick, daemon=True, name="clockwork")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.port}"

    def serve(self) -> None:
        """Serve until `shut_down` or an interrupt, then finish what is under way and save."""
        self.world.webhooks.start()
        self._clockwork.start()
        try:
            self._http.serve_forever(POLLS_EVERY)
        finally:
            self._stopped.set()
            self._clockwork.join()
            self.world.webhooks.stop()
            self._http.server_close()
            if self._keeper:
                self._keeper.save()

    def shut_down(self) -> None:
        """Make `serve` return, from another thread."""
        self._http.shutdown()

    def _tick(self) -> None:
        while not self._stopped.wait(TICK):
            engine.catch_up(self.world)
            if self._keeper:
                self._keeper.look()
