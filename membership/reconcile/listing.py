"""The first half of a walk: everything is listed once, and what may differ is kept to be looked at closely."""

from collections import Counter
from collections.abc import Iterator

from membership import db
from membership.clock import utc_now
from membership.db import transaction
from membership.gateway.protocol import PaymentGateway
from membership.payments import fulfilment
from membership.payments.fulfilment import Facts
from membership.payments.fulfilment.settlements import settle_for_others
from membership.reconcile import sightings
from membership.reconcile.grouping import each
from membership.reconcile.known import known_of
from membership.reconcile.lease import Lease
from membership.reconcile.models import Walk
from membership.reconcile.rules import Known
from membership.reconcile.sifting import Sifted, sift
from membership.reconcile.steps import STEPS, ask_for

DONE = "listed"


class Listing:
    """Lists for one walk, from where it was cut off."""

    def __init__(self, walk: Walk, stripe: PaymentGateway, lease: Lease) -> None:
        self.walk_id, self.is_dry, self.since, self.started_at = walk.id, walk.is_dry, walk.since, walk.started_at
        self.step, self.after, self.seen = walk.step, walk.after, walk.seen
        self.stripe, self.lease = stripe, lease

    def go(self) -> Iterator[tuple[str, int]]:
        """List portion by portion; yield what was listed, and how many objects were seen so far."""
        names = [*STEPS, DONE]
        for name in names[names.index(self.step) if self.step else 0 : -1]:
            after = self.after if name == self.step else None
            for cursor, facts in STEPS[name](self.stripe, self.since, after):
                self.lease.breathe()
                self._take(*self._looked_through(facts), name, cursor)
                yield name, self.seen
        self._go_on(DONE, None)

    def _looked_through(self, facts: Facts) -> tuple[Facts, Sifted]:
        """Sift a portion, with the checkouts that sold what is new in it where they are too old to be on the list."""
        known, before = self._known(facts)
        here = {*known.subscriptions, *known.payments, *before}
        subscriptions = tuple(one for one in facts.subscriptions if one.id not in here)
        payments = tuple(one for one in facts.payments if one.charge_id and one.id not in here)
        new = Facts(checkouts=facts.checkouts, subscriptions=subscriptions, payments=payments)
        behind = fulfilment.sessions_behind(db.session(), [new])[0] if subscriptions or payments else []
        db.release()
        for session_id in behind:
            facts = facts.joined(ask_for(fulfilment.look_up_checkout, self.stripe, session_id))
            self.lease.breathe()
        if behind:
            known, before = self._known(facts)
            db.release()
        return facts, sift(facts, known, before)

    def _known(self, facts: Facts) -> tuple[Known, dict[str, str]]:
        return known_of(db.session(), facts), sightings.names_among(db.session(), self.walk_id, facts)

    def _take(self, facts: Facts, sifted: Sifted, step: str, cursor: str) -> None:
        self.seen += sum(1 for _ in each(facts))
        with transaction() as session:
            sightings.keep(session, self.walk_id, sifted, utc_now())
            walk = session.get_one(Walk, self.walk_id)
            walk.step, walk.after, walk.seen = step, cursor, self.seen
            walk.others = dict(Counter(walk.others) + sifted.others)
            if not self.is_dry:
                self._book_for_others(sifted)

    def _book_for_others(self, sifted: Sifted) -> None:
        for settlement in sifted.moved_for_others:
            # What came since was perhaps bought since: the next walk knows.
            if settlement.created_at < self.started_at:
                settle_for_others(db.session(), settlement)

    def _go_on(self, step: str, cursor: str | None) -> None:
        with transaction() as session:
            walk = session.get_one(Walk, self.walk_id)
            walk.step, walk.after = step, cursor
