"""Letters about money: each about one thing, once, and only while it is news."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from membership.donations.models import Donation
from membership.donations.models import Purpose as DonationPurpose
from membership.money import Money
from membership.payments.fulfilment.posting import Post
from membership.payments.models import Payment, Refund, RefundStatus
from membership.subscriptions import rules
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import (
    Invoice,
    InvoiceStatus,
    Purpose,
    RevokedBy,
    Subscription,
    SubscriptionStatus,
)

NEWS = timedelta(days=14)


def write_about_invoice(
    post: Post, invoice: Invoice, payment: Payment | None, now: datetime, *, is_again: bool = False
) -> None:
    """Welcome the patron, thank for a renewal, or say that a payment is late; `is_again`: it had come back before."""
    first = invoice.period_starts_at <= invoice.subscription.started_at and not is_again
    if invoice.status is InvoiceStatus.PAID and first:
        _welcome(post, invoice, payment, now)
    elif invoice.status is InvoiceStatus.PAID and payment is not None:
        _thank_for_renewal(post, invoice, payment, now)
    elif not first and rules.has_failed(invoice.status, invoice.attempts) and invoice.first_failed_at is not None:
        _say_late(post, invoice, invoice.first_failed_at, now)


def _welcome(post: Post, invoice: Invoice, payment: Payment | None, now: datetime) -> None:
    subscription = invoice.subscription
    if _is_news(subscription.started_at, now):
        values = subscriptions.amount_of(invoice.asked)
        values["tier"] = invoice.asked.tier.name
        values |= _with_code(post.session, subscription, now)
        if payment is not None:
            number = payment.receipt_number
            values |= {"paid": _amount(payment.gross), "paid_at": payment.paid_at.isoformat()}
            values |= {"receipt_number": number, "receipt_url": f"/account/receipts/{number}"}
        post.to_patron("welcome", subscription, subscription.id, values, (Purpose.STOP, Purpose.ONCE))


def _with_code(session: Session, subscription: Subscription, now: datetime) -> dict[str, Any]:
    """Tell what a code makes of what is given: for ever, or until the whole is asked."""
    reduction = subscriptions.find_reduction(session, subscription, now)
    if reduction is None:
        return {}
    if reduction.full_at is None:
        return {"amount": _amount(reduction.amount)}
    less = {"reduced": _amount(reduction.amount), "is_first": reduction.payments == 1}
    return less | {"full_at": reduction.full_at.isoformat()}


def _thank_for_renewal(post: Post, invoice: Invoice, payment: Payment, now: datetime) -> None:
    if _is_news(payment.paid_at, now):
        values = _receipt(payment) | {"tier": invoice.asked.tier.name}
        values["period_ends_at"] = invoice.period_ends_at.isoformat()
        links = Purpose.STOP, Purpose.ONCE
        post.to_patron("receipt_renewal", invoice.subscription, payment.id, values, links)


def _say_late(post: Post, invoice: Invoice, first_failed_at: datetime, now: datetime) -> None:
    subscription = invoice.subscription
    until = rules.grace_until(first_failed_at, subscription.price.tier.grace_days)
    # Of a debit that came back there is a letter already.
    is_told = invoice.revoked_by is RevokedBy.RETURN
    if now < until and not subscription.status.is_final and not is_told:
        values = {
            "amount": _amount(Money(invoice.total_minor, invoice.total_currency)),
            "grace_until": until.isoformat(),
            "is_hopeless": rules.is_hopeless(invoice.decline_code),
        }
        post.to_patron("payment_late", subscription, invoice.id, values, [Purpose.STOP])


def write_about_gift(post: Post, payment: Payment, now: datetime) -> None:
    """Send the receipt of a one-off gift to whoever gave it."""
    donation = payment.donation
    if donation is not None and donation.email is not None and _is_news(payment.paid_at, now):
        post.to_donor("receipt", donation.email, donation.locale, payment.id, _receipt(payment))


def write_about_end(post: Post, subscription: Subscription, now: datetime) -> None:
    """Say that a subscription is over."""
    ended_at = subscription.ended_at
    if subscription.status is SubscriptionStatus.ENDED and ended_at is not None and _is_news(ended_at, now):
        given_up = subscriptions.is_given_up(post.session, subscription.id)
        is_unpaid = subscription.end_reason == "payment_failed" or given_up
        post.to_patron("ended", subscription, subscription.id, {"is_unpaid": is_unpaid})


def write_about_return(post: Post, payment: Payment, now: datetime) -> None:
    """Say that the bank sent a debit back, and what to do."""
    returned_at, donation, invoice = payment.returned_at, payment.donation, payment.invoice
    if returned_at is None or not _is_news(returned_at, now):
        return
    values: dict[str, Any] = {"amount": _amount(payment.gross), "receipt_number": payment.receipt_number}
    if invoice is not None:
        values |= {"is_owed": not invoice.subscription.status.is_final, **_borne(invoice)}
        post.to_patron("debit_returned", invoice.subscription, payment.id, values, [Purpose.STOP])
    elif donation is not None and donation.email is not None:
        values["is_owed"] = False
        post.to_donor("debit_returned", donation.email, donation.locale, payment.id, values)


def _borne(invoice: Invoice) -> dict[str, str]:
    """Return until when a renewal that came back is borne with; nothing was ever paid before a first one."""
    is_first = invoice.period_starts_at <= invoice.subscription.started_at
    if is_first or invoice.first_failed_at is None or not rules.has_failed(invoice.status, invoice.attempts):
        return {}
    until = rules.grace_until(invoice.first_failed_at, invoice.subscription.price.tier.grace_days)
    return {"grace_until": until.isoformat()}


def write_about_refund(post: Post, refund: Refund, now: datetime, *, is_newly_failed: bool) -> None:
    """Say that money is on its way back, or that it did not arrive: her bank may need weeks to find that out."""
    if is_newly_failed:
        _write_about_refund(post, "refund_failed", refund)
    elif refund.status is RefundStatus.SUCCEEDED and _is_news(refund.created_at, now):
        _write_about_refund(post, "refunded", refund)


def _write_about_refund(post: Post, kind: str, refund: Refund) -> None:
    values: dict[str, Any] = {"amount": _amount(refund.amount), "receipt_number": refund.payment.receipt_number}
    donation, invoice = refund.payment.donation, refund.payment.invoice
    if invoice is not None:
        post.to_patron(kind, invoice.subscription, refund.id, values | {"is_membership": False})
    elif donation is not None and donation.email is not None:
        is_whole = refund.payment.refunded_minor + refund.amount.minor == refund.payment.gross.minor
        values["is_membership"] = is_whole and donation.purpose is DonationPurpose.MEMBERSHIP
        post.to_donor(kind, donation.email, donation.locale, refund.id, values)


def _receipt(payment: Payment) -> dict[str, Any]:
    told = _of_gift(payment.donation) if payment.donation else {}
    return told | {
        "amount": _amount(payment.gross),
        "paid_at": payment.paid_at.isoformat(),
        "receipt_number": payment.receipt_number,
    }


def _of_gift(donation: Donation) -> dict[str, Any]:
    told: dict[str, Any] = {"honouree": donation.honouree} if donation.honouree else {}
    return told | ({"gift": _amount(donation.gift), "cover": _amount(donation.cover)} if donation.cover_minor else {})


def _amount(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}


def _is_news(moment: datetime, now: datetime) -> bool:
    return now - moment <= NEWS
