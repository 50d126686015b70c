"""A dispute is told to whoever paid: which payment, what the bank does, what becomes of what was paid for. Once."""

import pytest

from membership.config import Consequence
from membership.db import session as reading
from membership.db import transaction
from membership.mail.models import Letter
from membership.mail.rendering import compose
from membership.payments import fulfilment
from membership.payments.models import Payment
from membership.payments.policy import Policy, carry
from membership.subscriptions.models import Subscription
from tests.conftest import make_settings
from tests.payments.story import Story
from tests.subscriptions.making import rows

ALL = frozenset({Consequence.ACCESS, Consequence.SUBSCRIPTION})


@pytest.fixture
def story(context, gateway, sound_books):
    return Story(gateway)


def disputed(story, *, brings, quiet=False, **dispute):
    reading().info.update(carry(Policy(on_dispute=brings)))
    paid = rows(reading(), Payment)[0].stripe_payment_intent_id
    dispute_id = story.gateway.dispute(paid, **dispute)
    for _ in range(2):
        story.record(fulfilment.look_up_dispute(story.gateway, dispute_id), quiet=quiet)
    reading().rollback()
    return [letter for letter in rows(reading(), Letter) if letter.kind == "disputed"]


def said(letter):
    return compose(letter.kind, letter.locale, letter.values, make_settings()).text


def test_a_member_is_told_which_payment_and_that_her_support_ends(story):
    olena = story.patron(email="olena@example.org", locale="en")
    story.fulfil(story.gateway.pay_checkout(story.open_subscription(olena).id).id)
    (letter,) = disputed(story, brings=ALL)

    text = said(letter)
    assert letter.recipient == "olena@example.org"
    assert "a dispute about €5 of your payment of €5" in text
    assert rows(reading(), Payment)[0].receipt_number in text
    assert "what Friend gives you rests" in text
    assert "Your regular support ends now" in text


def test_whoever_has_paid_for_today_besides_is_told_that_she_keeps_it(story):
    story.fulfil(story.gateway.pay_checkout(story.open_subscription(story.patron(locale="en")).id).id)
    subscription_id = rows(reading(), Subscription)[0].stripe_subscription_id
    story.gateway.renew(subscription_id)
    story.record(fulfilment.look_up_subscription(story.gateway, subscription_id))
    for invoice in story.gateway.world.invoices:
        story.record(fulfilment.look_up_invoice(story.gateway, invoice))
    (letter,) = disputed(story, brings=ALL)

    assert "nothing changes in what you may read" in said(letter)
    assert "Your regular support ends now" in said(letter)


@pytest.mark.parametrize(
    ("brings", "words"),
    [(ALL, "the gift does not count"), (frozenset(), "nothing changes in what you may read")],
)
def test_a_donor_is_told_what_becomes_of_her_gift(story, brings, words):
    story.fulfil(story.give(email="taras@example.org"))
    (letter,) = disputed(story, brings=brings)

    assert (letter.recipient, words in said(letter), "ends now" in said(letter)) == ("taras@example.org", True, False)


def test_an_inquiry_a_quiet_repair_and_an_address_that_is_gone_bring_no_letter(story):
    story.fulfil(story.give(email="taras@example.org"))
    assert disputed(story, brings=ALL, inquiry=True) == disputed(story, brings=ALL, quiet=True) == []
    with transaction() as session:
        rows(session, Payment)[0].donation.email = None
    assert disputed(story, brings=ALL) == []


def test_the_receipt_names_in_whose_honour_it_was_given(story):
    story.fulfil(story.give(email="taras@example.org", honouree="Grandmother Maria"))
    story.fulfil(story.give(email="olha@example.org"))

    texts = [said(letter) for letter in rows(reading(), Letter)]
    assert ["In honour of Grandmother Maria." in text for text in texts] == [True, False]
    assert "In honour" not in texts[1]
