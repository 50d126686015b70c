"""What can be given, and the wish to give it."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from membership.donations import service as donations
from membership.donations.models import Purpose
from membership.donations.service import DonationDraft
from membership.gifts import rules
from membership.gifts.errors import GiftNotOffered
from membership.gifts.models import Gift
from membership.money import Money
from membership.tiers.models import Tier
from membership.tiers.rules import open_prices
from membership.tiers.service import list_open_tiers


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """So many months of a tier, at a price."""

    tier: Tier
    months: int
    price: Money

    @property
    def key(self) -> str:
        return f"{self.tier.slug}:{self.months}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftDraft:
    """What a giver wants to give, to whom, when; `offer` is the key of an offer."""

    offer: str
    giver_email: str | None
    giver_id: int | None
    giver_name: str
    recipient_name: str
    recipient_email: str | None
    recipient_locale: str
    words: str
    send_at: datetime
    locale: str
    source: str


def list_offers(session: Session, currency: str) -> list[GiftOffer]:
    """List what can be given, in the order of the support page."""
    found = []
    for tier in list_open_tiers(session):
        prices = open_prices(tier, currency)
        priced = [(months, rules.price_for(prices, months)) for months in rules.MONTHS]
        found += [GiftOffer(tier, months, price) for months, price in priced if price is not None]
    return found


def get_offer(session: Session, key: str, currency: str) -> GiftOffer:
    """Return an offer by its key, or raise GiftNotOffered."""
    offer = next((one for one in list_offers(session, currency) if one.key == key), None)
    if offer is None:
        raise GiftNotOffered
    return offer


def buy(session: Session, draft: GiftDraft, currency: str) -> Gift:
    """Record the wish to give, before anyone is asked for money; the same unanswered wish is asked once.

    Raises GiftNotOffered.
    """
    offer = get_offer(session, draft.offer, currency)
    donation = donations.intend(
        session,
        DonationDraft(
            amount=offer.price,
            email=draft.giver_email,
            patron_id=draft.giver_id,
            source=draft.source,
            locale=draft.locale,
            purpose=Purpose.MEMBERSHIP,
        ),
    )
    gift = session.scalar(select(Gift).filter_by(donation_id=donation.id))
    if gift is None:
        gift = Gift(public_id=secrets.token_hex(20), donation=donation)
        session.add(gift)
    gift.tier, gift.months = offer.tier, offer.months
    for name in ("giver_name", "recipient_name", "recipient_email", "recipient_locale", "words", "send_at"):
        setattr(gift, name, getattr(draft, name))
    session.flush()
    return gift
