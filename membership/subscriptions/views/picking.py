"""What a reader picks: a price of our own table, or what she would rather give."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from membership.money import Money
from membership.subscriptions.forms import Pick
from membership.subscriptions.service import Reduction
from membership.tiers.models import Interval, Price, Tier
from membership.tiers.rules import admit_more
from membership.tiers.service import choose_price, get_open_price


@dataclass(frozen=True, slots=True)
class Offered:
    """What is about to be given, and what a code makes of it."""

    tier: Tier
    interval: Interval
    amount: Money
    reduction: Reduction | None = None


def priced(session: Session, pick: Pick) -> Price:
    """Return the price that is picked from; raises UnknownTier or TierRetired."""
    return get_open_price(session, pick.tier, pick.interval, pick.currency, pick.kind)


def asked(price: Price, pick: Pick) -> Money:
    """Return what is to be given; raises what is wrong with what was typed."""
    amount = pick.amount()
    if amount is None:
        return price.amount
    admit_more(price, amount)
    return amount


def choose(session: Session, pick: Pick) -> Price:
    """Return the price that is to be paid, made if nobody named it before; raises as the two above."""
    price = priced(session, pick)
    return choose_price(session, price, asked(price, pick))
