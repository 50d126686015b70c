"""What came in this month, who is here, and what waits."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.payments.models import Refund
from membership.reports import rules as reporting
from membership.reports import service as reports
from membership.reports.rules import Change, Series
from membership.staff.service.letters import count_parked
from membership.staff.service.refunds import list_failed_refunds
from membership.subscriptions.models import Subscription, SubscriptionStatus
from membership.voting import service as voting
from membership.voting.models import Round, RoundState

MOST_LATE = 20
_LATE = (SubscriptionStatus.PAST_DUE, SubscriptionStatus.UNPAID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The first page; `members` counts by the slug of a tier."""

    month: date
    changes: Sequence[Change]
    series: Sequence[Series]
    members: Counter[str]
    begun: int
    ended: int
    rounds: Sequence[Round]
    late: Sequence[Subscription]
    failed_refunds: Sequence[Refund]
    parked: int


def look(session: Session, now: datetime, timezone: str) -> Overview:
    """Gather the first page."""
    month = reporting.month_of(now, timezone)
    window = reporting.window_of(month, timezone)
    return Overview(
        month=month,
        changes=reports.compare(session, month, timezone, now),
        series=reporting.series(reports.list_months(session, month, timezone)),
        members=reports.count_members(session, now),
        begun=reports.count_begun(session, window),
        ended=reports.count_ended(session, window),
        rounds=[round for round in voting.list_rounds(session) if round.state is RoundState.OPEN],
        late=_late(session),
        failed_refunds=list_failed_refunds(session),
        parked=count_parked(session),
    )


def _late(session: Session) -> Sequence[Subscription]:
    late = select(Subscription).where(Subscription.status.in_(_LATE))
    return session.scalars(late.order_by(Subscription.period_starts_at).limit(MOST_LATE)).all()
