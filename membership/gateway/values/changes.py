"""What a standing order may become: another price, a pause; and what that costs."""

from dataclasses import dataclass
from datetime import datetime

from membership.money import Money


@dataclass(frozen=True, slots=True)
class PriceChange:
    """Another price for a subscription's one item; `at` is the moment that prorations are counted from."""

    subscription_id: str
    item_id: str
    stripe_price_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change costs now: what is given back of the old price, what is asked for the new one, what is due.

    `carried` is too little to be charged by itself, and comes with the next payment.
    """

    credit: Money
    charge: Money
    due: Money
    carried: Money


@dataclass(frozen=True, slots=True)
class CouponWish:
    """A coupon and its code; `off` is a share in percent or an amount."""

    code: str
    off: int | Money
    duration: str
    months: int | None
    product_id: str | None
    most_uses: int | None
    ends_at: datetime | None
