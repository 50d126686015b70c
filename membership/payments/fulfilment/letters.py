"""Letters about money: each about one thing, once, and only while it is news."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from membership.mail import service as mail
from membership.money import Money
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
# Built once: each renewal asks it.
_PAID = select(func.count()).where(
    Invoice.subscription_id == bindparam("subscription_id"), Invoice.status == InvoiceStatus.PAID
)


def write_about_invoice(
    session: Session, invoice: Invoice, payment: Payment | None, now: datetime, *, is_again: bool = False
) -> None:
    """Welcome the patron, thank for a renewal, or say that a payment is late; `is_again`: it had come back before."""
    first = invoice.period_starts_at <= invoice.subscription.started_at and not is_again
    if invoice.status is InvoiceStatus.PAID and first:
        _welcome(session, invoice, payment, now)
    elif invoice.status is InvoiceStatus.PAID and payment is not None:
        _thank_for_renewal(session, invoice, payment, now)
    elif not first and rules.has_failed(invoice.status, invoice.attempts) and invoice.first_failed_at is not None:
        _say_late(session, invoice, invoice.first_failed_at, now)


def _welcome(session: Session, invoice: Invoice, payment: Payment | None, now: datetime) -> None:
    subscription = invoice.subscription
    if _is_news(subscription.started_at, now):
        values = subscriptions.amount_of(invoice.asked) | _links(session, subscription)
        values["tier"] = invoice.asked.tier.name
        values |= _with_code(session, subscription, now)
        if payment is not None:
            number = payment.receipt_number
            values |= {"paid": _amount(payment.gross), "paid_at": payment.paid_at.isoformat()}
            values |= {"receipt_number": number, "receipt_url": f"/account/receipts/{number}"}
        _to_patron(session, "welcome", subscription, subscription.id, **values)


def _with_code(session: Session, subscription: Subscription, now: datetime) -> dict[str, Any]:
    """Tell what a code makes of what is given: for ever, or until the whole is asked."""
    reduction = subscriptions.find_reduction(session, subscription, now)
    if reduction is None:
        return {}
    if reduction.full_at is None:
        return {"amount": _amount(reduction.amount)}
    less = {"reduced": _amount(reduction.amount), "is_first": reduction.payments == 1}
    return less | {"full_at": reduction.full_at.isoformat()}


def _thank_for_renewal(session: Session, invoice: Invoice, payment: Payment, now: datetime) -> None:
    if _is_news(payment.paid_at, now):
        subscription, ends_at = invoice.subscription, invoice.period_ends_at.isoformat()
        values = _receipt(payment) | _links(session, subscription) | {"tier": invoice.asked.tier.name}
        _to_patron(session, "receipt_renewal", subscription, payment.id, **values, period_ends_at=ends_at)


def _links(session: Session, subscription: Subscription) -> dict[str, int]:
    """Return the links by which she can stop without signing in; and while it is young, say that she meant once."""
    links = {"stop_link": subscriptions.link_for(session, subscription, Purpose.STOP)}
    if (session.scalar(_PAID, {"subscription_id": subscription.id}) or 0) <= 2:
        links["once_link"] = subscriptions.link_for(session, subscription, Purpose.ONCE)
    return links


def _say_late(session: Session, invoice: Invoice, first_failed_at: datetime, now: datetime) -> None:
    subscription = invoice.subscription
    until = rules.grace_until(first_failed_at, subscription.price.tier.grace_days)
    # Of a debit that came back there is a letter already.
    is_told = invoice.revoked_by is RevokedBy.RETURN
    if now < until and not subscription.status.is_final and not is_told:
        values = {
            "amount": _amount(Money(invoice.total_minor, invoice.total_currency)),
            "grace_until": until.isoformat(),
            "is_hopeless": rules.is_hopeless(invoice.decline_code),
            "stop_link": subscriptions.link_for(session, subscription, Purpose.STOP),
        }
        _to_patron(session, "payment_late", subscription, invoice.id, **values)


def write_about_gift(session: Session, payment: Payment, now: datetime) -> None:
    """Send the receipt of a one-off gift to whoever gave it."""
    donation = payment.donation
    if donation is not None and donation.email is not None and _is_news(payment.paid_at, now):
        to, locale = donation.email, donation.locale
        mail.write(session, "receipt", to=to, locale=locale, about=str(payment.id), **_receipt(payment))


def write_about_end(session: Session, subscription: Subscription, now: datetime) -> None:
    """Say that a subscription is over."""
    ended_at = subscription.ended_at
    if subscription.status is SubscriptionStatus.ENDED and ended_at is not None and _is_news(ended_at, now):
        is_unpaid = subscription.end_reason == "payment_failed" or subscriptions.is_given_up(session, subscription.id)
        _to_patron(session, "ended", subscription, subscription.id, is_unpaid=is_unpaid)


def write_about_return(session: Session, payment: Payment, now: datetime) -> None:
    """Say that the bank sent a debit back, and what to do."""
    returned_at, donation, invoice = payment.returned_at, payment.donation, payment.invoice
    if returned_at is None or not _is_news(returned_at, now):
        return
    values: dict[str, Any] = {"amount": _amount(payment.gross), "receipt_number": payment.receipt_number}
    if invoice is not None:
        values |= {"is_owed": not invoice.subscription.status.is_final, **_borne(invoice)}
        values["stop_link"] = subscriptions.link_for(session, invoice.subscription, Purpose.STOP)
        _to_patron(session, "debit_returned", invoice.subscription, payment.id, **values)
    elif donation is not None and donation.email is not None:
        to, about = donation.email, str(payment.id)
        mail.write(session, "debit_returned", to=to, locale=donation.locale, about=about, is_owed=False, **values)


def _borne(invoice: Invoice) -> dict[str, str]:
    """Return until when a renewal that came back is borne with; nothing was ever paid before a first one."""
    is_first = invoice.period_starts_at <= invoice.subscription.started_at
    if is_first or invoice.first_failed_at is None or not rules.has_failed(invoice.status, invoice.attempts):
        return {}
    until = rules.grace_until(invoice.first_failed_at, invoice.subscription.price.tier.grace_days)
    return {"grace_until": until.isoformat()}


def write_about_refund(session: Session, refund: Refund, now: datetime) -> None:
    """Say that money is on its way back."""
    if refund.status is not RefundStatus.SUCCEEDED or not _is_news(refund.created_at, now):
        return
    values: dict[str, Any] = {"amount": _amount(refund.amount), "receipt_number": refund.payment.receipt_number}
    donation, invoice = refund.payment.donation, refund.payment.invoice
    if invoice is not None:
        _to_patron(session, "refunded", invoice.subscription, refund.id, **values)
    elif donation is not None and donation.email is not None:
        mail.write(session, "refunded", to=donation.email, locale=donation.locale, about=str(refund.id), **values)


def _to_patron(session: Session, kind: str, subscription: Subscription, about: int, **values: Any) -> None:
    patron = subscription.patron
    if patron.email is not None:
        told = {"tier": subscription.price.tier.name} | values
        mail.write(session, kind, to=patron.email, locale=patron.locale, about=str(about), **told)


def _receipt(payment: Payment) -> dict[str, Any]:
    honoured = {"honouree": payment.donation.honouree} if payment.donation and payment.donation.honouree else {}
    return honoured | {
        "amount": _amount(payment.gross),
        "paid_at": payment.paid_at.isoformat(),
        "receipt_number": payment.receipt_number,
    }


def _amount(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}


def _is_news(moment: datetime, now: datetime) -> bool:
    return now - moment <= NEWS
