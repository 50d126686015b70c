"""What the newsroom decided about suggestions and discussion."""

from sqlalchemy.orm import Session

from membership.audit import service as audit
from membership.topics.errors import AllowanceUnreadable
from membership.topics.models import HouseRules

SINGLE = 1
PER_MONTH = 3
MOST_PER_MONTH = 100


def find_house_rules(session: Session) -> HouseRules:
    """Return the rules that hold now; as long as nobody decided, cautious ones."""
    return session.get(HouseRules, SINGLE) or HouseRules(
        id=SINGLE, per_month=PER_MONTH, per_tier={}, lists_at_once=False, has_comments=True
    )


def set_house_rules(
    session: Session, *, per_month: int, lists_at_once: bool, has_comments: bool, actor: str
) -> HouseRules:
    """Decide how much members suggest, whether suggestions show at once, and whether topics are discussed."""
    _check(per_month)
    rules = _kept(session)
    rules.per_month, rules.lists_at_once, rules.has_comments = per_month, lists_at_once, has_comments
    _note(session, rules, actor)
    return rules


def allow(session: Session, tier: str, per_month: int | None, actor: str) -> HouseRules:
    """Decide how many suggestions a tier, named by its slug, has a month; with None what holds for all."""
    rules = _kept(session)
    others = {slug: number for slug, number in rules.per_tier.items() if slug != tier}
    if per_month is not None:
        _check(per_month)
        others[tier] = per_month
    rules.per_tier = others
    _note(session, rules, actor)
    return rules


def allowance_of(session: Session, tier: str | None) -> int:
    """Return how many suggestions a month a tier has."""
    rules = find_house_rules(session)
    return int(rules.per_tier.get(tier or "", rules.per_month))


def _check(per_month: int) -> None:
    if not 0 <= per_month <= MOST_PER_MONTH:
        raise AllowanceUnreadable


def _kept(session: Session) -> HouseRules:
    rules = find_house_rules(session)
    session.add(rules)
    return rules


def _note(session: Session, rules: HouseRules, actor: str) -> None:
    session.flush()
    decided = {
        "per_month": rules.per_month,
        "per_tier": rules.per_tier,
        "lists_at_once": rules.lists_at_once,
        "has_comments": rules.has_comments,
    }
    audit.note(session, actor=actor, action="topics.rules", subject="topics", **decided)
