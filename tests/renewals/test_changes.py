"""What a reader gives, changed: shown before, charged as shown, taken back."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from membership.clock import utc_now
from membership.db import transaction
from membership.gateway.errors import GatewayUnreachable
from membership.i18n import format_day
from membership.money import Money
from membership.patrons.models import Patron
from membership.subscriptions import handlers, rules, service
from membership.subscriptions.errors import ChangeOnItsWay, EndsAlready, ForeignCurrency, NothingToChange
from membership.subscriptions.handlers.changes import ask_for_change
from membership.subscriptions.models import ChangeMoment, ChangeStatus, SubscriptionChange, SubscriptionIntent
from membership.subscriptions.service.plans import new_change
from membership.support import handlers as sweeping
from membership.tiers.models import Coupon, Interval, Price, Tier
from tests.browsing import post
from tests.factories import make_price
from tests.subscriptions.making import letters, rows

CHANGE, CONFIRM = "/account/subscription/change", "/account/subscription/change/confirm"


@pytest.fixture
def prices(session, story, row, order):
    """Offer, in the same tier, ten euros a month, fifty a year, and three a month on trust."""
    tier = session.query(Tier).one()
    tier.stripe_product_id = "prod_friend"
    story.gateway.world.products["prod_friend"] = "Friend"
    made = {}
    for name, fields in {
        "year": {"interval": "year", "amount": Money(5000, "eur")},
        "less": {"amount": Money(300, "eur"), "kind": "concession"},
    }.items():
        made[name] = make_price(session, tier=tier, **fields)
        story.gateway.add_price(made[name].stripe_price_id, made[name].amount, fields.get("interval", "month"))
    session.commit()
    return made


def pick(row, order, **fields):
    return {"tier": row(order).price.tier.slug, "interval": "month"} | fields


def test_more_is_shown_then_charged_as_shown(reader, row, order, prices, gateway, session, drain):
    shown = post(reader, CHANGE, pick(row, order, more="10"))
    done = post(reader, CONFIRM, pick(row, order, more="10", at=str(int(utc_now().timestamp()))), page=CHANGE)

    assert "Charged today" in shown.text
    assert "€5</strong>" in shown.text
    assert (done.status_code, done.location) == (303, "/account")
    assert row(order).price.amount == Money(1000, "eur")
    assert letters(session)[-1] == "changed"
    assert [one.status for one in rows(session, SubscriptionChange)] == [ChangeStatus.DONE]
    assert "You give €10 every month." in reader.get("/account").text


def test_less_begins_when_the_period_ends_and_can_be_taken_back(reader, row, order, prices, gateway, session):
    shown = post(reader, CHANGE, pick(row, order, kind="concession"))
    post(reader, CONFIRM, pick(row, order, kind="concession"), page=CHANGE)

    assert "Nothing is charged today." in shown.text
    assert (row(order).price.amount, row(order).next_price.amount) == (Money(500, "eur"), Money(300, "eur"))
    assert letters(session)[-1] == "change_planned"
    assert "you give €3 every month" in reader.get("/account").text

    post(reader, "/account/subscription/keep", page="/account")

    assert row(order).next_price is None


def test_what_was_planned_comes_back_to_whoever_stops_and_goes_on_after_all(reader, row, order, prices, session):
    post(reader, CONFIRM, pick(row, order, kind="concession"), page=CHANGE)

    assert "what you planned comes back: €3 every month" in reader.get("/account/subscription/stop").text
    post(reader, "/account/subscription/stop", page="/account/subscription/stop")
    assert row(order).next_price is None
    post(reader, "/account/subscription/continue", page="/account")

    assert (row(order).next_price.amount, row(order).set_aside_price) == (Money(300, "eur"), None)
    assert letters(session)[-2:] == ["continuing", "change_planned"]
    assert "you give €3 every month" in reader.get("/account").text


def test_what_was_planned_comes_back_from_the_sweeper_too(olena, row, order, prices, gateway, session):
    handlers.change(olena.id, prices["less"].id, utc_now())
    handlers.stop(olena.id)
    handlers.stop(olena.id)
    gateway.refuses = {"schedule_price"}
    handlers.mirror(gateway.undo_cancellation(order, key="portal"))

    handlers.go_on(olena.id)

    assert [one.status for one in rows(session, SubscriptionChange)] == [ChangeStatus.DONE, ChangeStatus.FAILED]


def test_a_plan_that_was_set_aside_does_not_push_a_newer_wish_away(olena, row, order, prices, gateway, session):
    handlers.change(olena.id, prices["less"].id, utc_now())
    handlers.stop(olena.id)
    subscription = row(order)
    with transaction() as current:
        new_change(current, current.merge(subscription), subscription.price, ChangeMoment.NOW, utc_now())
    handlers.mirror(gateway.undo_cancellation(order, key="portal"))

    assert len(rows(session, SubscriptionChange)) == 2


def test_a_year_for_less_a_month_begins_when_the_month_is_over(reader, row, order, prices):
    post(reader, CONFIRM, pick(row, order, interval="year"), page=CHANGE)

    assert row(order).next_price.amount == Money(5000, "eur")


def test_a_change_that_is_not_paid_waits_and_changes_nothing(reader, row, order, prices, gateway, session, olena):
    gateway.world.bad_cards.add(olena.stripe_customer_id)

    post(reader, CONFIRM, pick(row, order, more="10"), page=CHANGE)

    assert row(order).price.amount == Money(500, "eur")
    assert row(order).pending_until is not None
    assert letters(session)[-1] == "change_unpaid"
    assert "waits for its payment" in reader.get("/account").text


def test_what_the_bank_refuses_changes_nothing_and_can_be_tried_again(reader, row, order, prices, gateway, session):
    gateway.refuses = {"change_price"}
    post(reader, CONFIRM, pick(row, order, more="10"), page=CHANGE)
    refused = reader.get("/account").text
    gateway.refuses = set()
    post(reader, CONFIRM, pick(row, order, more="10"), page=CHANGE)

    assert "Nothing was charged, and nothing has changed." in refused
    assert row(order).price.amount == Money(1000, "eur")
    assert [one.status for one in rows(session, SubscriptionChange)] == [ChangeStatus.FAILED, ChangeStatus.DONE]


@pytest.mark.parametrize(("more", "words"), [("3", "This tier begins at €5."), ("x", "in plain digits")])
def test_what_cannot_be_given_is_said_at_its_field(reader, row, order, prices, more, words):
    answer = post(reader, CHANGE, pick(row, order, more=more))

    assert answer.status_code == 400
    assert words in answer.text


def test_the_page_offers_less_on_trust(reader, prices):
    assert "It is too much for me" in reader.get(CHANGE).text
    assert "€3 every month" in reader.get(f"{CHANGE}?kind=concession").text


def test_whoever_is_stopping_goes_on_first(reader, row, order, prices, gateway, olena):
    handlers.stop(olena.id)

    answer = reader.get(CHANGE)

    assert (answer.status_code, EndsAlready.message in answer.text) == (409, True)
    assert 'class="button" href="/account"' in answer.text


def test_what_was_stopped_elsewhere_meanwhile_is_not_changed(olena, row, order, prices, gateway):
    gateway.cancel_at_period_end(order, key="the portal")

    with pytest.raises(EndsAlready):
        handlers.change(olena.id, prices["less"].id, utc_now())
    assert row(order).cancel_at is not None


def test_a_change_that_got_no_answer_is_finished_once(olena, row, order, prices, gateway, session):
    gateway.answers_lost = True
    with pytest.raises(GatewayUnreachable):
        handlers.change(olena.id, prices["less"].id, utc_now())
    gateway.answers_lost = False
    with pytest.raises(ChangeOnItsWay):
        handlers.change(olena.id, prices["year"].id, utc_now())

    with time_machine.travel(utc_now() + timedelta(minutes=3), tick=False):
        sweeping.sweep({})
        sweeping.sweep({})

    assert [key for name, key in gateway.calls if name == "schedule_price"][1:] == [
        key for name, key in gateway.calls if name == "schedule_price"
    ][:1]
    assert row(order).next_price_id == prices["less"].id
    assert letters(session).count("change_planned") == 1


@pytest.mark.parametrize("is_made", [True, False])
def test_an_old_change_is_only_looked_for(olena, row, order, prices, gateway, session, is_made):
    gateway.silent_about = set()
    gateway.unreachable = not is_made
    gateway.answers_lost = True
    with session.begin():
        plan = service.intend_change(session, olena.id, prices["less"].id, utc_now())
    if is_made:
        with pytest.raises(GatewayUnreachable):
            ask_for_change(plan)
    gateway.unreachable = gateway.answers_lost = False

    handlers.finish_change(replace(plan, created_at=utc_now() - timedelta(days=2)))

    assert rows(session, SubscriptionChange)[0].status is (ChangeStatus.DONE if is_made else ChangeStatus.FAILED)


def test_a_change_that_is_refused_when_it_is_swept_keeps_nobody_waiting(olena, order, prices, gateway, session):
    with session.begin():
        service.intend_change(session, olena.id, prices["less"].id, utc_now())
    gateway.refuses = {"schedule_price"}

    with time_machine.travel(utc_now() + timedelta(minutes=3), tick=False):
        sweeping.sweep({})

    assert rows(session, SubscriptionChange)[0].status is ChangeStatus.FAILED


@pytest.mark.parametrize("at", ["", "x", "1", "99999999999"])
def test_a_moment_that_was_not_shown_is_now(reader, row, order, prices, at):
    answer = post(reader, CONFIRM, pick(row, order, more="10", at=at), page=CHANGE)

    assert answer.status_code == 303
    assert row(order).price.amount == Money(1000, "eur")


def test_an_answer_that_comes_twice_is_told_once(olena, row, order, prices, gateway, session):
    handlers.change(olena.id, prices["less"].id, utc_now())
    (done,) = rows(session, SubscriptionChange)

    with transaction() as current:
        service.record_change(current, done.reference, gateway.get_subscription(order))
        service.fail_change(current, done.reference)

    assert rows(session, SubscriptionChange)[0].status is ChangeStatus.DONE
    assert letters(session).count("change_planned") == 1


def test_two_who_replace_one_customer_leave_the_first_replacement(olena, session):
    with transaction() as current:
        gone = olena.stripe_customer_id
        service.replace_customer(current, olena.id, gone, "cus_new")
        service.replace_customer(current, olena.id, gone, "cus_newer")

    assert rows(session, Patron)[0].stripe_customer_id == "cus_new"


@given(
    before=st.tuples(st.integers(1, 10_000), st.sampled_from(Interval)),
    after=st.tuples(st.integers(1, 10_000), st.sampled_from(Interval)),
)
def test_only_more_for_as_long_or_longer_is_charged_at_once(before, after):
    old, new = (
        Price(id=number, amount=Money(minor, "eur"), interval=interval)
        for number, (minor, interval) in enumerate((before, after))
    )
    is_now = rules.moment_of_change(old, new) is ChangeMoment.NOW

    assert is_now == (
        new.amount.minor / new.interval.months > old.amount.minor / old.interval.months
        and new.interval.months >= old.interval.months
    )
    with pytest.raises(ForeignCurrency):
        rules.moment_of_change(old, Price(id=9, amount=Money(1, "usd"), interval=Interval.MONTH))


def test_too_little_to_charge_is_said_to_come_with_the_next_payment(reader, row, order, prices, gateway):
    shown = post(reader, CHANGE, pick(row, order, more="5.24")).text
    ends_on = format_day(row(order).period_ends_at)

    assert f"€0.24 is too little to be charged by itself. It comes with your next payment, on {ends_on}" in shown
    assert "which is then €5.48." in shown
    assert "Give €5.24 every month from now on" in shown


def test_with_a_code_the_next_payment_is_not_guessed(reader, row, order, prices, session):
    coupon = Coupon(code="AUTUMN", percent_off=50, duration="forever", created_at=utc_now())
    session.query(SubscriptionIntent).one().coupon = coupon
    session.commit()

    shown = post(reader, CHANGE, pick(row, order, more="5.24")).text

    assert "It comes on top of your next payment" in shown


@pytest.mark.parametrize("fields", [{"more": "10"}, {"kind": "concession"}])
def test_a_doubled_click_lands_where_the_first_one_did(reader, row, order, prices, session, fields):
    wish = pick(row, order, at=str(int(utc_now().timestamp())), **fields)
    answers = [post(reader, CONFIRM, wish, page="/account") for _ in range(2)]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/account")] * 2
    assert [one.status for one in rows(session, SubscriptionChange)] == [ChangeStatus.DONE]
    assert letters(session)[1:] in (["changed"], ["change_planned"], ["receipt_renewal", "changed"])


def test_a_code_that_ends_with_a_planned_change_names_one_price_from_then_on(reader, row, order, prices, session):
    coupon = Coupon(code="ONCE", percent_off=50, duration="once", created_at=utc_now())
    session.query(SubscriptionIntent).one().coupon = coupon
    session.commit()
    post(reader, CONFIRM, pick(row, order, kind="concession"), page="/account")
    page = " ".join(reader.get("/account").text.split())
    ends_on = format_day(row(order).period_ends_at)

    assert f"With your code each payment before {ends_on} is €2.50. From {ends_on} you give €3 every month." in page
    assert "you give €5" not in page


def test_what_she_gives_already_is_told_on_the_form(reader, row, order, prices, session):
    for address in (CHANGE, CONFIRM):
        answer = post(reader, address, pick(row, order), page=CHANGE)

        assert answer.status_code == 409
        assert NothingToChange.message in answer.text
        assert "Show me what this means" in answer.text
    assert rows(session, SubscriptionChange) == []
