"""What became of a checkout, said truthfully, and what the support page claims."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from membership.donations.models import DonationStatus
from membership.gateway.values import CheckoutStatus
from membership.subscriptions.models import IntentStatus
from membership.tiers.models import Interval
from membership.tiers.rules import Offer, months_free

FEWEST_TO_TELL = 10


class Fate(StrEnum):
    """PAID: recorded. CONFIRMING: not known yet. UNFINISHED: it can still be paid. CLOSED: nothing was charged.

    REFUSED: the bank did not pay, and nothing more is tried.
    """

    PAID = "paid"
    CONFIRMING = "confirming"
    UNFINISHED = "unfinished"
    CLOSED = "closed"
    REFUSED = "refused"


_FATES: Mapping[CheckoutStatus | None, Fate] = {
    CheckoutStatus.OPEN: Fate.UNFINISHED,
    CheckoutStatus.EXPIRED: Fate.CLOSED,
}


def offered(offers: Iterable[Offer]) -> set[tuple[str, str]]:
    """Return which tier can be chosen with which interval."""
    return {(offer.tier.slug, interval.value) for offer in offers for interval in offer.prices}


def months_free_of(offers: Iterable[Offer]) -> int:
    """Return how many months a year spares with every tier; nothing unless it is true of all."""
    spared = {
        months_free(offer.prices[Interval.MONTH].amount, offer.prices[Interval.YEAR].amount)
        for offer in offers
        if offer.prices.keys() >= {Interval.MONTH, Interval.YEAR}
    }
    return min(spared, default=0)


def readers_to_tell(count: int) -> int | None:
    """Return how many readers pay, unless that is so few that it would tell of persons."""
    return count if count >= FEWEST_TO_TELL else None


def fate_of(status: IntentStatus | DonationStatus, checkout: CheckoutStatus | None) -> Fate:
    """Tell what became of a wish; `checkout` is what the provider says now, None when it could not be asked."""
    if status in {IntentStatus.COMPLETED, DonationStatus.PAID}:
        return Fate.PAID
    if status in {IntentStatus.FAILED, DonationStatus.FAILED}:
        return Fate.REFUSED
    if status in {IntentStatus.EXPIRED, DonationStatus.EXPIRED}:
        return Fate.CLOSED
    return _FATES.get(checkout, Fate.CONFIRMING)
