"""Record facts: mirrors, books and letters in the one transaction of the caller, as often as anybody likes."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.gateway.values import InvoiceSnapshot, PaymentSnapshot, SubscriptionSnapshot
from membership.payments.fulfilment import bookings, letters
from membership.payments.fulfilment.checkouts import record_checkout
from membership.payments.fulfilment.facts import Facts
from membership.payments.fulfilment.ownership import Verdict, judge_stranger, lock
from membership.payments.fulfilment.refunds import record_refund
from membership.payments.models import Payment, Refund
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import Invoice, Subscription


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many snapshots met which end."""

    recorded: int = 0
    pending: int = 0
    awaited: int = 0
    ignored: int = 0


def record(session: Session, facts: Facts, *, quiet: bool = False) -> Outcome:
    """Make our rows say what the facts say; nothing happens twice, whoever else records the same. Quiet: no letters."""
    lock(session, facts)
    rows = _Rows()
    verdicts = Counter(_mirror(session, facts, rows, quiet))
    session.flush()
    if not quiet:
        letters.write_about(session, rows, utc_now())
    return Outcome(**{verdict.value: verdicts[verdict] for verdict in Verdict})
