"""Payments to look at, and the way back: a refund is written down, asked for, recorded."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from membership.audit.service import note
from membership.clock import utc_now
from membership.config import Consequence
from membership.gateway.protocol import PaymentGateway
from membership.gateway.values import RefundSnapshot
from membership.i18n import format_money
from membership.ledger.models import Account
from membership.ledger.service import balances, is_reversed, reverse
from membership.ledger.service import write_off as book_write_off
from membership.money import Money, admit_charge, exponent_of
from membership.payments.errors import (
    MoreThanHeld,
    NothingToRefund,
    ReasonMissing,
    RefundByProvider,
    RefundElsewhere,
    RefundOfNothing,
    RefundTooLarge,
    UnknownPayment,
)
from membership.payments.fulfilment import Facts, give_back_offline, record
from membership.payments.fulfilment.disputes import admit_refund
from membership.payments.models import Dispute, DisputeStatus, FraudWarning, Payment, Refund, RefundStatus
from membership.payments.policy import Policy, policy_of
from membership.words import clean_reason


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """What to ask the provider for, as plain values; the same plan may be asked for as often as need be."""

    payment_intent_id: str
    amount: Money
    reference: str
    created_at: datetime

    @property
    def key(self) -> str:
        return f"refund:{self.reference}"


def get_payment(session: Session, receipt_number: str) -> Payment:
    """Return a payment by the number of its receipt, or raise UnknownPayment."""
    return _known(session.scalar(select(Payment).filter_by(receipt_number=receipt_number)))


def list_payments_of(session: Session, patron_id: int) -> list[Payment]:
    """List a patron's payments, newest first."""
    mine = select(Payment).filter_by(patron_id=patron_id)
    return list(session.scalars(mine.order_by(Payment.paid_at.desc(), Payment.id.desc())))


def list_payments(session: Session, *, since: datetime, until: datetime) -> list[Payment]:
    """List everybody's payments from `since` to before `until`, newest first."""
    within = select(Payment).where(Payment.paid_at >= since, Payment.paid_at < until)
    return list(session.scalars(within.order_by(Payment.paid_at.desc(), Payment.id.desc())))


def list_refunds_of(session: Session, payment_id: int) -> list[Refund]:
    """List what was given back of a payment, oldest first."""
    return list(session.scalars(select(Refund).filter_by(payment_id=payment_id).order_by(Refund.id)))


def intend_refund(
    session: Session, receipt_number: str, *, reason: str, actor: str, amount: Money | None = None
) -> RefundPlan:
    """Write down that money goes back, all that is left unless an amount is named, before the provider is asked.

    Raises UnknownPayment, NothingToRefund, PaymentDisputed, RefundOfNothing, RefundTooLarge, AmountNotChargeable, and
    RefundElsewhere for what came past the provider; what is already on its way counts.
    """
    payment = _locked(session, receipt_number)
    if payment.stripe_payment_intent_id is None:
        raise RefundElsewhere
    if payment.returned_at is not None:
        raise NothingToRefund
    admit_refund(session, payment)
    if amount is not None:
        admit_charge(amount, "amount")
    refund = Refund(
        reference=f"ref_{secrets.token_hex(16)}",
        payment=payment,
        amount=_wanted(session, payment, amount),
        status=RefundStatus.STARTED,
        reason=reason,
        created_at=utc_now(),
    )
    session.add(refund)
    session.flush()
    note(session, actor=actor, action="payment.refund", subject=receipt_number, amount=refund.amount.minor)
    return _plan(refund)


def left_of(session: Session, payment: Payment) -> Money:
    """Return what of a payment can still be given back; what is on its way counts as gone."""
    taken = select(func.sum(Refund.amount_minor)).where(
        Refund.payment_id == payment.id, Refund.status != RefundStatus.FAILED
    )
    return payment.gross - Money(int(session.scalar(taken) or 0), payment.gross.currency)


def _wanted(session: Session, payment: Payment, amount: Money | None) -> Money:
    left = left_of(session, payment)
    if amount is not None and amount.minor <= 0:
        raise RefundOfNothing
    if left.minor <= 0:
        raise NothingToRefund
    wanted = left if amount is None else amount
    if wanted.currency != left.currency or not 0 < wanted.minor <= left.minor:
        raise RefundTooLarge
    return wanted


def record_return(
    session: Session, receipt_number: str, *, reason: str, actor: str, amount: Money | None = None
) -> Refund:
    """Record that what came past the provider went back the way it came: a cheque that bounced, a transfer returned.

    Raises UnknownPayment, NothingToRefund and RefundTooLarge; RefundByProvider for what came through the provider.
    """
    payment = _locked(session, receipt_number)
    if payment.stripe_payment_intent_id is not None:
        raise RefundByProvider
    refund = give_back_offline(session, payment, _wanted(session, payment, amount), reason, utc_now())
    note(session, actor=actor, action="payment.returned", subject=receipt_number, amount=refund.amount.minor)
    return refund


