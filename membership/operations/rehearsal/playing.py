"""Plays a scenario: a fresh database, a sandbox of its own, its clock, and the worker that looks in between."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask
from pydantic import SecretStr
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from membership import clock
from membership.clock import utc_now
from membership.config import Mode, Settings
from membership.db import Base, release, session, transaction
from membership.gateway.stripe_gateway import StripeGateway
from membership.jobs.worker import Worker
from membership.mail import service as mail
from membership.mail.models import Letter
from membership.mail.rendering import compose
from membership.operations import service
from membership.operations.rehearsal import acts
from membership.operations.rehearsal.sandbox import Sandbox, running
from membership.operations.rehearsal.scenarios import ByPatron, Events, Scenario
from membership.operations.rehearsal.watching import Outcome, Watcher, books_of, outcome_of
from membership.reconcile import walk
from membership.web import settings
from membership.webhooks.service import explain

# The worker looks on each day on which something falls due at Stripe, and else once a week.
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
# What it does regularly that patrons notice; Stripe's lists are walked in the end.
LOOKS = {"renewals.write": DAY, "renewals.act": DAY, "intents.sweep": WEEK}
# While no event comes, they are what tells.
WALKS = {"reconcile": DAY}
# Days; a little short, so that two years end before a third one is paid for.
MONTH = 30.4
MakeApp = Callable[[Settings], Flask]


@dataclass
class Stage:
    """An application, its worker and its sandbox, and who watches."""

    app: Flask
    worker: Worker
    sandbox: Sandbox
    watcher: Watcher
    stride: timedelta = WEEK

    def rely_on_walks(self, is_on: bool) -> None:
        """Walk over Stripe's lists every day, or hear of what happens by events again."""
        self.worker.regular, self.stride = (LOOKS | WALKS, DAY) if is_on else (LOOKS, WEEK)

    def settle(self) -> None:
        """Do all that is due now, and keep what changed."""
        self.worker.tick()
        self.worker.drain()
        self.watcher.look(session(), utc_now())
        release()

    def pass_until(self, moment: datetime) -> None:
        """Let time go by, the worker looking when there is something to see."""
        while (now := utc_now()) < moment:
            due = self.sandbox.next_due()
            wake = (
                now + self.stride
                if due is None
                else min(now + self.stride, max(now, datetime.fromtimestamp(due, UTC)) + DAY)
            )
            self.sandbox.post("advance", seconds=int((min(wake, moment) - now).total_seconds()) + 1)
            self.settle()


def play(scenario: Scenario, make_app: MakeApp, own: Settings) -> Outcome:
    """Play a scenario from its first day to its last; nothing of it is kept. `own` are the settings of whoever asks."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _stage(scenario, make_app, own, Path(folder)) as stage,
    ):
        begins = utc_now()
        for step in sorted(scenario.step, key=lambda one: one.day):
            stage.pass_until(begins + timedelta(days=step.day))
            who = step.patron if isinstance(step, ByPatron) else "the newsroom"
            stage.watcher.tell(utc_now(), who, _words(step.model_dump(exclude_none=True)))
            acts.take(step, stage.sandbox)
            if isinstance(step, Events):
                stage.rely_on_walks(step.does == "lose_events")
            stage.settle()
        stage.pass_until(begins + timedelta(days=int(scenario.months * MONTH)))
        return _outcome(scenario, stage, begins)


def _words(step: dict[str, Any]) -> str:
    told = [str(value) for name, value in step.items() if name not in {"day", "patron", "does"}]
    return " ".join([step["does"].replace("_", " "), *told])


def _outcome(scenario: Scenario, stage: Stage, begins: datetime) -> Outcome:
    stage.sandbox.post("webhooks", mode="deliver")
    report = walk.reconcile(explain)
    findings = service.run_checks(session(), stage.app.extensions["invariants"])
    return Outcome(
        title=scenario.title,
        begins=begins,
        ends=utc_now(),
        moments=tuple(sorted(stage.watcher.moments, key=lambda one: one.at)),
        patrons=tuple(outcome_of(session(), name, utc_now()) for name in stage.watcher.names),
        books=books_of(session()),
        offended=tuple(name for name, rows in findings.items() if rows),
        found=report.found,
        left=report.left,
    )


@contextmanager
def _stage(scenario: Scenario, make_app: MakeApp, own: Settings, folder: Path) -> Iterator[Stage]:
    # Its port is known before the application is made, which must know the sandbox, which must know the port.
    door = make_server("127.0.0.1", 0, Flask("nobody"), threaded=True, request_handler=_Quiet)
    with door, running(folder / "clock") as sandbox:
        addresses = {"public_url": f"http://127.0.0.1:{door.port}", "stripe_api_base": sandbox.url}
        told = own.model_copy(update=_settings(scenario, folder) | addresses)
        with _application(make_app, told, own) as app, _served(door, app), app.app_context():
            sandbox.post("terms", **scenario.terms)
            acts.open_tiers(scenario)
            yield Stage(app, _worker(app), sandbox, Watcher(scenario.patrons()))


@contextmanager
def _application(make_app: MakeApp, told: Settings, own: Settings) -> Iterator[Flask]:
    url = f"{told.public_url}/webhooks/stripe"
    _, secret = StripeGateway.from_settings(told).create_endpoint(url, key="rehearsal")
    app = make_app(told.model_copy(update={"stripe_webhook_secrets": [SecretStr(secret)]}))
    try:
        Base.metadata.create_all(app.extensions["engine"].execution_options(writes=True))
        yield app
    finally:
        app.extensions["engine"].dispose()
        clock.follow(own.clock_offset_file)


@contextmanager
def _served(door: BaseWSGIServer, app: Flask) -> Iterator[None]:
    door.app = app
    thread = Thread(target=door.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        door.shutdown()
        thread.join()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *said: Any) -> None:
        """Say nothing of events that come."""


def _worker(app: Flask) -> Worker:
    handlers = {**app.extensions["worker"].handlers, "mail.send": _keep_letter}
    return Worker(handlers, LOOKS, name="rehearsal")


def _settings(scenario: Scenario, folder: Path) -> dict[str, Any]:
    return {
        "membership_mode": Mode.TEST,
        "default_currency": scenario.currency,
        "database_url": SecretStr(f"sqlite:///{folder}/rehearsal.db"),
        "stripe_api_key": SecretStr("sk_test_rehearsal"),
        "pass_keys_dir": folder / "pass-keys",
        "clock_offset_file": folder / "clock",
        "trusted_proxies": 0,
    }


def _keep_letter(payload: dict[str, Any]) -> None:
    """Write a letter as it would be sent, and send it nowhere."""
    letter = session().get_one(Letter, payload["letter_id"])
    words = compose(letter.kind, letter.locale, letter.values, settings())
    release()
    with transaction() as current:
        mail.record_sent(current, payload["letter_id"], words)
