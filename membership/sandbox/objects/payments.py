"""Payment intents, charges and refunds."""

from membership.sandbox.cards import Decline
from membership.sandbox.objects import SELLER, nulls
from membership.sandbox.store import Object
from membership.sandbox.world import World

NO_INTENT_FIELDS = (
    "allowed_payment_method_types application application_fee_amount canceled_at cancellation_reason customer_account "
    "description excluded_payment_method_types last_payment_error latest_charge next_action on_behalf_of "
    "payment_method payment_method_configuration_details processing receipt_email review setup_future_usage shipping "
    "source statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
)
NO_SETUP_FIELDS = (
    "allowed_payment_method_types application cancellation_reason customer_account description "
    "excluded_payment_method_types flow_directions last_setup_error latest_attempt mandate next_action on_behalf_of "
    "payment_method payment_method_configuration_details single_use_mandate"
)
NO_CHARGE_FIELDS = (
    "application application_fee application_fee_amount balance_transaction failure_balance_transaction failure_code "
    "failure_message on_behalf_of receipt_number review shipping source source_transfer "
    "statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
)


def payment_intent(world: World, amount: int, currency: str, customer: str | None, **given: object) -> Object:
    """Render a payment that nobody has tried yet."""
    id = world.store.new_id("payment_intent")
    own = {
        "id": id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id}_secret_sandbox",
        "confirmation_method": "automatic",
        "created": world.now(),
        "currency": currency,
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "payment_method_options": {"card": nulls("installments mandate_options network") | ASKS_BY_ITSELF},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
    }
    return nulls(NO_INTENT_FIELDS) | own | given


def setup_intent(world: World, customer: str | None, **given: object) -> Object:
    """Render the wish to keep a payment method for later."""
    id = world.store.new_id("setup_intent")
    own = {
        "id": id,
        "object": "setup_intent",
        "automatic_payment_methods": None,
        "client_secret": f"{id}_secret_sandbox",
        "created": world.now(),
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "payment_method_options": {"card": {"mandate_options": None, "network": None} | ASKS_BY_ITSELF},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
    }
    return nulls(NO_SETUP_FIELDS) | own | given


ASKS_BY_ITSELF = {"request_three_d_secure": "automatic"}


def charge(world: World, intent: Object, method: Object, decline: Decline | None, *, risk: str = "normal") -> Object:
    """Render one try to take the money, and how it ended."""
    id, has_paid = world.store.new_id("charge"), decline is None
    own = {
        "id": id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if has_paid else 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "captured": has_paid,
        "created": world.now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "metadata": dict(intent["metadata"]),
        "outcome": outcome(decline, risk),
        "paid": has_paid,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(method, intent["amount"]),
        "receipt_email": intent["receipt_email"],
        "receipt_url": f"https://pay.stripe.com/receipts/{id}" if has_paid else None,
        "refunded": False,
        "status": "succeeded" if has_paid else "failed",
    }
    same = {"calculated_statement_descriptor": SELLER.upper(), "disputed": False, "livemode": False}
    failed = {"failure_code": decline.code, "failure_message": decline.message} if decline else {}
    return nulls(NO_CHARGE_FIELDS) | same | {"fraud_details": {}, "radar_options": {}} | own | failed


def _details(method: Object, amount: int) -> Object:
    if method["type"] == "card":
        return {"card": card_details(method["card"], amount), "type": "card"}
    shared = ("bank_code", "branch_code", "country", "fingerprint", "last4")
    account = {name: method["sepa_debit"][name] for name in shared} | {"mandate": None}
    return {"sepa_debit": account, "type": "sepa_debit"}


def outcome(decline: Decline | None, risk: str) -> Object:
    """Render what the bank said, or Radar before it was asked."""
    said = nulls("advice_code network_advice_code network_decline_code reason") | {"risk_level": risk}
    if decline is None:
        good = {"network_status": "approved_by_network", "seller_message": "Payment complete.", "type": "authorized"}
        return said | good
    if decline.is_blocked:
        words = {"network_status": "not_sent_to_network", "reason": "highest_risk_level", "type": "blocked"}
        return said | words | {"seller_message": "Stripe blocked this payment as too risky."}
    return said | {
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "seller_message": "The bank returned a decline code.",
        "type": "issuer_declined",
    }


def card_details(card: Object, amount: int) -> Object:
    """Render the card behind a charge."""
    shared = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    details = {"amount_authorized": amount, "network": card["brand"], "regulated_status": card["regulated_status"]}
    empty = nulls("authorization_code installments mandate network_transaction_id three_d_secure")
    return empty | details | {name: card[name] for name in shared}


def refund(world: World, charge: Object, amount: int, **given: object) -> Object:
    """Render money that goes back to whoever paid."""
    own = {
        "id": world.store.new_id("refund"),
        "object": "refund",
        "amount": amount,
        "charge": charge["id"],
        "created": world.now(),
        "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund", "reference_status": "pending"}, "type": "card"},
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "status": "succeeded",
    }
    empty = nulls("balance_transaction reason receipt_number source_transfer_reversal transfer_reversal")
    return empty | own | given
