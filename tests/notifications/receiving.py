"""The server of a site: it listens on loopback, answers as it is told to, and keeps what it was sent."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from standardwebhooks import Webhook

from membership.access import service as access
from membership.clock import utc_now
from membership.db import transaction
from membership.notifications import service
from membership.notifications.sealing import sealer


class Site:
    """What a site's server was sent, and what it answers: `answers` in turn, then `status`."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/told"
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 204
        self.answers: list[int] = []
        self.headers: dict[str, str] = {}
        self.body = b""
        self.reply: Callable[[bytes], bytes] = lambda sent: self.body
        self.secret = ""

    def messages(self) -> list[dict]:
        """Return what arrived, verified as any site would."""
        return [Webhook(self.secret).verify(body, headers) for _, headers, body in self.requests]

    def told_at_any_time(self) -> list[tuple]:
        """Return states and versions without looking at the clock, which the test may have moved."""
        told = [json.loads(body)["data"] for _, _, body in self.requests]
        return [(one["state"], one["version"]) for one in told]

    def told(self) -> list[tuple]:
        return [(one["data"]["state"], one["data"]["version"]) for one in self.messages()]


@contextmanager
def receiving() -> Iterator[Site]:
    """Listen inside the block."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            site.requests.append((self.path, dict(self.headers), sent))
            self.send_response(site.answers.pop(0) if site.answers else site.status)
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(site.reply(sent))

        do_GET = do_POST = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(server.server_port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    thread.join(5)
    server.server_close()


def tell_at(url: str, slug: str = "daily") -> str | None:
    """Let a registered site be told at an address; return the secret."""
    with transaction() as session:
        return service.set_endpoint(session, access.get_site(session, slug), url, sealer(), utc_now())
