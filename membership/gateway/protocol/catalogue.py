"""Products, prices and coupons."""

from typing import Protocol

from membership.gateway.values import CouponWish
from membership.money import Money


class Catalogue(Protocol):
    def sync_product(self, product_id: str | None, *, name: str, reference: str, key: str) -> str: ...
    def sync_price(self, *, product_id: str, amount: Money, interval: str, lookup_key: str, key: str) -> str: ...

    def make_coupon(self, wish: CouponWish, *, key: str) -> tuple[str, str]:
        """Make a coupon and the code that gives it; return the ids of both."""
        ...

    def retire_code(self, promotion_code_id: str, *, key: str) -> None:
        """Let a code be used no more."""
        ...
