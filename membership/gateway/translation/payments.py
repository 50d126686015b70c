"""Payment intents, refunds, balance transactions, in our own words."""

from membership.gateway.translation.fields import Expanded, id_of, moment, reference_of
from membership.gateway.values import (
    ChargeSnapshot,
    PaymentSnapshot,
    RefundSnapshot,
    ReturnedDebit,
    SettlementSnapshot,
)
from membership.money import Money


def payment(intent: Expanded, refunds: tuple[RefundSnapshot, ...] = ()) -> PaymentSnapshot:
    """Read a payment intent with both balance transactions of its latest charge expanded."""
    charge = intent.latest_charge if intent.status == "succeeded" else None
    return PaymentSnapshot(
        id=intent.id,
        status=intent.status,
        amount=Money(intent.amount, intent.currency),
        reference=reference_of(intent),
        customer_id=id_of(intent.customer),
        charge_id=charge.id if charge else None,
        paid_at=moment(charge.created) if charge else None,
        settlement=settlement_or_none(charge.balance_transaction) if charge else None,
        refunds=refunds,
        decline_code=_decline_code(intent),
        returned=_returned(intent.latest_charge) if intent.latest_charge else None,
    )


def charge(found: Expanded) -> ChargeSnapshot:
    """Read a charge with both of its balance transactions expanded."""
    return ChargeSnapshot(payment_intent_id=id_of(found.payment_intent), returned=_returned(found))


def _returned(found: Expanded) -> ReturnedDebit | None:
    payment_intent_id = id_of(found.payment_intent)
    if not found.failure_balance_transaction or payment_intent_id is None:
        return None
    return ReturnedDebit(
        id=found.id,
        payment_intent_id=payment_intent_id,
        settlement=settlement_or_none(found.balance_transaction),
        failure=settlement(found.failure_balance_transaction),
    )


def _decline_code(intent: Expanded) -> str | None:
    failed = intent.last_payment_error if intent.status == "requires_payment_method" else None
    # A debit has a code only, and none of a card network.
    code = failed.decline_code if failed and "decline_code" in failed else None
    return code or (failed.code if failed else None)


def refund(found: Expanded) -> RefundSnapshot:
    """Read a refund with its `balance_transaction` expanded."""
    return RefundSnapshot(
        id=found.id,
        payment_intent_id=id_of(found.payment_intent) or "",
        amount=Money(found.amount, found.currency),
        status=found.status,
        reference=reference_of(found),
        settlement=settlement_or_none(found.balance_transaction),
        created_at=moment(found.created),
        # Absent until a refund has failed.
        failure=settlement_or_none(found.failure_balance_transaction)
        if "failure_balance_transaction" in found
        else None,
    )


def settlement(found: Expanded) -> SettlementSnapshot:
    """Read a balance transaction."""
    return SettlementSnapshot(
        id=found.id,
        source_id=id_of(found.source),
        category=found.reporting_category,
        gross=Money(found.amount, found.currency),
        fee=Money(found.fee, found.currency),
        net=Money(found.net, found.currency),
        created_at=moment(found.created),
    )


def settlement_or_none(found: Expanded) -> SettlementSnapshot | None:
    """Read a balance transaction, if there is one yet."""
    return settlement(found) if found else None
