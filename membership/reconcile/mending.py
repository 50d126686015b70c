"""The second half of a walk: what was kept is compared, told, and recorded like any other news, the oldest first."""

from collections.abc import Callable, Collection, Iterator, Mapping

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from membership import db
from membership.db import transaction
from membership.errors import MembershipError
from membership.gateway.protocol import PaymentGateway
from membership.payments import fulfilment
from membership.payments.fulfilment import Facts
from membership.reconcile import sightings, walks
from membership.reconcile.grouping import each, together
from membership.reconcile.known import known_of
from membership.reconcile.lease import Lease
from membership.reconcile.models import Walk
from membership.reconcile.rules import Difference, compare
from membership.reconcile.steps import ask_for

# So many of the oldest things say which groups come next.
AT_ONCE, PASSES = 200, 2
NOTHING_TOLD = "no event told of it"
# Tells of each object what the inbox knows about it.
Explain = Callable[[Session, Collection[str]], dict[str, str]]
Groups = Mapping[str, Facts]
log = structlog.get_logger("membership.reconcile")


class Mending:
    """Mends for one walk; what was mended is forgotten, so that whoever comes after goes on with the rest."""

    def __init__(self, walk: Walk, stripe: PaymentGateway, lease: Lease, explain: Explain) -> None:
        self.walk_id, self.is_dry = walk.id, walk.is_dry
        self.stripe, self.lease, self.explain = stripe, lease, explain

    def go(self) -> Iterator[tuple[str, int]]:
        """Mend some groups after the others; yield how many objects were looked at closely."""
        looked_at = 0
        while keys := sightings.next_keys(db.session(), self.walk_id, AT_ONCE):
            groups = sightings.read(db.session(), self.walk_id, keys)
            self._mend(groups)
            looked_at += sum(1 for facts in groups.values() for _ in each(facts))
            yield "looked at closely", looked_at

    def _mend(self, groups: Groups) -> None:
        found = left = _compare(groups)
        self._tell(groups, found)
        # What waits for something in a later group, an invoice for the return of what paid it, is mended after that.
        for _ in range(0 if self.is_dry else PASSES):
            if left:
                self._record_wrong(groups, {difference.object_id for difference in left})
                left = _compare(groups)
        self.lease.breathe()
        with transaction() as session:
            walks.repaired(session, self.walk_id, groups, {(one.object_id, one.what) for one in left})
            sightings.forget(session, self.walk_id, groups)

    def _record_wrong(self, groups: Groups, wrong: set[str]) -> None:
        for facts in groups.values():
            if not wrong.isdisjoint(one.id for _, one in each(facts)):
                self._record(facts)

    def _tell(self, groups: Groups, found: list[Difference]) -> None:
        causes = self.explain(db.session(), {one for difference in found for one in difference.about})
        key_of = {one.id: key for key, facts in groups.items() for _, one in each(facts)}
        db.release()
        self.lease.breathe()
        with transaction() as session:
            for one in found:
                cause = next((causes[other] for other in one.about if other in causes), NOTHING_TOLD)
                walks.find(session, self.walk_id, key_of[one.object_id], (one.object_id, one.what, cause))

    def _record(self, facts: Facts) -> None:
        # What is right about a subscription was not kept, but its invoices are recorded with it.
        missing = {one.subscription_id for one in facts.invoices} - {one.id for one in facts.subscriptions}
        for subscription_id in sorted(one for one in missing if one):
            facts = facts.joined(ask_for(fulfilment.look_up_subscription, self.stripe, subscription_id))
        self.lease.breathe()
        try:
            with transaction() as session:
                fulfilment.record(session, facts, quiet=True)
        except (MembershipError, IntegrityError) as refusal:
            # One broken object must not keep the others from being mended; it stays in the report.
            log.error("not repaired", kind=type(refusal).__name__)


def _compare(groups: Groups) -> list[Difference]:
    facts = together(groups.values())
    found = compare(facts, known_of(db.session(), facts))
    db.release()
    return found
