"""Commands for whoever runs the service."""

import json
import signal
from threading import Timer

import pytest
from sqlalchemy import select

from membership import create_app, db
from membership.gateway.memory import MemoryGateway
from membership.jobs.models import Heartbeat
from membership.operations.handlers import checker
from membership.operations.models import CheckResult
from tests.conftest import make_settings


@pytest.fixture
def run(app):
    return app.test_cli_runner().invoke


@pytest.fixture
def offended(app):
    sound = app.extensions["invariants"]
    app.extensions["invariants"] = {"I0 never": lambda session: ["patron 1"], "I1 always": lambda session: []}
    yield
    app.extensions["invariants"] = sound


def test_the_settings_are_printed_without_a_secret(run):
    printed = run(args=["config", "--json"]).output

    assert json.loads(printed)["PUBLICATION_NAME"] == "The Open Daily"
    assert "sk_test_sandbox" not in printed
    assert json.loads(printed)["STRIPE_WEBHOOK_SECRETS"] == "********"
    assert "SECRET_KEY=********" in run(args=["config"]).output


def test_the_password_of_the_database_is_not_printed(tmp_path):
    url = "postgresql+psycopg://member:hush-hush@127.0.0.1:1/nowhere"
    app = create_app(make_settings(database_url=url, pass_keys_dir=tmp_path), MemoryGateway(webhook_secrets=[]))
    printed = app.test_cli_runner().invoke(args=["config"]).output

    assert "DATABASE_URL=" in printed
    assert "hush-hush" not in printed


def test_a_sound_database_is_found_sound(run):
    answer = run(args=["check", "--json"])

    assert answer.exit_code == 0
    assert json.loads(answer.output)["offended"] == 0


def test_the_regular_check_keeps_how_often_something_is_offended(app, session):
    with app.app_context():
        checker({"I0 never": lambda session: ["patron 1"], "I1 always": lambda session: []})({})

    kept = {one.name: one.found for one in session.scalars(select(CheckResult))}
    assert kept == {"I0 never": 1, "I1 always": 0}


def test_what_offends_an_invariant_is_named(run, offended):
    answer = run(args=["check"])

    assert answer.exit_code == 1
    assert "WRONG  I0 never" in answer.output
    assert "I0 never: patron 1" in answer.output


def test_an_empty_database_is_brought_to_the_newest_revision(tmp_path):
    settings = make_settings(database_url=f"sqlite:///{tmp_path}/new.db", pass_keys_dir=tmp_path / "keys")
    app = create_app(settings, MemoryGateway(webhook_secrets=[]))
    run = app.test_cli_runner().invoke

    assert run(args=["db", "upgrade"]).exit_code == 0
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600
    assert "agree" in run(args=["db", "verify"]).output
    app.extensions["engine"].dispose()


def test_the_worker_does_what_is_due_and_stops(run, context):
    assert "Jobs done:" in run(args=["work", "--once"]).output
    assert db.session().scalars(select(Heartbeat)).one()
    assert db.session().scalars(select(CheckResult)).all()


def test_the_worker_stops_when_it_is_told_to(run):
    timer = Timer(1.0, signal.raise_signal, [signal.SIGTERM])
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    timer.start()
    answer = run(args=["work"])
    for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
        signal.signal(number, handler)

    assert answer.exit_code == 0


def test_the_doctor_names_what_does_not_answer(run, gateway):
    gateway.unreachable = True
    answer = run(args=["doctor", "--json"])

    told = json.loads(answer.output)
    assert answer.exit_code == 1
    assert "STRIPE_API_KEY" in told["stripe"]
    assert "STRIPE_API_KEY" in told["webhooks"]
    assert "SMTP_URL" in told["mail"]


def test_the_doctor_sees_a_folder_of_keys_that_cannot_be_used(run, settings):
    settings.pass_keys_dir.write_text("a file, not a folder")

    assert json.loads(run(args=["doctor", "--json"]).output)["pass keys"]
