"""Flags: defined, switched on by tiers, forgotten when nothing needs them; by pages and by commands."""

import json

import pytest
from sqlalchemy import select

from membership.audit.models import AuditEntry
from membership.tiers.models import Tier
from membership.voting.models import RoundState
from tests.browsing import post
from tests.factories import make_price, make_round, make_subscription, make_tier
from tests.staff.looking import look

ARCHIVE = {"flags": "archive", "name": "reads the archive", "name_uk": "читає архів"}


@pytest.fixture
def patron(session):
    price = make_price(session, tier=make_tier(session, slug="friend", flags=["vote"]))
    patron = make_subscription(session, price=price).patron
    session.commit()
    return patron


@pytest.fixture
def run(app):
    return lambda *words: app.test_cli_runner().invoke(args=["flags", *words])


def flags_now(session):
    return look(session, select(Tier.flags))[0]


def test_a_flag_is_defined_switched_on_seen_and_forgotten(admin, session, patron):
    post(admin, "/staff/flags", ARCHIVE)
    post(admin, "/staff/flags/archive", {"tiers": "friend"}, page="/staff/flags")
    held, page = flags_now(session), admin.get(f"/staff/patrons/{patron.public_id}").text
    kept = post(admin, "/staff/flags/archive/remove", page="/staff/flags")
    post(admin, "/staff/flags/archive", page="/staff/flags")
    gone = post(admin, "/staff/flags/archive/remove", page="/staff/flags")

    assert held == ["vote", "archive"]
    assert "reads the archive" in page
    assert (kept.status_code, gone.status_code, flags_now(session)) == (409, 303, ["vote"])
    actions = [one for one in look(session, select(AuditEntry.action).order_by(AuditEntry.id)) if "flag" in one]
    assert actions == ["flag.defined", "flag.attached", "flag.detached", "flag.removed"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"flags": "The Archive"}, "A flag is made of small letters"),
        ({"flags": "vote"}, "There is a flag of this name already."),
        ({"name": " "}, "Please say what the flag lets a reader do."),
    ],
)
def test_a_flag_that_cannot_be_is_refused_on_its_page(admin, patron, wrong, words):
    answer = post(admin, "/staff/flags", ARCHIVE | wrong)

    assert answer.status_code == 400
    assert words in answer.text


def test_whoever_only_looks_sees_the_flags_and_no_button(viewer, patron):
    page = viewer.get("/staff/flags").text

    assert "No tier switches it on." in page
    assert "Define the flag" not in page


def test_a_flag_that_a_vote_asks_for_is_kept_until_the_vote_is_over(run, session):
    run("add", "archive", "--name-en", "reads the archive", "--name-uk", "читає архів")
    round = make_round(session, flags=["archive"], state=RoundState.DRAFT)
    session.commit()
    kept = run("remove", "archive")
    round.flags = ["vote"]
    session.commit()

    assert (kept.exit_code, "still in use" in kept.output) == (1, True)
    assert run("remove", "archive").exit_code == 0


def test_commands_do_the_same(run, patron, session):
    run("add", "archive", "--name-en", "reads the archive", "--name-uk", "читає архів")
    attached = json.loads(run("attach", "friend", "archive", "--json").output)
    listed = {one["flag"]: one for one in json.loads(run("list", "--json").output)}
    run("detach", "friend", "vote")

    assert attached == {"flag": "archive", "tiers": ["friend"]}
    assert (listed["archive"]["built_in"], listed["vote"]["built_in"]) == (False, True)
    assert listed["archive"]["tiers"] == ["friend"]
    assert flags_now(session) == ["archive"]


@pytest.mark.parametrize(
    "words",
    [
        ("attach", "friend", "nothing"),
        ("attach", "nobody", "vote"),
        ("detach", "nobody", "vote"),
        ("remove", "vote"),
        ("add", "vote", "--name-en", "x", "--name-uk", "x"),
        ("add", "A", "--name-en", "x", "--name-uk", "x"),
    ],
)
def test_what_cannot_be_done_is_refused(run, patron, words):
    assert run(*words).exit_code == 1
