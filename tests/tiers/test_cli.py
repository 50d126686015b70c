"""The commands about tiers, and the catalogue at the payment provider."""

import json

import pytest

from membership.audit.models import AuditEntry
from membership.tiers.models import Price, Tier

ADD = [
    "tiers", "add", "friend", "--name-en", "Friend", "--name-uk", "Друг", "--summary-en", "A coffee",
    "--summary-uk", "Кава", "--benefit-en", "Read", "--flag", "vote", "--prices", "month=5eur,year=50eur",
]  # fmt: skip


@pytest.fixture
def flask(app):
    def run(*words):
        result = app.test_cli_runner().invoke(args=words)
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_a_tier_is_added_listed_and_retired(flask, session):
    flask(*ADD)
    flask("tiers", "retire", "friend")

    (told,) = json.loads(flask("tiers", "list", "--json"))
    assert (told["slug"], told["is_open"], told["flags"]) == ("friend", False, ["vote"])
    assert told["prices"]["friend_month_500_eur"] == {"minor": 500, "currency": "eur"}
    assert "retired" in flask("tiers", "list")
    assert [entry.action for entry in session.query(AuditEntry)] == ["tier.added", "tier.retired"]


def test_an_empty_list_says_what_to_do(flask):
    assert "flask tiers add" in flask("tiers", "list")
    assert flask("stripe", "sync-catalogue") == "There are no open tiers.\n"


def test_the_catalogue_is_made_once(flask, gateway, session):
    flask(*ADD)
    flask("stripe", "sync-catalogue")
    again = json.loads(flask("stripe", "sync-catalogue", "--json"))

    assert again["friend"]["prices"] == {}
    assert len(gateway.world.products) == 1
    assert session.query(Tier).one().stripe_product_id == again["friend"]["product"]
    assert {price.stripe_price_id for price in session.query(Price)} == set(gateway.world.prices)


def test_an_answer_that_was_lost_makes_no_second_product(app, flask, gateway):
    flask(*ADD)
    gateway.answers_lost = True
    failed = app.test_cli_runner().invoke(args=["stripe", "sync-catalogue"])
    gateway.answers_lost = False
    flask("stripe", "sync-catalogue")

    assert failed.exit_code != 0
    assert len(gateway.world.products) == 1


def test_the_endpoint_s_secret_is_shown(flask):
    told = json.loads(flask("stripe", "create-endpoint", "--json"))

    assert told["url"] == "http://localhost/webhooks/stripe"
    assert told["secret"].startswith("whsec")
