"""What the newsroom of the proof offers, on what terms, and to whom."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from membership.db import transaction
from membership.money import Money
from membership.terms.service import set_policy
from membership.tiers import handlers as catalogue
from membership.tiers.models import CouponDuration, Interval
from membership.tiers.service import CouponDraft, add_coupon
from tests.factories import make_price, make_tier
from tests.proof.provider import Provider

PEOPLE = 3
FLAGS = {"friend": ["paywall_free"], "patron": ["paywall_free", "vote"]}
PRICES = {
    ("friend", "month", "eur"): 500,
    ("patron", "month", "eur"): 900,
    ("friend", "year", "eur"): 5000,
    ("friend", "month", "usd"): 600,
    ("patron", "month", "usd"): 1000,
}
# Half of two months; and below which sum a payment is given back when a card network warns of it.
COUPON, COUPON_MONTHS, FRAUD_LIMIT = "HALF", 2, 1000
RISE, NOTICE = 200, 31


def furnish(provider: Provider, seat: Callable[[Session, int], None]) -> None:
    """Offer tiers, prices and a coupon, here and at the provider; seat everybody."""
    with transaction() as session:
        tiers = {slug: make_tier(session, slug=slug, flags=flags) for slug, flags in FLAGS.items()}
        for (slug, interval, currency), minor in PRICES.items():
            terms = {"interval": Interval(interval), "amount": Money(minor, currency), "stripe_price_id": None}
            make_price(session, tier=tiers[slug], **terms)
        half = CouponDraft(code=COUPON, off=50, duration=CouponDuration.REPEATING, months=COUPON_MONTHS)
        add_coupon(session, half, provider.now())
        set_policy(session, Money(500, "eur"), "friend", most_months=12, patience_days=5, counts_cards=False)
        for number in range(PEOPLE):
            seat(session, number)
    for slug in FLAGS:
        catalogue.make_product(slug)
        catalogue.make_prices(slug)
    catalogue.make_coupon(COUPON)
    provider.gateway.create_endpoint("http://localhost/webhooks/stripe", key="endpoint")


def email_of(number: int) -> str:
    return f"reader{number}@example.org"
