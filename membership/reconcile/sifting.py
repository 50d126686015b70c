"""What of a portion of Stripe's lists must be looked at closely; all else is as it should be, or not ours."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from membership.gateway.values import (
    CheckoutSnapshot,
    CheckoutStatus,
    DisputeSnapshot,
    FraudWarningSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
    PayoutSnapshot,
    RefundSnapshot,
    ReturnedDebit,
    SettlementSnapshot,
    SubscriptionSnapshot,
)
from membership.payments.fulfilment import Facts
from membership.reconcile.grouping import Anything, each, names, roots
from membership.reconcile.rules import PAID, Known, compare


@dataclass(frozen=True, slots=True)
class Seen:
    """Something to look at closely, under the key of what it must be recorded with."""

    kind: str
    key: str
    snapshot: Anything


@dataclass(slots=True)
class Sifted:
    """What to look at closely, under which names it may be referred to, and what is of other products."""

    kept: list[Seen] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    moved_for_others: list[SettlementSnapshot] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def sift(facts: Facts, known: Known, kept_before: Mapping[str, str]) -> Sifted:
    """Keep whatever differs or may differ once more is known, and all that belongs to something kept before."""
    differing = {one.object_id for one in compare(facts, known)}
    sifted, keys = Sifted(), dict(kept_before)
    for kind, snapshot in each(facts):
        mine = roots(snapshot)
        key = next((keys[name] for name in mine if name in keys), None)
        if key is not None or snapshot.id in differing or _may_differ(snapshot, known):
            key = key or mine[0]
            sifted.kept.append(Seen(kind, key, snapshot))
            fresh = {name: key for name in names(snapshot) if name not in keys}
            sifted.names |= fresh
            keys |= fresh
        elif not _is_known(snapshot, known):
            sifted.others[kind] += 1
            if isinstance(snapshot, SettlementSnapshot):
                sifted.moved_for_others.append(snapshot)
    return sifted


def _may_differ(snapshot: Anything, known: Known) -> bool:
    """Whether something of ours looks right by itself, but what hangs on it is not here."""
    match snapshot:
        case CheckoutSnapshot():
            status = known.wish(snapshot)
            if status is None or snapshot.status is not CheckoutStatus.COMPLETE:
                return False
            return status not in PAID or not _has_brought(snapshot, known)
        case InvoiceSnapshot():
            is_ours = snapshot.subscription_id in known.subscriptions
            return is_ours and not known.payments.issuperset(snapshot.payment_intent_ids)
    return False


def _has_brought(checkout: CheckoutSnapshot, known: Known) -> bool:
    if checkout.subscription_id is not None:
        return checkout.subscription_id in known.subscriptions
    return checkout.payment_intent_id is None or checkout.payment_intent_id in known.payments


def _is_known(snapshot: Anything, known: Known) -> bool:
    match snapshot:
        case CheckoutSnapshot():
            return known.wish(snapshot) is not None
        case SubscriptionSnapshot():
            return snapshot.id in known.subscriptions
        case InvoiceSnapshot():
            return snapshot.subscription_id in known.subscriptions
        case PaymentSnapshot():
            # One that came to nothing is nobody's sale.
            return snapshot.charge_id is None or snapshot.id in known.payments
        case RefundSnapshot():
            return snapshot.id in known.refunds
        case ReturnedDebit():
            return snapshot.id in known.charges
        case DisputeSnapshot():
            return snapshot.id in known.disputes
        case FraudWarningSnapshot():
            return snapshot.id in known.warnings
        case SettlementSnapshot():
            return snapshot.id in known.settlements
        case PayoutSnapshot():
            return True
