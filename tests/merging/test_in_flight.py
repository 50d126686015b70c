"""A gift that was on its way when its account went over into another ends there: money, receipt, time, in any order."""

import pytest
from sqlalchemy import select

from membership.access.service import decide_for
from membership.clock import utc_now
from membership.db import transaction
from membership.donations import service as donations
from membership.donations.models import Donation
from membership.gifts import service as gifts
from membership.mail.models import Letter
from membership.merging.invariants import unemptied
from membership.merging.service import MergeWish, merge
from membership.patrons.models import Patron
from membership.payments.models import Payment
from membership.subscriptions.models import SubscriptionIntent
from membership.subscriptions.service import intend
from membership.terms import service as terms
from membership.tiers.models import Price
from tests.factories import make_patron, make_price, make_tier
from tests.gifts.giving import Giving
from tests.payments.story import FIVE, TWENTY, Story
from tests.subscriptions.making import rows

OLD, NEW = "old@example.org", "olena@example.org"


@pytest.fixture
def story(app, gateway, session, sound_books):
    make_price(session, tier=make_tier(session, slug="friend"))
    terms.set_policy(session, FIVE, "friend", most_months=12, patience_days=0, counts_cards=True)
    session.commit()
    return Story(gateway)


@pytest.fixture
def accounts(session, story):
    made = [make_patron(session, email=email, stripe_customer_id=f"cus_{email[:3]}") for email in (OLD, NEW)]
    session.commit()
    return made


def unite(app, accounts):
    with app.app_context(), transaction() as session:
        leaving, staying = (session.get_one(Patron, one.id) for one in accounts)
        merge(session, MergeWish(leaving=leaving, staying=staying, reason="she wrote"), utc_now(), actor="test")


@pytest.mark.parametrize(
    "order", ["merge pay news return", "pay merge return news", "pay news merge return", "merge pay return"]
)
def test_a_gift_begun_on_the_emptied_account_is_the_kept_ones(app, client, session, story, accounts, order):
    leaving, staying = accounts
    with app.app_context():
        page = story.open_donation(TWENTY, patron=leaving, email=OLD).id
    acts = {
        "merge": lambda: unite(app, accounts),
        "pay": lambda: story.gateway.pay_checkout(page),
        "news": lambda: _hear(app, story, page),
        "return": lambda: client.get(f"/thanks?session_id={page}"),
    }
    for act in order.split():
        acts[act]()

    assert "€20" in client.get(f"/thanks?session_id={page}").text
    (payment,), (donation,), (receipt,) = rows(session, Payment), rows(session, Donation), rows(session, Letter)
    assert {payment.patron_id, donation.patron_id} == {staying.id}
    assert (receipt.kind, receipt.recipient, donation.email) == ("receipt", NEW, NEW)
    assert decide_for(session, staying.id, utc_now()).tier == "friend"
    assert (decide_for(session, leaving.id, utc_now()).flags, unemptied(session)) == (frozenset(), [])


def _hear(app, story, page):
    with app.app_context():
        story.fulfil(page)


def test_who_pressed_before_and_was_answered_after_gives_as_who_she_is(app, session, story, accounts, gateway, drain):
    leaving, staying = accounts
    giving = Giving(app, session, gateway, drain)
    giving.give()
    code = giving.code()
    unite(app, accounts)
    with app.app_context(), transaction() as current:
        stale = current.get_one(Patron, leaving.id)
        draft = donations.DonationDraft(amount=TWENTY, email=OLD, patron_id=stale.id, source="", locale="en")
        wish = donations.intend(current, draft)
        assert (wish.patron_id, wish.email) == (staying.id, NEW)
        gifts.redeem(current, code, stale, utc_now())
        intend(current, stale, current.scalars(select(Price)).first(), locale="en")

    assert [one.patron_id for one in rows(session, SubscriptionIntent)] == [staying.id]
    assert "friend" in decide_for(session, staying.id, utc_now()).tier
    assert unemptied(session) == []
