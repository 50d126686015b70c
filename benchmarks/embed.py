"""The script for the publication's pages on a slow phone: what it weighs, and how soon it knows who reads."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from benchmarks.figures import Figure, against_limit
from benchmarks.load import CannotMeasure
from membership.embed.views import packed

CHROMIUM = Path("/usr/bin/chromium")
MOST_BYTES = 5_000
# A phone of some years ago on a slow mobile network, as Lighthouse has it.
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER = 4
MOST_MS_AT_FIRST, MOST_MS_LATER = 2_500, 100
ROUNDS = 5
NOTE = 'addEventListener("membership", () => { window.decidedAt = performance.now(); }, true);'
PASS = '{"pass":"a.eyJzdGF0ZSI6Im5vbmUiLCJmbGFncyI6W10sImFzayI6ImZ1bGwifQ.c","expires_in":600}'
HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>An article</title>'
BODY = '<script src="/embed.js" defer></script><p>Words.</p><membership-appeal hidden></membership-appeal>'


class Silent(WSGIRequestHandler):
    """Serves without a word."""

    def log(self, *_: Any) -> None:
        pass


def measure(_: Path) -> Iterator[Figure]:
    """Weigh the script, and time it on a first and on a later page."""
    yield against_limit("embed.js over the wire, beside the limit", len(packed()), MOST_BYTES, "B")
    if not CHROMIUM.exists():
        raise CannotMeasure("There is no /usr/bin/chromium: tests/system.sh installs it.")
    with _serving() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        pairs = []
        for _round in range(ROUNDS):
            context = browser.new_context()
            pairs.append((_visit(context.new_page(), url), _visit(context.new_page(), url)))
            context.close()
        browser.close()
    first, later = (median(column) for column in zip(*pairs, strict=True))
    yield against_limit("time to decision on a slow phone, first page, beside the limit", first, MOST_MS_AT_FIRST, "ms")
    name = "time to decision on a slow phone after the page stood, later pages, beside the limit"
    yield against_limit(name, later, MOST_MS_LATER, "ms")


def _visit(page: Page, url: str) -> float:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(NOTE)
    page.goto(url)
    page.wait_for_function("window.decidedAt")
    decided: float = page.evaluate("window.decidedAt")
    is_first = page.evaluate("performance.getEntriesByName(location.origin + '/access/pass').length") > 0
    stood: float = page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
    return decided if is_first else decided - stood


@contextmanager
def _serving() -> Iterator[str]:
    answers = {
        "/embed.js": ("text/javascript", packed(), [("Content-Encoding", "gzip"), ("Cache-Control", "max-age=3600")]),
        "/access/pass": ("application/json", PASS.encode(), []),
    }

    def app(environ: Any, start_response: Any) -> list[bytes]:
        page = ("text/html", (HEAD + BODY).encode(), [])
        kind, body, more = answers.get(environ["PATH_INFO"], page)
        start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body))), *more])
        return [body]

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    time.sleep(0.1)
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join(5)
