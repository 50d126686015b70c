"""`python -m membership.sandbox`: a Stripe of one's own on loopback, until Ctrl-C or SIGTERM."""

import argparse
import contextlib
import secrets
import signal
import sys
from pathlib import Path

from membership.sandbox.clock import Clock
from membership.sandbox.persistence import Keeper, load
from membership.sandbox.server import Server
from membership.sandbox.store import Store
from membership.sandbox.webhooks import Mode
from membership.sandbox.world import Endpoint, World


def main(arguments: list[str]) -> int:
    """Serve a sandbox as the arguments say."""
    options = _parser().parse_args(arguments)
    world = _world(options)
    server = Server(world, options.port, Keeper(world, options.data) if options.data else None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(server.url, flush=True)  # noqa: T201 whoever asked for port 0 reads the address here
    with contextlib.suppress(KeyboardInterrupt):
        server.serve()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m membership.sandbox", description="A stateful stand-in for Stripe.")
    parser.add_argument("--port", type=int, default=8001, help="port on loopback; 0 takes a free one")
    parser.add_argument("--webhook", metavar="URL", help="where events are delivered")
    parser.add_argument("--secret", metavar="whsec_…", help="what they are signed with")
    parser.add_argument("--clock-file", type=Path, help="holds the seconds by which the sandbox is ahead of real time")
    parser.add_argument("--seed", help="makes ids the same in every run")
    parser.add_argument("--data", type=Path, help="keeps the state between runs")
    parser.add_argument("--journal", type=Path, help="one line of JSON for each answer and event")
    parser.add_argument("--mode", type=Mode, choices=list(Mode), help="what happens to events at first")
    return parser


def _world(options: argparse.Namespace) -> World:
    if options.data and options.data.exists():
        world = load(options.data, options.clock_file)
    else:
        world = World(Store(options.seed or secrets.token_hex(8)), Clock(options.clock_file))
    if options.mode:
        world.webhooks.switch(options.mode)
    if options.webhook and options.secret:
        world.endpoint = Endpoint(options.webhook, options.secret)
    world.journal = options.journal
    return world


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
