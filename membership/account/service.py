"""All that a patron is told about herself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from membership.access.rules import Decision, Source
from membership.access.service.decisions import decide_for
from membership.gifts.models import Gift
from membership.gifts.service import list_gifts_by, paid_until
from membership.groups.models import Group, Seat
from membership.groups.service import list_held, list_managed
from membership.payments.errors import UnknownPayment
from membership.payments.models import Payment, Refund, RefundStatus
from membership.payments.service import get_payment, list_payments_of, list_refunds_of
from membership.subscriptions.models import Subscription, SubscriptionIntent
from membership.subscriptions.rules import Standing, pause_months, pays_again_at, standing_of
from membership.subscriptions.service import (
    Reduction,
    find_reduction,
    find_refused,
    list_subscriptions_of,
    live_subscription,
)

# A debit takes up to two weeks to be refused.
NEWS = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Overview:
    """How a patron stands: what she gives, what she gave last or tried in vain, what she may, what she paid."""

    live: Subscription | None
    standing: Standing | None
    last: Subscription | None
    refused: SubscriptionIntent | None
    decision: Decision
    payments: list[Payment]
    gifts: Sequence[Gift]
    seats: Sequence[Seat]
    groups: Sequence[Group]
    paid_until: datetime | None
    reduction: Reduction | None

    @property
    def rests_for_a_gift(self) -> bool:
        """Whether what she gives is paused by a gift, and not by herself."""
        return bool(self.live and self.live.paused_until and self.live.paused_until == self.live.rests_until)

    @property
    def pays_again_at(self) -> datetime | None:
        """When the next payment is asked."""
        return pays_again_at(self.live) if self.live else None

    @property
    def may_pause(self) -> bool:
        """Whether what she gives can be paused."""
        return bool(self.live and pause_months(self.live))

    @property
    def complimentary_until(self) -> datetime | None:
        """Until when the newsroom gives access for nothing."""
        return self._until({Source.COMP})

    @property
    def given_until(self) -> datetime | None:
        """Until when she holds time that no subscription pays for: a gift to her, or what she gave otherwise."""
        return self._until({Source.GIFT, Source.OFFLINE, Source.DONATION})

    @property
    def kept_until(self) -> datetime | None:
        """Until when she holds what she has paid herself."""
        return self._until({Source.SUBSCRIPTION})

    @property
    def seated_in(self) -> str:
        """Name the group whose seat gives her something now, the last one to end; nothing if none does."""
        held = [one for one in self.decision.grants if one.gives and one.source is Source.GROUP]
        return max(held, key=lambda one: one.until).group if held else ""

    def _until(self, sources: Collection[Source]) -> datetime | None:
        return max((one.until for one in self.decision.grants if one.gives and one.source in sources), default=None)


def look(session: Session, patron_id: int, now: datetime) -> Overview:
    """Look at how a patron stands."""
    live = live_subscription(session, patron_id)
    return Overview(
        live=live,
        standing=standing_of(live) if live else None,
        last=next((one for one in list_subscriptions_of(session, patron_id) if one.ended_at), None),
        refused=find_refused(session, patron_id, now - NEWS),
        decision=decide_for(session, patron_id, now),
        payments=list_payments_of(session, patron_id),
        gifts=list_gifts_by(session, patron_id),
        seats=list_held(session, patron_id),
        groups=list_managed(session, patron_id),
        paid_until=paid_until(session, patron_id),
        reduction=find_reduction(session, live, now) if live else None,
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment as its payer may show it to others, with what was given back of it."""

    payment: Payment
    refunds: list[Refund]


def get_receipt(session: Session, patron_id: int, receipt_number: str) -> Receipt:
    """Return a receipt of a patron's own; another's is as unknown as one that never was (UnknownPayment)."""
    payment = get_payment(session, receipt_number)
    if payment.patron_id != patron_id:
        raise UnknownPayment
    refunds = list_refunds_of(session, payment.id)
    return Receipt(payment, [refund for refund in refunds if refund.status is RefundStatus.SUCCEEDED])
