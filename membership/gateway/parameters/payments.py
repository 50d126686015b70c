"""Money to send back."""

from typing import Any

from membership.money import Money


def refund(payment_intent_id: str, amount: Money, reference: str) -> Any:
    """Describe money to send back; its currency is the payment's."""
    return {"payment_intent": payment_intent_id, "amount": amount.minor, "metadata": {"reference": reference}}
