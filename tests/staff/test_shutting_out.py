"""Who is shut out pays nothing more: not on a page that she has open, nor on one that is just being opened."""

import pytest

from membership.db import session as reading
from membership.db import transaction
from membership.gateway.errors import GatewayRefused
from membership.gateway.values import CheckoutStatus
from membership.patrons.models import Patron
from membership.staff import handlers, service
from membership.subscriptions.models import IntentStatus, Subscription, SubscriptionIntent, SubscriptionStatus
from tests.payments.story import Story
from tests.subscriptions.making import rows


@pytest.fixture
def story(context, gateway, sound_books):
    return Story(gateway)


def shut_out(patron):
    with transaction() as session:
        service.ban_patron(session, session.get_one(Patron, patron.id), reason="Threatened a reporter", actor="test")


def intents():
    return [one.status for one in rows(reading(), SubscriptionIntent)]


@pytest.mark.parametrize("is_remembered", [True, False])
def test_her_page_is_closed_and_one_that_is_being_opened_is_not_shown(story, drain, is_remembered):
    olena = story.patron(email="olena@example.org")
    page = story.open_subscription(olena, remembered=is_remembered)
    shut_out(olena)
    drain()

    assert intents() == [IntentStatus.EXPIRED]
    assert story.gateway.get_checkout(page.id).status is (
        CheckoutStatus.EXPIRED if is_remembered else CheckoutStatus.OPEN
    )


def test_what_she_paid_meanwhile_ends_and_while_she_pays_it_is_tried_again(story):
    olena = story.patron(email="olena@example.org")
    page = story.open_subscription(olena)
    shut_out(olena)
    payload = {"patron_id": olena.id, "session_id": page.id}
    story.gateway.refuses.add("expire_checkout")
    with pytest.raises(GatewayRefused):
        handlers.close_page(payload)
    story.gateway.pay_checkout(page.id)
    handlers.close_page(payload)

    assert [one.status for one in rows(reading(), Subscription)] == [SubscriptionStatus.ENDED]


def test_what_she_pays_after_she_was_let_in_again_goes_on(story):
    olena = story.patron(email="olena@example.org")
    page = story.open_subscription(olena)
    shut_out(olena)
    with transaction() as session:
        service.lift_ban(session, session.get_one(Patron, olena.id), reason="A mistake", actor="test")
    story.gateway.pay_checkout(page.id)
    handlers.close_page({"patron_id": olena.id, "session_id": page.id})

    assert [one.status for one in rows(reading(), Subscription)] == [SubscriptionStatus.ACTIVE]
