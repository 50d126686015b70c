"""Checkouts: what became of the wish to give."""

from sqlalchemy.orm import Session

from membership.donations import service as donations
from membership.donations.models import Donation, Purpose
from membership.gateway.values import CheckoutSnapshot, CheckoutStatus, InvoiceSnapshot
from membership.jobs.service import enqueue
from membership.mail import service as mail
from membership.payments.fulfilment.facts import Facts
from membership.payments.fulfilment.ownership import Wish, find_wish, is_known
from membership.payments.fulfilment.verdicts import Verdict
from membership.subscriptions import rules
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import SubscriptionIntent

END_REFUSED = "debits.end_refused"
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
        return _complete(session, wish, checkout, facts)
    if checkout.status is CheckoutStatus.EXPIRED:
        _give_up(wish)
        return Verdict.RECORDED
    return Verdict.PENDING


def _remember(session: Session, wish: Wish, checkout: CheckoutSnapshot) -> None:
    if isinstance(wish, SubscriptionIntent):
        subscriptions.record_checkout(session, wish.reference, checkout)
    else:
        donations.record_checkout(session, wish.id, checkout)


def _complete(session: Session, wish: Wish, checkout: CheckoutSnapshot, facts: Facts) -> Verdict:
    if isinstance(wish, SubscriptionIntent):
        return _subscribe(session, wish, checkout, facts)
    return _give(session, wish, checkout, facts)


def _give_up(wish: Wish) -> None:
    if isinstance(wish, SubscriptionIntent):
        subscriptions.expire_intent(wish)
    else:
        donations.record_expired(wish)


def _subscribe(session: Session, intent: SubscriptionIntent, checkout: CheckoutSnapshot, facts: Facts) -> Verdict:
    if _is_paid(checkout, facts):
        subscriptions.complete_intent(intent)
        return Verdict.RECORDED
    refusal = refusal_of(checkout, facts)
    if refusal is not None and subscriptions.refuse_intent(intent, refusal):
        # Else the provider would go on and debit her for something that she was told has failed.
        enqueue(session, END_REFUSED, f"{END_REFUSED}:{checkout.id}", {"session_id": checkout.id})
        return Verdict.RECORDED
    bought = [one for one in facts.subscriptions if one.id == checkout.subscription_id]
    if any(rules.status_of(one.status).is_final for one in bought):
        subscriptions.expire_intent(intent)
    return Verdict.PENDING


def _is_paid(checkout: CheckoutSnapshot, facts: Facts) -> bool:
    return checkout.is_paid or any(one.status == "paid" for one in _asked(checkout, facts))


def _asked(checkout: CheckoutSnapshot, facts: Facts) -> list[InvoiceSnapshot]:
    return [one for one in facts.invoices if one.subscription_id == checkout.subscription_id]


def refusal_of(checkout: CheckoutSnapshot, facts: Facts) -> str | None:
    """Return why the bank refused what a standing order begins with; None if it was paid or may be on its way."""
    if checkout.subscription_id is None or _is_paid(checkout, facts):
        return None
    asked = {payment for one in _asked(checkout, facts) for payment in one.payment_intent_ids}
    tried = [one for one in facts.payments if one.id in asked]
    if not tried or any(one.status not in _NO_MONEY for one in tried):
        return None
    return next((one.decline_code for one in tried if one.decline_code), "unknown")


def _give(session: Session, donation: Donation, checkout: CheckoutSnapshot, facts: Facts) -> Verdict:
    payment = next((one for one in facts.payments if one.id == checkout.payment_intent_id), None)
    if payment is not None and payment.paid_at is not None:
        donations.record_paid(donation, payment.id, payment.paid_at)
        return Verdict.RECORDED
    if payment is not None and payment.status in _NO_MONEY and donations.record_failed(donation):
        _tell_refused(session, donation)
    return Verdict.PENDING


def _tell_refused(session: Session, donation: Donation) -> None:
    """Say that the bank refused what was to be given once, and where it can be tried again."""
    if donation.email is None:
        return
    is_membership = donation.purpose is Purpose.MEMBERSHIP
    again = "/gifts?" if is_membership else "/?interval=once&"
    mail.write(
        session,
        "gift_refused",
        to=donation.email,
        locale=donation.locale,
        about=donation.reference,
        amount={"minor": donation.amount.minor, "currency": donation.amount.currency},
        is_membership=is_membership,
        again_url=f"{again}currency={donation.amount.currency}",
    )
