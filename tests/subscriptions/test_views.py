"""Subscribing, stopping, going on: as a browser does it."""

from datetime import timedelta

import pytest
import time_machine

from membership.clock import utc_now
from membership.patrons.models import Ban, Patron
from membership.subscriptions.models import IntentStatus, Subscription, SubscriptionIntent, SubscriptionStatus
from membership.subscriptions.service import write_not_welcome
from tests.browsing import post, token_on
from tests.factories import make_patron, make_price, make_subscription, make_tier
from tests.subscriptions.making import letters, rows, sign_in

EMAIL = "olena@example.org"


@pytest.fixture
def price(session):
    price = make_price(session, tier=make_tier(session, slug="friend"))
    session.commit()
    return price


@pytest.fixture
def buyer(client, session, price):
    """Sign in somebody who wants to subscribe."""
    patron = make_patron(session, email=EMAIL)
    sign_in(client, session, patron)
    return patron


def subscribe(client, **fields):
    form = {"tier": "friend", "interval": "month", "email": EMAIL} | fields
    return post(client, "/subscribe", form, page="/")


def intents(session):
    return rows(session, SubscriptionIntent)


def test_who_is_shut_out_begins_nothing_until_she_is_let_in_again(client, session, price, gateway):
    olena = make_patron(session, email=EMAIL)
    ban = Ban(patron_id=olena.id, reason="Threatened a reporter", banned_at=utc_now())
    session.add(ban)
    session.commit()
    answer = subscribe(client)
    assert (answer.status_code, "We have written to you" in answer.text) == (200, True)
    assert letters(session) == ["not_welcome"]
    sign_in(client, session, olena)
    answer = subscribe(client)

    assert (answer.status_code, "cannot take regular support from this account" in answer.text) == (409, True)
    assert intents(session) == calls(gateway, "create_customer") == []
    ban.lifted_at = utc_now()
    session.commit()
    assert subscribe(client).status_code == 303


def test_whoever_was_let_in_meanwhile_is_not_written_to(session):
    write_not_welcome(session, make_patron(session).email)
    write_not_welcome(session, EMAIL)

    assert letters(session) == []


def calls(gateway, name):
    return [key for called, key in gateway.calls if called == name]


def test_the_summary_says_amount_and_frequency(client, price):
    page = client.get("/subscribe?tier=friend&interval=month")

    assert "Give €5 every month" in page.text
    assert 'name="email"' in page.text


def test_a_reader_is_sent_to_the_checkout_of_her_tier(client, session, price, gateway):
    answer = subscribe(client, source="/news/river")
    (intent,) = intents(session)

    assert (answer.status_code, answer.location) == (303, intent.checkout_url)
    assert (intent.status, intent.source, intent.patron.email) == (IntentStatus.OPEN, "/news/river", EMAIL)
    assert calls(gateway, "create_customer") == [f"customer:{intent.patron.public_id}"]
    assert gateway.world.wishes[intent.stripe_session_id].stripe_price_id == price.stripe_price_id


def test_an_existing_patron_s_address_neither_signs_in_nor_shows_anything(client, session, price):
    make_patron(session, email=EMAIL, name="Olena Petrenko")
    session.commit()
    answer = subscribe(client)

    assert answer.status_code == 303
    assert "Petrenko" not in answer.text
    assert client.get(STOP).status_code == 303


def test_who_has_paid_in_another_browser_gets_her_welcome_and_no_letter_about_an_open_checkout(
    client, app, session, price, gateway, drain
):
    subscribe(client)
    (intent,) = intents(session)
    gateway.pay_checkout(intent.stripe_session_id)
    answer = subscribe(app.test_client())
    drain()

    assert "We have written to you" in answer.text
    assert [letter for letter in letters(session) if letter != "sign_in"] == ["welcome"]
    assert intents(session)[0].status is IntentStatus.COMPLETED


def test_a_yearly_price_is_said_to_be_yearly(client, session, price):
    make_price(session, tier=price.tier, interval="year")
    session.commit()
    page = client.get("/subscribe?tier=friend&interval=year")

    assert "every year" in page.text
    assert "once a year" in page.text


@pytest.mark.parametrize("fields", [{"tier": "no"}, {"interval": "week"}, {"interval": ""}, {"tier": "<script>"}])
def test_a_tampered_choice_is_refused(client, session, price, fields):
    answer = subscribe(client, **fields)

    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert intents(session) == []


def test_amounts_prices_and_identities_that_are_sent_along_are_not_looked_at(client, session, price, gateway):
    dear = make_price(session, tier=make_tier(session))
    session.commit()
    tampered = {
        "price_id": dear.stripe_price_id,
        "amount": "0",
        "patron_id": "1",
        "reference": "mine",
        "status": "open",
    }
    subscribe(client, **tampered)
    (intent,) = intents(session)

    assert intent.price_id == price.id
    assert intent.reference.startswith("sub_")


