"""The commands about tiers, and the catalogue at the payment provider."""

import json
from dataclasses import replace

import pytest

from membership.audit.models import AuditEntry
from membership.tiers.models import Coupon, Price, Tier

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


def test_an_endpoint_that_lacks_events_is_mended_and_one_that_was_switched_off_is_used_again(app, flask, gateway):
    assert "create-endpoint" in refused(app, "stripe", "mend-endpoint")
    made = json.loads(flask("stripe", "create-endpoint", "--json"))["id"]
    assert "every event" in flask("stripe", "mend-endpoint")
    whole = gateway.world.endpoints[made]
    gateway.world.endpoints[made] = replace(whole, events=whole.events - {"charge.pending"})

    assert json.loads(flask("stripe", "mend-endpoint", "--json")) == {made: ["charge.pending"]}
    assert gateway.world.endpoints[made] == whole
    gateway.world.endpoints |= {made: replace(whole, is_enabled=False), "we_2": replace(whole, url="http://other")}
    assert flask("stripe", "mend-endpoint") == f"{made}: used again\n"
    assert gateway.world.endpoints[made] == whole


RAISE = ["tiers", "raise", "friend", "--price"]


def refused(app, *words):
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code != 0
    return result.output


def test_new_prices_leave_the_old_ones_to_those_who_pay_them(flask, session):
    flask(*ADD)
    flask("tiers", "price", "friend", "--prices", "month=6eur,quarter=17eur,month=7usd")
    flask("tiers", "price", "friend", "--concession", "--prices", "month=3eur")
    flask("tiers", "price", "friend", "--prices", "month=5eur")

    (told,) = json.loads(flask("tiers", "list", "--json"))
    assert sorted(told["prices"]) == [
        "friend_month_500_eur", "friend_month_700_usd", "friend_quarter_1700_eur", "friend_year_5000_eur"
    ]  # fmt: skip
    assert list(told["concessions"]) == ["friend_month_300_eur"]
    assert flask("tiers", "list").endswith("; on trust friend_month_300_eur\n")
    assert [price.retired_at is None for price in session.query(Price).filter_by(amount_minor=600)] == [False]


def test_a_rise_is_announced_listed_and_called_off(app, flask):
    flask(*ADD)
    assert flask("tiers", "rises") == "No price rises.\n"
    flask("tiers", "raise", "friend", "--price", "month=7eur", "--on", "2099-02-01")

    assert "friend_month_700_eur" in flask("tiers", "rises")
    assert "told at least 30 days" in refused(
        app, "tiers", "raise", "friend", "--price", "month=9eur", "--on", "2020-01-01"
    )
    assert "written like" in refused(app, *RAISE, "month=9eur", "--on", "soon")
    assert "not higher" in refused(
        app, "tiers", "raise", "friend", "--price", "month=8eur,year=90eur", "--on", "2099-02-01"
    )
    flask("tiers", "call-off", "1")
    assert flask("tiers", "rises") == "No price rises.\n"
    assert "no such tier" in refused(app, "tiers", "call-off", "7")


def test_a_price_rises_to_one_amount_once(app, flask):
    flask(*ADD)
    flask("tiers", "raise", "friend", "--price", "month=7eur", "--on", "2099-02-01")
    flask("tiers", "price", "friend", "--prices", "month=5eur")

    assert "not higher" in refused(app, "tiers", "raise", "friend", "--price", "month=7eur", "--on", "2099-02-01")


def test_what_a_tier_bears_is_set_and_sensible(app, flask):
    flask(*ADD)
    said = json.loads(flask("tiers", "policy", "friend", "--grace-days", "10", "--one-price", "--json"))

    assert (said["grace_days"], said["give_up_days"], said["takes_more"]) == (10, 28, False)
    assert "lie before the day" in refused(app, "tiers", "policy", "friend", "--grace-days", "40")
    assert flask("tiers", "policy", "friend", "--pause-months", "0").splitlines()[3] == "pause_months: 0"


def test_a_coupon_that_was_used_as_often_as_it_may_be_is_told_so(flask, session):
    flask("coupons", "add", "AUTUMN", "--off", "50%", "--most-uses", "2")
    coupon = session.query(Coupon).one()
    coupon.uses = 2
    session.commit()

    assert "used up" in flask("coupons", "list")


def test_a_coupon_is_made_listed_and_retired(app, flask, gateway):
    flask(*ADD)
    flask("stripe", "sync-catalogue")
    assert flask("coupons", "list") == "There are no coupons.\n"
    flask(
        "coupons", "add", "autumn", "--off", "50%", "--lasts", "3 months", "--tier", "friend", "--until", "2099-02-01"
    )
    flask("coupons", "add", "SPRING", "--off", "2.50eur")

    flask("stripe", "sync-catalogue")
    told = {one["code"]: one for one in json.loads(flask("coupons", "list", "--json"))}
    assert (told["AUTUMN"]["percent_off"], told["AUTUMN"]["lasts"], told["AUTUMN"]["is_usable"]) == (
        50,
        "3 months",
        True,
    )
    assert told["SPRING"]["amount_off"] == {"minor": 250, "currency": "eur"}
    assert "2.50 EUR " in flask("coupons", "list")
    flask("coupons", "retire", "spring")
    flask("coupons", "retire", "spring")
    assert "not usable" in flask("coupons", "list")
    assert [wish.code for wish in gateway.world.coupons.values()] == ["AUTUMN"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["A", "--off", "50%"], "three to forty"),
        (["AUTUMN", "--off", "101%"], "per cent"),
        (["AUTUMN", "--off", "2xyz"], "per cent"),
        (["AUTUMN", "--off", "5%", "--lasts", "long"], "once, forever"),
        (["TAKEN", "--off", "5%"], "already"),
    ],
)
def test_a_coupon_that_cannot_be_says_why(app, flask, words, why):
    flask("coupons", "add", "TAKEN", "--off", "5%")

    assert why in refused(app, "coupons", "add", *words)


def test_a_coupon_whose_answer_was_lost_is_finished_with_the_catalogue(app, flask, gateway):
    gateway.answers_lost = True
    refused(app, "coupons", "add", "AUTUMN", "--off", "5%")
    gateway.answers_lost = False
    flask("coupons", "add", "OTHER", "--off", "5%")
    flask("coupons", "retire", "OTHER")
    flask("stripe", "sync-catalogue")

    assert {one["is_usable"] for one in json.loads(flask("coupons", "list", "--json"))} == {True, False}
    assert "no such coupon" in refused(app, "coupons", "retire", "NOTHING")


def test_a_coupon_that_the_provider_never_knew_is_retired_here(app, flask, gateway):
    gateway.unreachable = True
    refused(app, "coupons", "add", "AUTUMN", "--off", "5%")

    assert flask("coupons", "retire", "AUTUMN") == "AUTUMN counts no more.\n"
