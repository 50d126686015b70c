"""Checkouts: what became of the wish to give."""

from sqlalchemy.orm import Session

from membership.donations import service as donations
from membership.donations.models import Donation
from membership.gateway.values import CheckoutSnapshot, CheckoutStatus
from membership.payments.fulfilment.facts import Facts
from membership.payments.fulfilment.ownership import Verdict, Wish, find_wish, is_known
from membership.subscriptions import rules
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import SubscriptionIntent

_NO_MONEY = {"requires_payment_method", "canceled"}


def record_checkout(session: Session, checkout: CheckoutSnapshot, facts: Facts) -> Verdict:
    """Record whether the wish behind a checkout was paid, was given up, or waits."""
    wish = find_wish(session, checkout)
    if wish is None:
        # A reference of ours on a checkout that is not ours has been copied.
        is_new = checkout.reference and not is_known(session, checkout.reference)
        return Verdict.AWAITED if is_new else Verdict.IGNORED
    if wish.stripe_session_id is None:
        _remember(session, wish, checkout)
    if checkout.status is CheckoutStatus.COMPLETE:
        return _complete(wish, checkout, facts)
    if checkout.status is CheckoutStatus.EXPIRED:
        _give_up(wish)
        return Verdict.RECORDED
    return Verdict.PENDING


def _remember(session: Session, wish: Wish, checkout: CheckoutSnapshot) -> None:
    if isinstance(wish, SubscriptionIntent):
        subscriptions.record_checkout(session, wish.reference, checkout)
    else:
        donations.record_checkout(session, wish.id, checkout)


def _complete(wish: Wish, checkout: CheckoutSnapshot, facts: Facts) -> Verdict:
    if isinstance(wish, SubscriptionIntent):
        return _subscribe(wish, checkout, facts)
    return _give(wish, checkout, facts)


def _give_up(wish: Wish) -> None:
    if isinstance(wish, SubscriptionIntent):
        subscriptions.expire_intent(wish)
    else:
        donations.record_expired(wish)


def _subscribe(intent: SubscriptionIntent, checkout: CheckoutSnapshot, facts: Facts) -> Verdict:
    mine = [one for one in facts.invoices if one.subscription_id == checkout.subscription_id]
    if checkout.is_paid or any(one.status == "paid" for one in mine):
        subscriptions.complete_intent(intent)
        return Verdict.RECORDED
    bought = [one for one in facts.subscriptions if one.id == checkout.subscription_id]
    if any(rules.status_of(one.status).is_final for one in bought):
        subscriptions.expire_intent(intent)
    return Verdict.PENDING


def _give(donation: Donation, checkout: CheckoutSnapshot, facts: Facts) -> Verdict:
    payment = next((one for one in facts.payments if one.id == checkout.payment_intent_id), None)
    if payment is not None and payment.paid_at is not None:
        donations.record_paid(donation, payment.id, payment.paid_at)
        return Verdict.RECORDED
    if payment is not None and payment.status in _NO_MONEY:
        donations.record_failed(donation)
    return Verdict.PENDING
