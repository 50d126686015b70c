"""Whoever was erased stays so when a backup of before is restored: a list beside the backups knows whom to forget."""

import json

import pytest

from membership.clock import utc_now
from membership.patrons.models import Merger, Patron, Role
from membership.patrons.service.staff import add_staff
from membership.privacy import handlers
from membership.privacy.errors import ListUnreadable
from membership.privacy.models import Erasure
from membership.privacy.service import ask_erasure, list_erased
from tests.conftest import make_settings
from tests.factories import make_patron
from tests.subscriptions.making import rows


@pytest.fixture
def settings(database_url, tmp_path):
    return make_settings(
        database_url=database_url, pass_keys_dir=tmp_path / "keys", erasures_file=tmp_path / "erasures.txt"
    )


@pytest.fixture
def run(app, context):
    return lambda *words: app.test_cli_runner().invoke(args=["patrons", *words])


@pytest.fixture
def olena(context, session):
    patron = make_patron(session, email="olena@example.org", name="Olena")
    emptied = make_patron(session, email=None)
    session.flush()
    session.add(Merger(patron_id=emptied.id, into_id=patron.id, merged_at=utc_now()))
    ask_erasure(session, patron, actor="test", reason="asked")
    session.commit()
    return patron


def test_the_list_names_accounts_and_nobody(session, settings, run, olena, gateway):
    olena.stripe_customer_id = "cus_olena"
    session.commit()
    gateway.silent_about.add("cus_olena")
    for _ in range(2):
        with pytest.raises(Exception, match="provider"):
            handlers.turn({})
    gateway.silent_about.clear()
    handlers.turn({})

    kept = settings.erasures_file.read_text().splitlines()
    assert kept == list_erased(session) == json.loads(run("erasures", "--json").output)["erased"]
    assert [line.split()[0] for line in kept] == [one.public_id for one in rows(session, Patron)]
    assert "lena" not in settings.erasures_file.read_text()


def bring_back(session, patron):
    """Be the database of before her erasure."""
    session.delete(session.query(Erasure).one())
    patron.email, patron.name, patron.erasure_asked_at = "olena@example.org", "Olena", None
    session.query(Merger).delete()
    session.commit()


def test_who_was_brought_back_is_forgotten_again(session, settings, run, olena):
    handlers.turn({})
    session.refresh(olena)
    bring_back(session, olena)
    with settings.erasures_file.open("a") as kept:
        kept.write("somebody-who-joined-later 2026-11-01\n\nuZ1")

    told = json.loads(run("erase-again", str(settings.erasures_file), "--json").output)
    assert told == {"brought_back": 2, "erased_again": 2, "work_here": 0}
    assert {(one.email, one.name) for one in rows(session, Patron)} == {(None, "")}
    assert run("erase-again", str(settings.erasures_file)).output.startswith("brought back: 0\n")


def test_who_worked_here_on_the_day_of_the_backup_is_told_apart(session, settings, run, olena):
    handlers.turn({})
    session.refresh(olena)
    bring_back(session, olena)
    add_staff(session, "olena@example.org", Role.EDITOR, actor="test")
    session.commit()

    answer = run("erase-again", str(settings.erasures_file), "--json")
    assert (answer.exit_code, json.loads(answer.output)["work_here"]) == (1, 1)


def test_a_line_that_was_cut_off_spoils_no_other(session, settings, run, olena):
    settings.erasures_file.write_text("uZ1")
    handlers.turn({})

    assert settings.erasures_file.read_text().splitlines() == ["uZ1", *list_erased(session)]


def test_while_stripe_is_away_the_worker_goes_on(session, run, gateway, context):
    make_patron(session, email="taras@example.org", stripe_customer_id="cus_taras")
    session.commit()
    gateway.silent_about.add("cus_taras")

    answer = run("erase", "taras@example.org", "--reason", "asked by phone")
    assert (answer.exit_code, "the worker goes on" in answer.output) == (0, True)


def test_a_file_that_is_no_list_is_refused_in_words(context, run, tmp_path):
    (tmp_path / "list").write_bytes(b"\xff\xfe u Z")
    answer = run("erase-again", str(tmp_path / "list"))

    assert (answer.exit_code, answer.output) == (1, f"Error: {ListUnreadable.message}\n")