def plan_protection(session: Session, receipt_number: str, policy: Policy) -> RefundPlan | None:
    """Write down that a payment somebody warns of goes back, if the policy says so and anything is left of it."""
    if not policy.refunds_fraud(get_payment(session, receipt_number).gross.minor):
        return None
    try:
        return intend_refund(session, receipt_number, reason="early fraud warning", actor="policy")
    except NothingToRefund:
        return None


def subscription_behind(session: Session, receipt_number: str) -> str | None:
    """Return the subscription that a payment was for, by Stripe's id, if it still runs."""
    invoice = get_payment(session, receipt_number).invoice
    if invoice is None or invoice.subscription.status.is_final:
        return None
    return invoice.subscription.stripe_subscription_id


def list_taken_back(session: Session, since: datetime) -> set[int]:
    """Return the patrons whose votes do not count, by policy: their money was sent or taken back since a moment."""
    policy = policy_of(session)
    causes = []
    if Consequence.VOTES in policy.on_refund:
        sent = Refund.status.in_([RefundStatus.PENDING, RefundStatus.SUCCEEDED])
        causes.append(select(Refund.payment_id).where(sent, Refund.created_at >= since))
    if Consequence.VOTES in policy.on_dispute:
        causes.append(select(Payment.id).where(Payment.returned_at >= since))
        lost = Dispute.status.in_([DisputeStatus.OPEN, DisputeStatus.LOST])
        causes.append(select(Dispute.payment_id).where(lost, Dispute.opened_at >= since))
    if Consequence.VOTES in policy.on_fraud_warning:
        causes.append(select(FraudWarning.payment_id).where(FraudWarning.warned_at >= since))
    if not causes:
        return set()
    paid = select(Payment.patron_id).where(Payment.id.in_(union_all(*causes)), Payment.patron_id.is_not(None))
    return {patron_id for patron_id in session.scalars(paid) if patron_id is not None}


def write_off(session: Session, account: Account, amount: Money, *, reason: str, actor: str) -> str:
    """Give up a part of what an account holds and nobody will pay, or will claim where it is less than nothing.

    Returns the reference it is booked under. Raises ReasonMissing or MoreThanHeld.
    """
    if not clean_reason(reason):
        raise ReasonMissing
    reference = secrets.token_hex(8)
    # Before the sum is looked at: the log's lock lets one after the other give up what there is.
    note(
        session,
        actor=actor,
        action="ledger.write_off",
        subject=f"write_off:{reference}",
        account=account.value,
        amount=amount.minor,
        currency=amount.currency,
        reason=reason,
    )
    held = balances(session).get((account, amount.currency), 0)
    if amount.minor > abs(held):
        told = format_money(Money(held, amount.currency), exponent_of(amount.currency))
        raise MoreThanHeld(account=account.value, held=told)
    book_write_off(session, reference, utc_now(), account, amount if held > 0 else -amount)
    return reference


def undo_write_off(session: Session, reference: str, *, reason: str, actor: str) -> None:
    """Book back what was given up, for it was paid after all or never lost; once. Raises UnknownMovement."""
    cause = f"write_off:{reference}"
    if not is_reversed(session, cause):
        note(session, actor=actor, action="ledger.write_off_undone", subject=cause, reason=reason)
        reverse(session, cause, utc_now())


def _locked(session: Session, receipt_number: str) -> Payment:
    wanted = select(Payment).filter_by(receipt_number=receipt_number).with_for_update(of=Payment)
    return _known(session.scalar(wanted.execution_options(populate_existing=True)))


def _known(payment: Payment | None) -> Payment:
    if payment is None:
        raise UnknownPayment
    return payment


def _plan(refund: Refund) -> RefundPlan:
    payment_intent_id = refund.payment.stripe_payment_intent_id or ""
    return RefundPlan(payment_intent_id, refund.amount, refund.reference, refund.created_at)


def ask_refund(gateway: PaymentGateway, plan: RefundPlan) -> RefundSnapshot:
    """Ask the provider for the money back; no transaction may be open. Raises GatewayFailed."""
    return gateway.refund(plan.payment_intent_id, plan.amount, reference=plan.reference, key=plan.key)


def record_refund(session: Session, snapshot: RefundSnapshot) -> Refund:
    """Record what the provider made of a refund, and return it."""
    record(session, Facts(refunds=(snapshot,)))
    return session.scalars(select(Refund).filter_by(stripe_refund_id=snapshot.id)).one()


def fail_refund(session: Session, reference: str) -> None:
    """Record that the provider refused a refund or never made it, so that another can be tried."""
    wanted = select(Refund).filter_by(reference=reference).with_for_update(of=Refund)
    refund = session.scalars(wanted.execution_options(populate_existing=True)).one()
    if refund.status is RefundStatus.STARTED:
        refund.status = RefundStatus.FAILED


def list_stuck_refunds(session: Session, before: datetime) -> list[RefundPlan]:
    """List the refunds that were written down before a moment and never got an answer."""
    stuck = select(Refund).where(Refund.status == RefundStatus.STARTED, Refund.created_at < before)
    return [_plan(refund) for refund in session.scalars(stuck.order_by(Refund.id))]