def test_an_unreadable_address_is_said_at_its_field_and_kept(client, session, price):
    answer = subscribe(client, email='"><script>alert(1)</script>')

    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text
    assert "<script>alert" not in answer.text
    assert intents(session) == []


def test_a_retired_tier_is_refused_politely(client, session, price):
    price.tier.retired_at = price.tier.retired_at or make_patron(session).created_at
    session.commit()

    assert subscribe(client).status_code == 409


def test_pressing_again_offers_the_same_checkout(client, session, price, gateway):
    first, second = subscribe(client), subscribe(client)

    assert first.location == second.location
    assert len(intents(session)) == len(gateway.world.checkouts) == 1


def test_choosing_something_else_closes_the_first_checkout(client, session, price, gateway):
    subscribe(client)
    make_price(session, tier=make_tier(session, slug="patron"))
    session.commit()
    answer = subscribe(client, tier="patron")
    first, second = intents(session)

    assert (first.status, second.status) == (IntentStatus.EXPIRED, IntentStatus.OPEN)
    assert answer.location == second.checkout_url
    assert gateway.world.checkouts[first.stripe_session_id].status.value == "expired"


def test_a_checkout_that_was_paid_meanwhile_is_thanked_for_and_not_sold_again(client, session, price, gateway):
    subscribe(client)
    (intent,) = intents(session)
    gateway.pay_checkout(intent.stripe_session_id)
    make_price(session, tier=make_tier(session, slug="patron"))
    session.commit()

    for tier in ("friend", "patron"):
        assert subscribe(client, tier=tier).location.endswith(f"/thanks?session_id={intent.stripe_session_id}")
    assert len(gateway.world.checkouts) == 1


def test_an_expired_checkout_does_not_block_a_new_try(client, session, price, gateway):
    subscribe(client)
    (first,) = intents(session)
    with time_machine.travel(first.expires_at + timedelta(seconds=5), tick=False):
        answer = subscribe(client)
    first, second = intents(session)

    assert first.status is IntentStatus.EXPIRED
    assert answer.location == second.checkout_url


def test_a_checkout_that_the_provider_forgot_does_not_block_either(client, session, price, gateway):
    subscribe(client)
    gateway.world.checkouts.clear()

    assert subscribe(client).status_code == 303
    assert [intent.status for intent in intents(session)] == [IntentStatus.EXPIRED, IntentStatus.OPEN]


def test_when_the_provider_is_away_nothing_is_charged_and_the_wish_is_kept(client, session, price, gateway):
    gateway.unreachable = True
    answer = subscribe(client)
    gateway.unreachable = False
    kept = intents(session)
    again = subscribe(client)

    assert answer.status_code == 502
    assert "Nothing was charged" in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert again.status_code == 303
    assert [intent.reference for intent in intents(session)] == [intent.reference for intent in kept]


def test_a_lost_answer_makes_neither_a_second_customer_nor_a_second_checkout(client, session, price, gateway):
    gateway.answers_lost = True
    subscribe(client)
    gateway.answers_lost = False
    subscribe(client)

    assert len(gateway.world.customers) == 1
    assert len(set(calls(gateway, "create_customer"))) == 1
    assert rows(session, Patron)[0].stripe_customer_id in gateway.world.customers


def test_what_the_provider_refuses_is_given_up_and_can_be_tried_again(client, session, buyer, price, gateway):
    gateway.refuses = {"open_subscription_checkout"}
    answer = subscribe(client)
    (intent,) = intents(session)

    assert answer.status_code == 502
    assert intent.status is IntentStatus.FAILED


def test_whoever_was_deleted_at_the_provider_can_pay_again_with_a_new_customer(client, session, buyer, price, gateway):
    buyer.stripe_customer_id = "cus_deleted"
    session.commit()
    answer = subscribe(client)
    (intent,) = intents(session)

    assert (answer.location, intent.status) == (intent.checkout_url, IntentStatus.OPEN)
    assert intent.patron.stripe_customer_id in gateway.world.customers


def test_a_customer_whom_the_provider_refuses_can_be_tried_again(client, session, buyer, price, gateway):
    gateway.refuses = {"create_customer"}
    refused = subscribe(client)
    gateway.refuses = set()
    again = subscribe(client)
    first, _ = intents(session)

    assert (refused.status_code, again.status_code) == (502, 303)
    assert first.status is IntentStatus.FAILED


def test_who_gives_already_is_told_on_her_own_page(client, session, buyer, price):
    make_subscription(session, patron=buyer, price=price)
    session.commit()

    assert subscribe(client).status_code == 409


def test_a_stranger_who_types_a_patron_s_address_learns_no_more_than_that_a_letter_was_written(
    client, session, price, gateway
):
    make_subscription(session, patron=make_patron(session, email=EMAIL, name="Olena Petrenko"), price=price)
    session.commit()
    first, again = subscribe(client), subscribe(client, email=EMAIL.upper())

    assert (first.status_code, again.status_code) == (200, 200)
    assert "We have written to you" in first.text
    assert "Petrenko" not in first.text
    assert EMAIL not in first.text
    assert letters(session) == ["already_member"]
    assert gateway.calls == []


