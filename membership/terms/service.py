"""Give time, take it back, and tell until when somebody holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.inserts import insert_unless_known
from membership.money import Money
from membership.patrons.models import Patron
from membership.terms import rules
from membership.terms.errors import PolicyUnreadable, UnknownTerm
from membership.terms.models import Term, TermPolicy, TermSource
from membership.tiers.service import get_tier


@dataclass(frozen=True, slots=True, kw_only=True)
class TermDraft:
    """Time to be given: of which tier, from when, for how many months, and why."""

    patron_id: int
    tier_id: int
    source: TermSource
    cause: str
    starts_at: datetime
    months: int
    patience: timedelta = timedelta()


def lock_patron(session: Session, patron_id: int) -> None:
    """Let nobody else give this patron time until the transaction ends, so that no two stretches begin together."""
    session.execute(select(Patron.id).filter_by(id=patron_id).with_for_update())


def give(session: Session, draft: TermDraft) -> Term:
    """Give time, unless its cause has given it already; return what this cause gave."""
    ends_at = rules.add_months(draft.starts_at, draft.months)
    values = {
        "patron_id": draft.patron_id,
        "tier_id": draft.tier_id,
        "source": draft.source,
        "cause": draft.cause,
        "starts_at": draft.starts_at,
        "ends_at": ends_at,
        "awaited_until": ends_at + draft.patience,
        "created_at": utc_now(),
    }
    insert_unless_known(session, Term, values)
    return session.scalars(select(Term).filter_by(cause=draft.cause)).one()


def give_for_money(
    session: Session, *, patron_id: int, amount: Money, paid_at: datetime, source: TermSource, cause: str
) -> Term | None:
    """Give the time that money comes to by the policy of its currency; None when that is not a month of anything."""
    policy = session.get(TermPolicy, amount.currency)
    if policy is None or (source is TermSource.DONATION and not policy.counts_cards):
        return None
    months = rules.months_for(amount, policy)
    if months == 0:
        return None
    lock_patron(session, patron_id)
    draft = TermDraft(
        patron_id=patron_id,
        tier_id=policy.tier_id,
        source=source,
        cause=cause,
        starts_at=_after_the_last(session, patron_id, paid_at),
        months=months,
        patience=timedelta(days=policy.patience_days),
    )
    return give(session, draft)


def _after_the_last(session: Session, patron_id: int, paid_at: datetime) -> datetime:
    own = select(Term).filter_by(patron_id=patron_id, revoked_at=None).where(Term.source != TermSource.GIFT)
    last = session.scalar(own.order_by(Term.ends_at.desc()).limit(1))
    return rules.carries_on(paid_at, last.ends_at, last.awaited_until) if last else paid_at


def revoke(session: Session, cause: str, now: datetime) -> None:
    """Take back what a cause gave, if it gave anything; taken back once is taken back."""
    term = session.scalar(select(Term).filter_by(cause=cause))
    if term is not None:
        term.revoked_at = term.revoked_at or now


def begin_earlier(term: Term, starts_at: datetime, months: int) -> None:
    """Let time that has not begun begin earlier, for as many months as it was given for."""
    term.starts_at = starts_at
    last_until(term, rules.add_months(starts_at, months))


def last_until(term: Term, ends_at: datetime) -> None:
    """Let time last until another moment, and be awaited for as long after it as before."""
    term.ends_at, term.awaited_until = ends_at, ends_at + (term.awaited_until - term.ends_at)


def line_up(session: Session, patron_id: int, now: datetime) -> list[Term]:
    """Let time that lies beside other time of its kind follow it, no day of it lost; return what begins later now."""
    ahead = [one for one in list_terms_of(session, patron_id) if one.revoked_at is None and one.ends_at > now]
    gifts = [one for one in ahead if one.source is TermSource.GIFT]
    return [*_line_up(gifts, now), *_line_up([one for one in ahead if one not in gifts], now)]


def _line_up(terms: list[Term], now: datetime) -> list[Term]:
    moved: list[Term] = []
    waiting = sorted(terms, key=lambda one: (one.starts_at, one.id))
    for before, term in pairwise(waiting):
        if term.starts_at < before.ends_at:
            rest = term.ends_at - max(term.starts_at, now)
            term.starts_at = before.ends_at
            last_until(term, before.ends_at + rest)
            moved.append(term)
    return moved


def restore(session: Session, cause: str) -> None:
    """Give again what was taken back from a cause."""
    term = session.scalar(select(Term).filter_by(cause=cause))
    if term is not None:
        term.revoked_at = None


def given_until(session: Session, patron_id: int) -> datetime | None:
    """Return when the last of the time ends that a patron was given; it may have ended."""
    return session.scalar(select(func.max(Term.ends_at)).filter_by(patron_id=patron_id, revoked_at=None))


def list_terms_of(session: Session, patron_id: int) -> Sequence[Term]:
    """List what a patron was given, the latest first, what was taken back too."""
    return session.scalars(select(Term).filter_by(patron_id=patron_id).order_by(Term.starts_at.desc())).all()


def get_term(session: Session, cause: str) -> Term:
    """Return what a cause gave, or raise UnknownTerm."""
    term = session.scalar(select(Term).filter_by(cause=cause))
    if term is None:
        raise UnknownTerm
    return term


def set_policy(
    session: Session, month: Money, tier_slug: str, *, most_months: int, patience_days: int, counts_cards: bool
) -> TermPolicy:
    """Say what a month of a tier is in a currency, in place of what was said before.

    Raises UnknownTier or PolicyUnreadable. What was given stays as it was given.
    """
    if month.minor <= 0 or not 0 < most_months <= rules.MOST_MONTHS or patience_days < 0:
        raise PolicyUnreadable(most=rules.MOST_MONTHS)
    tier = get_tier(session, tier_slug)
    policy = TermPolicy(
        month=month,
        tier_id=tier.id,
        most_months=most_months,
        patience_days=patience_days,
        counts_cards=counts_cards,
    )
    kept = session.merge(policy)
    session.flush()
    return kept


def end_policy(session: Session, currency: str) -> None:
    """Let money of a currency give no time any more."""
    session.execute(delete(TermPolicy).filter_by(month_currency=currency))


def list_policies(session: Session) -> Sequence[TermPolicy]:
    """List what money is time."""
    return session.scalars(select(TermPolicy).order_by(TermPolicy.month_currency)).all()
