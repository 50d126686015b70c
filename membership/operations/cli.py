"""Commands for whoever runs the service: database, settings, checks, the worker."""

import gc
import signal
import sys
from collections.abc import Mapping
from threading import Event
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from pydantic import SecretStr

from membership import db
from membership.commands import Commands, Refusing, as_json, tell
from membership.gateway.current import gateway
from membership.operations import doctor as doctors
from membership.operations import migrations, service
from membership.web import settings

database = Commands("db", help="The schema of the database.")


@database.command()
@click.option("--revision", default="head", show_default=True)
@as_json
def upgrade(revision: str, as_json: bool) -> None:
    """Bring the database to a revision, the newest by default; an empty one, too."""
    migrations.upgrade(db.engine(), revision)
    tell({"revision": revision}, f"The database is at revision {revision}.", as_json)


@database.command()
@as_json
def verify(as_json: bool) -> None:
    """Tell where the database and the code disagree."""
    found = migrations.differences(db.engine())
    tell({"differences": found}, found or "The database and the code agree.", as_json)
    sys.exit(1 if found else 0)


@click.command("config", cls=Refusing)
@as_json
@with_appcontext
def show_config(as_json: bool) -> None:
    """Print the settings, secrets masked."""
    values = {name.upper(): _masked(value) for name, value in settings()}
    tell(values, [f"{name}={value}" for name, value in values.items()], as_json)


@click.command("check", cls=Refusing)
@as_json
@with_appcontext
def check(as_json: bool) -> None:
    """Check every invariant; name the offending rows."""
    findings = service.run_checks(db.session(), current_app.extensions["invariants"])
    tell({"offended": sum(map(bool, findings.values())), "findings": findings}, _check_lines(findings), as_json)
    sys.exit(1 if any(findings.values()) else 0)


@click.command("doctor", cls=Refusing)
@as_json
@with_appcontext
def examine(as_json: bool) -> None:
    """Look at everything that this service needs from outside: database, Stripe, mail."""
    found = dict(doctors.examine(settings(), db.engine(), gateway()))
    tell(found, [f"{thing}: {wrong or 'well'}" for thing, wrong in found.items()], as_json)
    sys.exit(1 if any(found.values()) else 0)


@click.command("work", cls=Refusing)
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@as_json
@with_appcontext
def work(once: bool, as_json: bool) -> None:
    """Run the worker: letters, events, regular work."""
    worker = current_app.extensions["worker"]
    if once:
        worker.tick()
        done = worker.drain()
        tell({"done": done}, f"Jobs done: {done}", as_json)
        return
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # What stands now stands as long as the worker runs: the collector looks at it once, not hundreds of times an hour.
    gc.collect()
    gc.freeze()
    worker.run(stop)


def _check_lines(findings: Mapping[str, list[str]]) -> list[str]:
    lines = [f"{'WRONG' if rows else 'right'}  {name}" for name, rows in findings.items()]
    return lines + [f"       {name}: {row}" for name, rows in findings.items() for row in rows]


def _masked(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    return ",".join(map(_masked, value)) if isinstance(value, list) else str(value)