@pytest.fixture
def member(client, session, buyer, price, gateway):
    """Let the signed-in patron buy a month, and mirror it."""
    subscribe(client)
    (intent,) = intents(session)
    gateway.pay_checkout(intent.stripe_session_id)
    client.get(f"/thanks?session_id={intent.stripe_session_id}")
    (member,) = rows(session, Subscription)
    return member


STOP, CONTINUE = "/account/subscription/stop", "/account/subscription/continue"


def ends(session, member):
    rows(session, Subscription)
    return member.cancel_at is not None


def test_two_clicks_stop_at_the_end_of_what_is_paid(client, session, member):
    page = client.get(STOP)
    answer = post(client, STOP)

    assert "You will not be charged again" in page.text
    assert "You give €5 every month" in page.text
    assert (answer.status_code, answer.location) == (303, "/account")
    assert ends(session, member)
    assert member.cancel_at == member.period_ends_at


def test_stopping_twice_is_stopping_once(client, session, member, gateway):
    post(client, STOP)
    post(client, STOP)

    assert len(calls(gateway, "cancel_at_period_end")) == 1
    assert letters(session).count("stopping") == 1


def test_stopping_is_taken_back_and_meant_again(client, session, member):
    post(client, STOP)
    page = client.get(STOP)
    post(client, CONTINUE, page=STOP)
    post(client, CONTINUE, page=STOP)
    assert not ends(session, member)
    post(client, STOP)

    assert "Go on giving" in page.text
    assert ends(session, member)
    assert [kind for kind in letters(session) if kind in {"stopping", "continuing"}] == [
        "stopping",
        "continuing",
        "stopping",
    ]


def test_stopping_what_ended_elsewhere_tells_the_truth(client, session, member, gateway):
    page = client.get(STOP)
    gateway.end(member.stripe_subscription_id)
    answer = post(client, STOP)
    rows(session, Subscription)

    assert page.status_code == 200
    assert answer.status_code == 303
    assert member.status is SubscriptionStatus.ENDED


def test_a_stop_that_the_provider_refuses_is_not_called_done(client, session, member, gateway):
    gateway.refuses = {"cancel_at_period_end"}
    answer = post(client, STOP)

    assert answer.status_code == 502
    assert "You will not be charged again." not in client.get("/account").text
    assert not ends(session, member)


def test_what_ended_elsewhere_cannot_go_on(client, session, member, gateway):
    post(client, STOP)
    token = token_on(client, STOP)
    gateway.end(member.stripe_subscription_id)
    answer = client.post(CONTINUE, data={"csrf_token": token})
    rows(session, Subscription)

    assert answer.status_code == 404
    assert member.status is SubscriptionStatus.ENDED


def test_an_answer_to_stopping_that_was_lost_is_asked_for_with_the_same_key(client, session, member, gateway):
    gateway.answers_lost = True
    lost = post(client, STOP)
    gateway.answers_lost = False
    post(client, STOP)
    keys = calls(gateway, "cancel_at_period_end")

    assert lost.status_code == 502
    assert keys == [f"cancel:{member.stripe_subscription_id}:1"] * 2
    assert letters(session).count("stopping") == 1


@pytest.mark.parametrize("path", [STOP, CONTINUE])
def test_nobody_stops_anything_without_signing_in(client, path, price):
    answer = post(client, path, page="/")

    assert answer.status_code == 303
    assert "/sign-in" in answer.location


def test_nobody_stops_what_belongs_to_another(client, session, buyer, price, gateway):
    other = make_subscription(session, price=price)
    session.commit()
    answer = post(client, STOP, {"subscription_id": other.id, "id": other.stripe_subscription_id}, page="/")

    assert answer.status_code == 404
    assert gateway.calls == []


def test_there_is_nothing_to_stop_without_a_subscription(client, buyer):
    assert client.get(STOP).status_code == 404


def test_a_surplus_subscription_is_seen_and_ended_by_command(app, session, member, gateway):
    run = app.test_cli_runner().invoke
    assert run(args=["subscriptions", "surplus"]).output == "Nobody has two.\n"
    session.execute(Subscription.__table__.update().values(is_surplus=True))
    session.commit()
    surplus = run(args=["subscriptions", "surplus", "--json"]).output
    ended = [run(args=["subscriptions", "end", member.stripe_subscription_id, "--reason", "twice"]) for _ in range(2)]
    rows(session, Subscription)

    assert member.stripe_subscription_id in surplus
    assert [result.exit_code for result in ended] == [0, 0]
    assert member.status is SubscriptionStatus.ENDED
    assert len(calls(gateway, "cancel_now")) == 1
