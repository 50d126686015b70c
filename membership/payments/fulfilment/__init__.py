"""Money that came in: first the facts as Stripe tells them now, then one transaction that records them.

The page after checkout, the worker on an event and the reconciler all come through here, sometimes at the same moment.
"""

from membership.payments.fulfilment.checkouts import END_REFUSED, refusal_of
from membership.payments.fulfilment.facts import (
    Facts,
    look_up_charge,
    look_up_checkout,
    look_up_dispute,
    look_up_fraud_warning,
    look_up_invoice,
    look_up_payment,
    look_up_payout,
    look_up_refund,
    look_up_subscription,
)
from membership.payments.fulfilment.offline import give_back_offline, take_offline
from membership.payments.fulfilment.ownership import sessions_behind
from membership.payments.fulfilment.recording import record, record_all
from membership.payments.fulfilment.verdicts import Outcome, Verdict

__all__ = [
    "END_REFUSED",
    "Facts",
    "Outcome",
    "Verdict",
    "give_back_offline",
    "look_up_charge",
    "look_up_checkout",
    "look_up_dispute",
    "look_up_fraud_warning",
    "look_up_invoice",
    "look_up_payment",
    "look_up_payout",
    "look_up_refund",
    "look_up_subscription",
    "record",
    "record_all",
    "refusal_of",
    "sessions_behind",
    "take_offline",
]
