"""What tiers cost: offered, chosen by a reader, replaced, and made known to the payment provider."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from membership.inserts import insert_unless_known
from membership.money import Money
from membership.tiers import rules
from membership.tiers.errors import UnknownTier
from membership.tiers.models import Interval, Price, PriceKind
from membership.tiers.service.tiers import get_tier, new_price

# Built once: each event about a subscription asks it.
_KNOWN_AS = select(Price).where(Price.stripe_price_id.in_(bindparam("stripe_price_ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class PriceWish:
    """A price that the payment provider does not know yet."""

    lookup_key: str
    interval: Interval
    amount: Money


def get_open_price(
    session: Session, tier_slug: str, interval: Interval, currency: str, kind: PriceKind = PriceKind.LISTED
) -> Price:
    """Return what a tier costs now; raises UnknownTier or TierRetired."""
    tier = get_tier(session, tier_slug)
    tier.admit()
    price = _offered(session, tier.id, interval, currency, kind)
    if price is None:
        raise UnknownTier
    return price


def _offered(session: Session, tier_id: int, interval: Interval, currency: str, kind: PriceKind) -> Price | None:
    wanted = select(Price).filter_by(tier_id=tier_id, interval=interval, amount_currency=currency, kind=kind)
    return session.scalar(wanted.where(Price.retired_at.is_(None)))


def choose_price(session: Session, price: Price, amount: Money) -> Price:
    """Return the price that a reader names instead, made if nobody named it before.

    Raises AmountFixed, AmountBelowPrice or AmountNotChargeable.
    """
    rules.admit_more(price, amount)
    if amount == price.amount:
        return price
    slug, interval = price.tier.slug, price.interval
    row = {
        "tier_id": price.tier_id,
        "kind": PriceKind.CHOSEN,
        "interval": interval,
        "amount_minor": amount.minor,
        "amount_currency": amount.currency,
        "lookup_key": rules.lookup_key(slug, interval, amount),
    }
    # Two readers may name the same amount at this moment.
    insert_unless_known(session, Price, row)
    return session.scalars(select(Price).filter_by(lookup_key=row["lookup_key"])).one()


def offer_prices(
    session: Session, slug: str, prices: Iterable[tuple[Interval, Money]], now: datetime, kind: PriceKind
) -> list[Price]:
    """Offer a tier at these prices from now on; who pays another one goes on paying that."""
    return [_offer(session, slug, interval, amount, now, kind) for interval, amount in prices]


def _offer(session: Session, slug: str, interval: Interval, amount: Money, now: datetime, kind: PriceKind) -> Price:
    tier = get_tier(session, slug)
    before = _offered(session, tier.id, interval, amount.currency, kind)
    if before is not None and before.amount != amount:
        before.retired_at = now
        session.flush()
    price = _find(session, slug, interval, amount) or _add(session, slug, interval, amount, kind)
    price.kind, price.retired_at = kind, None
    session.flush()
    return price


def _find(session: Session, slug: str, interval: Interval, amount: Money) -> Price | None:
    return session.scalar(select(Price).filter_by(lookup_key=rules.lookup_key(slug, interval, amount)))


def _add(session: Session, slug: str, interval: Interval, amount: Money, kind: PriceKind) -> Price:
    price = new_price(slug, interval, amount, kind)
    get_tier(session, slug).prices.append(price)
    session.flush()
    return price


def find_prices_of(session: Session, stripe_price_ids: Collection[str]) -> dict[str, Price]:
    """Return those prices that the payment provider knows by these ids, retired ones too."""
    found = session.scalars(_KNOWN_AS, {"stripe_price_ids": sorted(stripe_price_ids)})
    return {price.stripe_price_id or "": price for price in found}


def list_unknown_prices(session: Session, slug: str) -> tuple[str, list[PriceWish]]:
    """Return a tier's product, and its open prices that the payment provider does not know yet."""
    tier = get_tier(session, slug)
    missing = [price for price in tier.prices if price.stripe_price_id is None and price.retired_at is None]
    return tier.stripe_product_id or "", [
        PriceWish(price.lookup_key, price.interval, price.amount) for price in missing
    ]


def find_unknown_price(session: Session, price_id: int) -> tuple[str, PriceWish] | None:
    """Return a price with its tier's product, if the payment provider does not know it yet."""
    price = session.get_one(Price, price_id)
    if price.stripe_price_id is not None:
        return None
    return price.tier.stripe_product_id or "", PriceWish(price.lookup_key, price.interval, price.amount)


def record_price(session: Session, lookup_key: str, stripe_price_id: str) -> None:
    """Keep the id by which the payment provider knows a price."""
    session.scalars(select(Price).filter_by(lookup_key=lookup_key)).one().stripe_price_id = stripe_price_id
