"""Disputes, their evidence, and warnings of fraud that come before them."""

from membership.sandbox.objects import nulls
from membership.sandbox.store import Object
from membership.sandbox.world import World

EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal "
    "customer_communication customer_email_address customer_name customer_purchase_ip customer_signature "
    "duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt "
    "refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number "
    "uncategorized_file uncategorized_text"
)
# The codes of Visa, by what the buyer says.
NETWORK_CODES = {
    "credit_not_processed": "13.7",
    "duplicate": "12.6.1",
    "fraudulent": "10.4",
    "general": "10.4",
    "product_not_received": "13.1",
    "product_unacceptable": "13.3",
    "subscription_canceled": "13.2",
    "unrecognized": "10.4",
}


def dispute(world: World, charge: Object, *, amount: int, reason: str, status: str, due_by: int) -> Object:
    """Render a dispute of a charge, before any money has moved."""
    card = charge["payment_method_details"]["card"]
    code = NETWORK_CODES[reason]
    details = {
        "brand": card["brand"],
        "network": card["network"],
        "case_type": "inquiry" if status.startswith("warning") else "chargeback",
    }
    return {
        "id": world.store.new_id("dispute"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": nulls(EVIDENCE) | {"enhanced_evidence": {}},
        "evidence_details": _evidence_details(due_by),
        "intended_submission_method": "prefer_manual",
        "is_charge_refundable": status.startswith("warning"),
        "livemode": False,
        "metadata": {},
        "network_reason_code": code,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": details | {"network_reason_code": code}, "type": "card"},
        "reason": reason,
        "status": status,
    }


def _evidence_details(due_by: int) -> Object:
    return {
        "due_by": due_by,
        "enhanced_eligibility": {},
        "has_evidence": False,
        "past_due": False,
        "submission_count": 0,
        "submission_method": "not_submitted",
    }


def early_fraud_warning(world: World, charge: Object, fraud_type: str) -> Object:
    """Render that a bank believes a charge to be fraud."""
    return {
        "id": world.store.new_id("radar.early_fraud_warning"),
        "object": "radar.early_fraud_warning",
        "actionable": not (charge["refunded"] or charge["disputed"]),
        "charge": charge["id"],
        "created": world.now(),
        "fraud_type": fraud_type,
        "livemode": False,
        "payment_intent": charge["payment_intent"],
    }
