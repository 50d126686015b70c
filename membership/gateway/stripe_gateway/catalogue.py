"""Products, prices and coupons."""

from membership.gateway import parameters, translation
from membership.gateway.stripe_gateway.asking import Asking, in_our_words
from membership.gateway.values import CouponWish
from membership.money import Money


class Catalogue(Asking):
    def sync_product(self, product_id: str | None, *, name: str, reference: str, key: str) -> str:
        with in_our_words():
            if product_id is not None:
                return self.v1.products.update(product_id, {"name": name}).id
            return self.v1.products.create(parameters.product(name, reference), {"idempotency_key": key}).id

    def sync_price(self, *, product_id: str, amount: Money, interval: str, lookup_key: str, key: str) -> str:
        params = parameters.price(product_id, amount, interval, lookup_key)
        with in_our_words():
            current = self.v1.prices.list({"lookup_keys": [lookup_key], "active": True}).data
            if current and translation.terms(current[0]) == (product_id, amount, interval):
                return current[0].id
            return self.v1.prices.create(params, {"idempotency_key": key}).id

    def make_coupon(self, wish: CouponWish, *, key: str) -> tuple[str, str]:
        with in_our_words():
            made = self.v1.coupons.create(parameters.coupon(wish), {"idempotency_key": key})
            params = parameters.promotion_code(wish, made.id)
            return made.id, self.v1.promotion_codes.create(params, {"idempotency_key": f"{key}:code"}).id

    def retire_code(self, promotion_code_id: str, *, key: str) -> None:
        with in_our_words():
            self.v1.promotion_codes.update(promotion_code_id, {"active": False}, {"idempotency_key": key})
