"""Patrons as staff see them: found, and everything about one on one page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from membership.access.errors import UnknownComp
from membership.access.models import Comp
from membership.access.rules import Decision
from membership.access.service import decide_for
from membership.patrons.models import Patron, SignIn
from membership.staff.service.timeline import Happening, tell_timeline
from membership.staff.service.votes import list_open_rolls
from membership.subscriptions.models import Subscription
from membership.subscriptions.service import list_subscriptions_of
from membership.tiers.models import Tier
from membership.voting.models import Round

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PatronFile:
    """Everything about one patron that staff may see; never what she voted, never a way to sign in."""

    patron: Patron
    decision: Decision
    subscriptions: Sequence[Subscription]
    comps: Sequence[tuple[Comp, Tier]]
    sign_ins: int
    open_rolls: Sequence[Round]
    timeline: Sequence[Happening]


def search(session: Session, words: str, page: int) -> list[Patron]:
    """Find patrons whose e-mail, or a word of whose name, begins like this; one more than a page if there are."""
    found = select(Patron).where(_begins_with(words)).order_by(Patron.name, Patron.id)
    return list(session.scalars(found.offset((page - 1) * PAGE).limit(PAGE + 1)).unique())


def _begins_with(words: str) -> ColumnElement[bool]:
    # SQLite folds the case of ASCII only; names are written in few ways, so each of them is asked for.
    spelt = {words, words.lower(), words.title(), words.capitalize()}
    starts = [Patron.name.istartswith(text, autoescape=True) for text in spelt]
    later = [Patron.name.icontains(f" {text}", autoescape=True) for text in spelt]
    return or_(Patron.email.istartswith(words, autoescape=True), *starts, *later)


def open_file(session: Session, patron: Patron, now: datetime) -> PatronFile:
    """Gather everything about a patron."""
    return PatronFile(
        patron=patron,
        decision=decide_for(session, patron.id, now),
        subscriptions=list_subscriptions_of(session, patron.id),
        comps=_comps(session, patron.id),
        sign_ins=session.scalar(select(func.count(SignIn.id)).filter_by(patron_id=patron.id)) or 0,
        open_rolls=list_open_rolls(session, patron),
        timeline=tell_timeline(session, patron),
    )


def get_comp(session: Session, patron_id: int, comp_id: int) -> tuple[Comp, Tier]:
    """Return complimentary access of a patron that was not taken back, with its tier, or raise UnknownComp."""
    found = next((comp for comp in _comps(session, patron_id) if comp[0].id == comp_id), None)
    if found is None or found[0].revoked_at is not None:
        raise UnknownComp
    return found


def _comps(session: Session, patron_id: int) -> Sequence[tuple[Comp, Tier]]:
    found = select(Comp, Tier).join(Tier, Tier.id == Comp.tier_id).where(Comp.patron_id == patron_id)
    return session.execute(found.order_by(Comp.id.desc())).all()
