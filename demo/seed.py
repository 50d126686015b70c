"""Fills the demonstration: a newsroom, then two years of its patrons, lived through the sandbox month by month."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from demo import elections, giving, newsroom, opening, paying, seats, suggestions
from demo.control import Sandbox
from demo.people import MONTHS, plan_gifts, plan_joinings
from demo.processes import running
from demo.settings import FOLDER, Demo
from membership import config, create_app
from membership.clock import utc_now
from membership.db import transaction
from membership.jobs.models import Job
from membership.mail.models import Letter
from membership.payments.models import Payment
from membership.payments.rules import receipt_number

EDITOR_IN_CHIEF = newsroom.STAFF[0][0]
KNOWN_PATRON = "olena.shevchuk@example.org"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE_COMMAND = ".venv/bin/python -m demo.code"
PAST_ROUND = 21
TWO_YEARS = timedelta(days=2 * 365)


def sandbox_command(demo: Demo) -> list[str]:
    """Return the command that runs the sandbox of this demonstration."""
    options = {
        "--port": str(demo.port + 1),
        "--webhook": demo.webhook,
        "--secret": demo.secrets["webhook_secret"],
        "--clock-file": str(FOLDER / "clock"),
        "--data": str(FOLDER / "sandbox.json"),
        "--seed": "7",
    }
    return ["membership.sandbox", *(part for option in options.items() for part in option)]


def fill(demo: Demo, *, with_history: bool = True) -> None:
    """Fill an empty folder; what a run before left half-filled is thrown away."""
    _sweep()
    (FOLDER / "clock").write_text(str(-int(TWO_YEARS.total_seconds())) if with_history else "0")
    command = [*sandbox_command(demo), "--mode", "drop"]
    with running("sandbox", command, {}, FOLDER, f"{demo.sandbox}/_sandbox/state"), _application(demo) as app:
        _say("A newsroom opens…")
        newsroom_opens(app)
        if with_history:
            for command in giving.commands():
                _run(app, command)
            _live(app, Sandbox(demo.sandbox))
    (FOLDER / "seeded").touch()


def upgrade(demo: Demo) -> None:
    """Bring what is there up to the tables of this release."""
    with _application(demo) as app:
        _run(app, ["db", "upgrade"])


def newsroom_opens(app: Flask) -> None:
    """Give an empty database its tables, tiers, topics, staff and site, by the commands that any newsroom uses."""
    for command in opening.commands(TOTP_SECRET):
        _run(app, command)
    key = opening.key_in(_run(app, opening.site(app.extensions["settings"].publication_url)))
    (FOLDER / "site-key").touch(mode=0o600)
    (FOLDER / "site-key").write_text(key)


def _run(app: Flask, command: list[str]) -> str:
    answer = app.test_cli_runner(catch_exceptions=False).invoke(args=command)
    if answer.exit_code:
        raise SystemExit(f"flask {' '.join(command)}: {answer.output}")
    return answer.stdout


def _live(app: Flask, sandbox: Sandbox) -> None:
    joinings, gifts = plan_joinings(), plan_gifts()
    for number in range(MONTHS):
        _say(f"Month {number + 1} of {MONTHS}…")
        month = paying.Month(
            arriving=[one for one in joinings if one.month == number],
            given=[one for one in gifts if one.month == number],
            leaving=[one for one in joinings if one.stays_months and one.month + one.stays_months == number],
        )
        paying.live(sandbox, month)
        if number == PAST_ROUND:
            paying.reconcile(app)
            elections.begin_past(utc_now())
        elif number == PAST_ROUND + 1:
            elections.end_past()
        elif number == PAST_ROUND + 2:
            elections.report_past(f"{app.extensions['settings'].publication_url}/articles/the-river-that-was-sold")
    _come_to_the_present(app, sandbox)


def _come_to_the_present(app: Flask, sandbox: Sandbox) -> None:
    behind = -float((FOLDER / "clock").read_text())
    if behind >= 1:
        sandbox.advance(seconds=int(behind))
    _say("The books are compared…")
    paying.reconcile(app)
    _say("Transfers, cheques and gifts to others…")
    giving.give_all(sandbox)
    for command in (*giving.entries(utc_now()), giving.statement(FOLDER, utc_now()).command()):
        _run(app, command)
    elections.begin_next(utc_now())
    suggestions.suggest_all(utc_now())
    # Last: who has a seat since today could not have suggested anything last week.
    seats.seat_all()
    with transaction() as current:
        _number_by_date(current)
    _forget_what_was_due(app)
    _say("")


def _number_by_date(current: Session) -> None:
    # Renewals were learnt of at the end, all at once; a newsroom that hears of each in time numbers by date.
    payments = current.scalars(select(Payment).order_by(Payment.paid_at, Payment.id)).all()
    for payment in payments:
        payment.receipt_number = f"unnumbered-{payment.id}"
    current.flush()
    numbers: Counter[int] = Counter()
    for payment in payments:
        numbers[payment.paid_at.year] += 1
        payment.receipt_number = receipt_number(payment.paid_at.year, numbers[payment.paid_at.year])


def _forget_what_was_due(app: Flask) -> None:
    # The letters of two years were never sent; nobody in the story waits for them.
    with transaction() as current:
        current.execute(delete(Job).where(Job.done_at.is_(None)))
        current.execute(delete(Letter).where(Letter.sent_at.is_(None)))


@contextmanager
def _application(demo: Demo) -> Iterator[Flask]:
    named = {name.lower(): value for name, value in demo.environment().items() if name != "FLASK_APP"}
    app = create_app(config.load(**named))
    with app.app_context():
        yield app
    app.extensions["engine"].dispose()


def _sweep() -> None:
    for name in ("membership.db", "membership.db-wal", "membership.db-shm", "sandbox.json", "clock", "site-key"):
        (FOLDER / name).unlink(missing_ok=True)


def _say(line: str) -> None:
    print(f"\r\033[K  {line}", end="" if sys.stdout.isatty() else "\n", flush=True)
