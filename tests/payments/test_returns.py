"""Bank debits that were paid and come back: no refund, no dispute; by whatever news, in any order, once."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from membership import clock
from membership.access.service import decide_for
from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.config import Consequence
from membership.db import session as reading
from membership.db import transaction
from membership.ledger.service import balances
from membership.mail.models import Letter
from membership.money import Money
from membership.payments import fulfilment, service
from membership.payments.errors import NothingToRefund
from membership.payments.fulfilment import Facts
from membership.payments.invariants import returned_otherwise
from membership.payments.models import Payment, Payout, PayoutStatus
from membership.payments.policy import Policy, carry
from membership.reconcile.walk import reconcile
from membership.subscriptions.models import Invoice, InvoiceStatus, RevokedBy
from membership.terms.models import Term
from membership.terms.service import set_policy
from tests.factories import make_tier

EUR20 = Money(2000, "eur")


@pytest.fixture(autouse=True)
def _sound(story, sound_books):
    """Ask every invariant after each test."""


def all_of(model):
    reading().rollback()
    reading().expire_all()
    return list(reading().scalars(select(model).order_by(model.id)))


def held():
    reading().rollback()
    return {account.value: minor for (account, _), minor in balances(reading()).items() if minor}


def letters():
    return [one.kind for one in all_of(Letter)]


def decision(patron):
    reading().rollback()
    return decide_for(reading(), patron.id, utc_now())


@pytest.fixture
def gift(story):
    """Give 20 euros by debit, recorded and settled; return the checkout."""
    checkout = story.gateway.get_checkout(story.give())
    story.gateway.settle()
    story.fulfil(checkout.id)
    return checkout


@pytest.fixture
def member(story):
    """Subscribe by debit, recorded; return the patron and the subscription at Stripe."""
    patron = story.patron()
    checkout = story.gateway.pay_checkout(story.open_subscription(patron).id)
    story.fulfil(checkout.id)
    return patron, checkout.subscription_id


@pytest.fixture
def later(tmp_path):
    """Return a function that moves the clock so many days from today."""

    def move(days):
        (tmp_path / "clock").write_text(str(days * 86400))

    clock.follow(tmp_path / "clock")
    yield move
    clock.follow(None)


def payment_of(story, subscription_id):
    return next(story.gateway.list_invoices_of(subscription_id)).payment_intent_ids[0]


def tell(story, subscription_id):
    invoice = next(story.gateway.list_invoices_of(subscription_id))
    story.record(fulfilment.look_up_invoice(story.gateway, invoice.id))


def test_a_gift_that_came_back_was_never_income_and_is_no_refund(story, gift):
    story.gateway.send_back(gift.payment_intent_id)
    for _ in range(2):
        story.fulfil(gift.id)

    (payment,) = all_of(Payment)
    assert (payment.returned_at is None, payment.refunded_minor) == (False, 0)
    assert held() == {"stripe": -55, "fees": 55, "donation_income": -2000, "returned_debits": 2000}
    assert letters() == ["receipt", "debit_returned"]
    noted = [one for one in all_of(AuditEntry) if one.action == "payment.sent_back"]
    assert [(one.actor, one.subject, one.details) for one in noted] == [
        ("bank", payment.receipt_number, {"amount": 2000})
    ]
    with pytest.raises(NothingToRefund), transaction() as session:
        service.intend_refund(session, payment.receipt_number, reason="", actor="test")


def test_the_event_about_the_charge_tells_it(story, gift):
    charge_id = all_of(Payment)[0].stripe_charge_id
    story.gateway.send_back(gift.payment_intent_id)

    outcome = story.record(fulfilment.look_up_charge(story.gateway, charge_id))

    assert (outcome.recorded > 0, held()["returned_debits"]) == (True, 2000)


def test_the_line_of_a_payout_alone_tells_it(story, gift):
    story.gateway.send_back(gift.payment_intent_id)
    lines = tuple(one for one in story.gateway.world.settlements.values() if one.category == "charge_failure")

    story.record(Facts(settlements=lines))

    assert held() == {"stripe": -55, "fees": 55, "donation_income": -2000, "returned_debits": 2000}


def test_what_came_and_went_before_we_heard_of_it_leaves_only_the_fee(story):
    checkout = story.gateway.get_checkout(story.give())
    story.gateway.send_back(checkout.payment_intent_id)
    for _ in range(2):
        story.fulfil(checkout.id)

    assert (all_of(Payment), held(), letters()) == ([], {"stripe": -55, "fees": 55}, ["gift_refused"])


def test_the_time_that_a_gift_gave_goes_with_it(story):
    with transaction() as session:
        make_tier(session, slug="friend")
        set_policy(session, Money(500, "eur"), "friend", most_months=12, patience_days=10, counts_cards=True)
    patron = story.patron()
    checkout = story.gateway.get_checkout(story.give(patron=patron))
    story.fulfil(checkout.id)
    assert all_of(Term)[0].revoked_at is None

    story.gateway.send_back(checkout.payment_intent_id)
    story.fulfil(checkout.id)

    assert all_of(Term)[0].revoked_at is not None


def test_a_first_payment_that_came_back_opens_nothing(story, member):
    patron, subscription_id = member
    story.gateway.send_back(payment_of(story, subscription_id))
    tell(story, subscription_id)

    (invoice,) = all_of(Invoice)
    assert (invoice.status, invoice.revoked_by, invoice.paid_at) == (InvoiceStatus.OPEN, RevokedBy.RETURN, None)
    told = decision(patron)
    assert (told.state, told.flags, "sent the payment back" in told.reason) == ("ended", frozenset(), True)
    assert letters() == ["welcome", "debit_returned"]
    assert "grace_until" not in all_of(Letter)[-1].values


def test_a_renewal_that_came_back_is_late_like_any_other(story, member, later):
    patron, subscription_id = member
    later(days=32)
    story.gateway.renew(subscription_id)
    tell(story, subscription_id)
    later(days=45)
    story.gateway.send_back(payment_of(story, subscription_id))
    tell(story, subscription_id)

    assert (decision(patron).state, letters()[-1]) == ("grace", "debit_returned")
    assert "grace_until" in all_of(Letter)[-1].values
    later(days=60)
    assert decision(patron).state == "ended"


def test_what_is_paid_again_counts_again(story, member, later):
    patron, subscription_id = member
    story.gateway.send_back(payment_of(story, subscription_id))
    tell(story, subscription_id)
    charge_id = all_of(Payment)[0].stripe_charge_id
    later(days=1)
    story.gateway.renew(subscription_id)
    for _ in range(2):
        tell(story, subscription_id)
        story.record(fulfilment.look_up_charge(story.gateway, charge_id))

    (invoice,) = all_of(Invoice)
    assert (invoice.status, invoice.revoked_by, decision(patron).state) == (InvoiceStatus.PAID, None, "active")
    assert [one.returned_at is None for one in all_of(Payment)] == [False, True]
    assert letters() == ["welcome", "debit_returned", "receipt_renewal"]
    assert held()["subscription_income"] == -1000


def test_a_second_try_waits_until_the_first_is_known_to_have_come_back(story, member, later):
    _, subscription_id = member
    charge_id = all_of(Payment)[0].stripe_charge_id
    story.gateway.send_back(payment_of(story, subscription_id))
    later(days=1)
    story.gateway.renew(subscription_id)
    invoice = next(story.gateway.list_invoices_of(subscription_id))

    early = story.record(fulfilment.look_up_invoice(story.gateway, invoice.id))
    story.record(fulfilment.look_up_charge(story.gateway, charge_id))

    assert (early.awaited, [one.returned_at is None for one in all_of(Payment)]) == (1, [False, True])


@pytest.mark.parametrize("order", list(permutations(["charge", "invoice", "again"])))
def test_the_order_of_news_changes_nothing(story, member, order):
    patron, subscription_id = member
    charge_id, payment_id = all_of(Payment)[0].stripe_charge_id, payment_of(story, subscription_id)
    paid = fulfilment.look_up_payment(story.gateway, payment_id)
    story.gateway.send_back(payment_id)
    news = {
        "charge": fulfilment.look_up_charge(story.gateway, charge_id),
        "invoice": fulfilment.look_up_payment(story.gateway, payment_id),
        "again": paid,
    }
    for one in order:
        story.record(news[one])
    reconcile(lambda *_: {})

    settled = sum(one.net.minor for one in story.gateway.world.settlements.values())
    assert (decision(patron).flags, held()["stripe"], held()["returned_debits"]) == (frozenset(), settled, 500)
    assert all_of(Invoice)[0].status is InvoiceStatus.OPEN


def test_reconcile_finds_what_no_event_told(story, member, later):
    patron, subscription_id = member
    reconcile(lambda *_: {})
    later(days=20)
    reconcile(lambda *_: {})
    story.gateway.send_back(payment_of(story, subscription_id))
    report = reconcile(lambda *_: {})

    assert ([one.what for one in report.findings if not one.is_repaired], decision(patron).flags) == ([], frozenset())
    assert (all_of(Invoice)[0].status, letters()) == (InvoiceStatus.OPEN, ["welcome"])
    assert reconcile(lambda *_: {}).findings == ()


def test_whoever_paid_with_what_came_back_has_not_voted(app, story, member):
    patron, subscription_id = member
    story.gateway.send_back(payment_of(story, subscription_id))
    tell(story, subscription_id)
    since = utc_now() - timedelta(days=1)

    reading().info.update(carry(Policy(on_dispute=frozenset({Consequence.VOTES}))))
    assert service.list_taken_back(reading(), since) == {patron.id}


def test_a_membership_that_has_ended_owes_nothing(story, member):
    _, subscription_id = member
    payment_id = payment_of(story, subscription_id)
    story.gateway.send_back(payment_id)
    story.gateway.end(subscription_id)
    tell(story, subscription_id)

    assert next(one for one in all_of(Letter) if one.kind == "debit_returned").values["is_owed"] is False


def test_old_news_of_a_debit_brings_no_letter(story, gift, later):
    story.gateway.send_back(gift.payment_intent_id)
    later(days=20)
    story.fulfil(gift.id)

    assert letters() == ["receipt"]


def test_the_books_name_a_payment_that_counts_although_it_came_back(story, gift):
    story.gateway.send_back(gift.payment_intent_id)
    story.fulfil(gift.id)
    (payment,) = all_of(Payment)
    assert returned_otherwise(reading()) == []

    with transaction() as session:
        session.get_one(Payment, payment.id).returned_at = None
    assert returned_otherwise(reading()) == [payment.receipt_number, "eur"]
    with transaction() as session:
        session.get_one(Payment, payment.id).returned_at = utc_now()


def test_a_payout_that_fails_long_after_is_found_by_its_movement(story, gift, later):
    (payout_id,) = story.gateway.pay_out()
    story.gateway.arrive(payout_id)
    reconcile(lambda *_: {})
    later(days=40)
    reconcile(lambda *_: {})
    story.gateway.fail_payout(payout_id)

    report = reconcile(lambda *_: {})

    assert (report.left, all_of(Payout)[0].status) == (0, PayoutStatus.FAILED)
    assert held() == {"stripe": 1945, "fees": 55, "donation_income": -2000}
    assert reconcile(lambda *_: {}).findings == ()
