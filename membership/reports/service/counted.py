"""Every movement of money that reports count, as one query: payments, refunds, and what only the journal tells."""

from sqlalchemy import ColumnElement, case, func, literal, literal_column, or_, select, union_all

from membership.donations import models as donations
from membership.donations.models import Donation, Method
from membership.ledger.models import Account, Entry, JournalKind, JournalTransaction
from membership.payments.models import BalanceTransaction, Dispute, Payment, Refund
from membership.reports.values import Kind, Purpose
from membership.tiers.models import Tier

_PURPOSE = case(
    (Payment.id.is_(None), Purpose.OTHER.value),
    (Donation.method == Method.GRANT, Purpose.GRANT.value),
    (Donation.purpose == donations.Purpose.MEMBERSHIP, Purpose.GIFT.value),
    (Payment.donation_id.is_not(None), Purpose.DONATION.value),
    else_=Purpose.SUBSCRIPTION.value,
)
# What a donor added for the fees is income, and no gift.
_COVERED = func.coalesce(Donation.cover_minor, 0)
_ORIGIN = (
    func.coalesce(Payment.receipt_number, "").label("receipt_number"),
    _PURPOSE.label("purpose"),
    func.coalesce(Tier.slug, "").label("tier"),
    func.coalesce(Payment.source, "").label("source"),
)
_NOUGHT: ColumnElement[int] = literal_column("0")
_PAID = select(
    Payment.paid_at.label("moment"),
    literal(Kind.PAYMENT.value).label("kind"),
    *_ORIGIN,
    Payment.gross_currency.label("currency"),
    (Payment.gross_minor - _COVERED).label("gross"),
    _COVERED.label("covered"),
    _NOUGHT.label("refunded"),
    Payment.fee_minor.label("fee"),
    *(_NOUGHT.label(name) for name in ("returned", "disputed", "dispute_fees", "written_off")),
)
_PAID = _PAID.outerjoin(Tier, Tier.id == Payment.tier_id).outerjoin(Donation, Donation.id == Payment.donation_id)
# A refund counts when the journal says that it moved, and again, the other way, if it came back.
_CAUSES = [literal(cause).concat(Refund.stripe_refund_id) for cause in ("refund:", "refund_failed:")]
_CAUSES.append(literal("refund_offline:").concat(Refund.reference))
_REFUNDED = (
    select(
        JournalTransaction.occurred_at,
        literal(Kind.REFUND.value),
        *_ORIGIN,
        Entry.amount_currency,
        _NOUGHT,
        _NOUGHT,
        Entry.amount_minor,
        *(_NOUGHT for _ in range(5)),
    )
    .join(Entry, Entry.transaction_id == JournalTransaction.id)
    .join(Refund, JournalTransaction.cause.in_(_CAUSES))
    .join(Payment, Payment.id == Refund.payment_id)
    .outerjoin(Tier, Tier.id == Payment.tier_id)
    .outerjoin(Donation, Donation.id == Payment.donation_id)
    .where(Entry.account == Account.REFUNDS)
)

_GIVEN = (Account.SUBSCRIPTION_INCOME, Account.DONATION_INCOME, Account.GIFT_INCOME, Account.GRANT_INCOME)
_LOST = (Account.RETURNED_DEBITS, Account.DISPUTES, Account.DISPUTE_FEES, Account.WRITE_OFFS)
_MENDED = (*_GIVEN, Account.COVERED_FEES, Account.REFUNDS, Account.FEES)
_TOLD_BY_KIND = {
    JournalKind.RETURN: Kind.RETURN.value,
    JournalKind.DISPUTE: Kind.DISPUTE.value,
    JournalKind.WRITE_OFF: Kind.WRITE_OFF.value,
    JournalKind.REVERSAL: Kind.REVERSAL.value,
}


def _on(*accounts: Account, sign: int = 1) -> ColumnElement[int]:
    return case((Entry.account.in_(accounts), sign * Entry.amount_minor), else_=0)


def _after(prefix: str) -> ColumnElement[str]:
    return func.substr(JournalTransaction.cause, len(prefix) + 1)


_LINE = func.coalesce(JournalTransaction.stripe_balance_transaction_id, _after("reclassified:"))
_REVERSED_GIFT = (
    select(Donation.id)
    .where(JournalTransaction.kind == JournalKind.REVERSAL, Donation.reference == _after("reversal:offline:"))
    .correlate(JournalTransaction)
    .scalar_subquery()
)
_SENT_BACK = (JournalTransaction.kind == JournalKind.RETURN) & or_(
    Payment.stripe_charge_id == _after("returned:"),
    Payment.stripe_charge_id == BalanceTransaction.stripe_source_id,
)
# What was meant to be given once is taken from the one income and given to the other, each told as what it is.
_ONCE = "once:"
_IS_ONCE = JournalTransaction.cause.startswith(_ONCE)
_IS_GIFT_NOW = _IS_ONCE & (Entry.account == Account.DONATION_INCOME)
_ITS_PAYMENT = or_(
    Payment.id == Dispute.payment_id,
    Payment.donation_id == _REVERSED_GIFT,
    _SENT_BACK,
    _IS_ONCE & (Payment.stripe_payment_intent_id == _after(_ONCE)),
)
_ITS_ORIGIN = (
    func.coalesce(Payment.receipt_number, "").label("receipt_number"),
    case((_IS_GIFT_NOW, Purpose.DONATION.value), else_=_PURPOSE).label("purpose"),
    case((_IS_GIFT_NOW, ""), else_=func.coalesce(Tier.slug, "")).label("tier"),
    func.coalesce(Payment.source, "").label("source"),
)
_LEDGER_ONLY = (
    select(
        JournalTransaction.occurred_at,
        case(_TOLD_BY_KIND, value=JournalTransaction.kind, else_=Kind.REVERSAL.value),
        *_ITS_ORIGIN,
        Entry.amount_currency,
        _on(*_GIVEN, sign=-1),
        _on(Account.COVERED_FEES, sign=-1),
        _on(Account.REFUNDS),
        _on(Account.FEES),
        *(_on(account) for account in _LOST),
    )
    .join(Entry, Entry.transaction_id == JournalTransaction.id)
    .outerjoin(BalanceTransaction, BalanceTransaction.stripe_balance_transaction_id == _LINE)
    .outerjoin(Dispute, Dispute.stripe_dispute_id == BalanceTransaction.stripe_source_id)
    .outerjoin(Payment, _ITS_PAYMENT)
    .outerjoin(Tier, Tier.id == Payment.tier_id)
    .outerjoin(Donation, Donation.id == Payment.donation_id)
    .where(
        or_(
            Entry.account.in_(_LOST),
            Entry.account.in_(_MENDED) & (JournalTransaction.kind == JournalKind.REVERSAL),
        )
    )
)
MOVEMENTS = union_all(_PAID, _REFUNDED, _LEDGER_ONLY).subquery("movements")
