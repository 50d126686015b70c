"""Payments that are late: letters that say so, a new card tried at once, an end when nothing comes."""

from datetime import timedelta

import pytest
import time_machine

from membership.clock import utc_now
from membership.mail.models import Letter
from membership.payments.fulfilment import look_up_invoice
from membership.renewals import handlers, service
from membership.subscriptions.models import Invoice, Stop, SubscriptionStatus
from membership.tiers.models import Tier
from tests.browsing import post
from tests.factories import make_patron
from tests.subscriptions.making import letters, rows, sign_in
from tests.webhooks.posting import event_body
from tests.webhooks.posting import post as deliver


@pytest.fixture
def late(story, order):
    """Let Olena's renewal fail; return its invoice at the provider."""
    story.gateway.fail_renewal(order)
    newest = next(iter(story.gateway.list_invoices_of(order)))
    story.record(look_up_invoice(story.gateway, newest.id))
    return newest.id


def failed_at(session):
    return rows(session, Invoice)[-1].first_failed_at


def days_later(session, days):
    return time_machine.travel(failed_at(session) + timedelta(days=days, minutes=1), tick=False)


def test_a_second_letter_follows_once_and_then_the_end(late, order, row, session):
    with days_later(session, 6):
        handlers.write({})
        handlers.act({})
    early = letters(session)
    with days_later(session, 8):
        handlers.write({})
        handlers.write({})
        handlers.act({})
    reminded, living = letters(session), row(order).status
    with days_later(session, 28):
        handlers.write({})
        handlers.act({})
        handlers.act({})

    assert ("payment_late_again" in early, reminded.count("payment_late_again")) == (False, 1)
    assert living is SubscriptionStatus.PAST_DUE
    assert row(order).status is SubscriptionStatus.ENDED
    assert [stop.door for stop in rows(session, Stop)] == ["unpaid"]


def test_what_ended_unpaid_says_why(late, order, story, session):
    with days_later(session, 28):
        handlers.act({})
        story.record(look_up_invoice(story.gateway, late))

    ended = next(letter for letter in rows(session, Letter) if letter.kind == "ended")
    assert ended.values["is_unpaid"] is True


def test_the_days_are_those_of_the_tier(late, order, session):
    tier = session.query(Tier).one()
    tier.reminder_days, tier.grace_days, tier.give_up_days = 2, 3, 4
    session.commit()
    with days_later(session, 2):
        handlers.write({})

    assert "payment_late_again" in letters(session)


def test_giving_up_is_noted_once_though_the_provider_was_away(late, order, row, session, gateway):
    gateway.unreachable = True
    with days_later(session, 29), pytest.raises(Exception, match="cannot be reached"):
        handlers.act({})
    gateway.unreachable = False
    with days_later(session, 29):
        handlers.act({})

    assert len(rows(session, Stop)) == 1
    assert row(order).status is SubscriptionStatus.ENDED


def test_a_new_card_is_tried_at_once(late, order, row, olena, reader, session, gateway, drain):
    where = post(reader, "/account/card", page="/account")
    back = reader.get("/account/card/back")
    drain()

    assert where.location.startswith("https://billing.stripe.com/")
    assert back.location == "/account"
    assert row(order).status is SubscriptionStatus.ACTIVE
    assert letters(session)[-1] == "receipt_renewal"


def test_a_card_that_is_no_better_leaves_it_late(late, order, row, olena, gateway):
    gateway.world.bad_cards.add(olena.stripe_customer_id)
    gateway.refuses = {"use_customers_card"}

    handlers.retry({"patron_id": olena.id, "moment": 1})

    assert row(order).status is SubscriptionStatus.PAST_DUE


def test_the_message_and_the_page_about_a_card_are_one_try(late, order, client, olena, gateway, drain):
    deliver(client, event_body("customer.updated", olena.stripe_customer_id))
    with time_machine.travel(utc_now(), tick=False):
        drain()

    assert len([name for name, _ in gateway.calls if name == "pay_invoice"]) == 1


def test_a_stranger_s_card_is_nothing_to_us(client, gateway, drain, context):
    deliver(client, event_body("customer.updated", "cus_stranger"))
    drain()

    assert not [name for name, _ in gateway.calls if name == "pay_invoice"]


def test_nothing_is_tried_for_whoever_owes_nothing(order, olena, gateway, story, session):
    handlers.retry({"patron_id": olena.id, "moment": 1})
    handlers.retry({"patron_id": story.patron().id, "moment": 1})

    assert service.find_due(session, olena.id).stripe_invoice_id is None
    assert not [name for name, _ in gateway.calls if name == "pay_invoice"]


def test_whoever_never_paid_has_no_card_to_change(client, session, context):
    patron = make_patron(session)
    sign_in(client, session, patron)

    assert post(client, "/account/card", page="/account").status_code == 410
