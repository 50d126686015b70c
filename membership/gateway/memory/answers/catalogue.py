"""Products, prices and coupons."""

from functools import partial

from membership.gateway.memory.answers.asking import Asking
from membership.gateway.memory.world import ListedPrice, find
from membership.gateway.values import CouponWish
from membership.money import Money


class Catalogue(Asking):
    def sync_product(self, product_id: str | None, *, name: str, reference: str, key: str) -> str:
        def act() -> str:
            if product_id is not None:
                find(self.world.products, product_id)
            known = product_id or self.world.new_id("prod")
            self.world.products[known] = name
            return known

        return self.once("sync_product", key, (product_id, name, reference), act)

    def sync_price(self, *, product_id: str, amount: Money, interval: str, lookup_key: str, key: str) -> str:
        wanted = ListedPrice(product_id, amount, interval)

        def act() -> str:
            find(self.world.products, product_id)
            price_id = self.world.new_id("price")
            self.world.prices[price_id] = wanted
            self.world.lookup_keys[lookup_key] = price_id
            return price_id

        current = self.world.lookup_keys.get(lookup_key, "")
        if self.world.prices.get(current) == wanted:
            self.called("sync_price", key)
            return current
        return self.once("sync_price", key, (wanted, lookup_key), act)

    def make_coupon(self, wish: CouponWish, *, key: str) -> tuple[str, str]:
        def act() -> tuple[str, str]:
            code_id = self.world.new_id("promo")
            self.world.coupons[code_id] = wish
            return self.world.new_id("coupon"), code_id

        return self.once("make_coupon", key, wish, act)

    def retire_code(self, promotion_code_id: str, *, key: str) -> None:
        self.once("retire_code", key, promotion_code_id, partial(self._retire, promotion_code_id))

    def _retire(self, promotion_code_id: str) -> None:
        find(self.world.coupons, promotion_code_id)
        del self.world.coupons[promotion_code_id]
