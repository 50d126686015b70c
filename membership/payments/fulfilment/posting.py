"""Letters that one recording causes: collected, then written together with the links that they need."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from membership.mail import service as mail
from membership.payments.models import Payment
from membership.subscriptions import service as subscriptions
from membership.subscriptions.models import Invoice, Purpose, Subscription

# She may say that she meant once while no more than one payment has come for what follows her first period.
MOST_REPEATED = 1
_ALL = aliased(Invoice)
_FIRST_ENDS_AT = (
    select(func.min(_ALL.period_ends_at))
    .join(Payment, Payment.invoice_id == _ALL.id)
    .where(_ALL.subscription_id == Invoice.subscription_id, Payment.returned_at.is_(None))
    .scalar_subquery()
)
# Built once: each renewal asks it.
_REPEATED = (
    select(Invoice.subscription_id, func.count())
    .join(Payment, Payment.invoice_id == Invoice.id)
    .where(
        Invoice.subscription_id.in_(bindparam("subscription_ids", expanding=True)),
        Invoice.period_starts_at >= _FIRST_ENDS_AT,
        Payment.returned_at.is_(None),
    )
    .group_by(Invoice.subscription_id)
)


@dataclass(frozen=True, slots=True)
class _Note:
    kind: str
    to: str
    locale: str
    about: str
    values: Mapping[str, Any]
    links: Mapping[str, subscriptions.Wanted]

    def draft(self, numbers: Mapping[subscriptions.Wanted, int]) -> mail.Draft:
        links = {name: numbers[wanted] for name, wanted in self.links.items() if wanted in numbers}
        return mail.Draft(self.kind, self.to, self.locale, self.about, {**self.values, **links})


class Post:
    """Takes letters, and writes them all at once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._notes: list[_Note] = []

    def to_donor(self, kind: str, to: str, locale: str, about: int, values: Mapping[str, Any]) -> None:
        """Take a letter to whoever gave."""
        self._notes.append(_Note(kind, to, locale, str(about), values, {}))

    def to_patron(
        self,
        kind: str,
        subscription: Subscription,
        about: int,
        values: Mapping[str, Any],
        links: Iterable[Purpose] = (),
    ) -> None:
        """Take a letter to the patron of a subscription; the link for what was meant once goes in while it is young."""
        patron = subscription.patron
        if patron.email is not None:
            told = {"tier": subscription.price.tier.name, **values}
            wanted = {f"{purpose}_link": (subscription.id, purpose) for purpose in links}
            self._notes.append(_Note(kind, patron.email, patron.locale, str(about), told, wanted))

    def write(self) -> None:
        """Write what was taken; each once, whoever writes the same."""
        wanted = {one for note in self._notes for one in note.links.values()}
        old = self._old({number for number, purpose in wanted if purpose is Purpose.ONCE})
        given = sorted(one for one in wanted if one[1] is not Purpose.ONCE or one[0] not in old)
        numbers = subscriptions.links_for(self.session, given)
        mail.write_all(self.session, [note.draft(numbers) for note in self._notes])

    def _old(self, subscription_ids: Collection[int]) -> set[int]:
        if not subscription_ids:
            return set()
        counted = self.session.execute(_REPEATED, {"subscription_ids": sorted(subscription_ids)})
        return {number for number, repeated in counted if repeated > MOST_REPEATED}
