"""Products and prices."""

from typing import Protocol

from membership.money import Money


class Catalogue(Protocol):
    def sync_product(self, product_id: str | None, *, name: str, reference: str, key: str) -> str: ...
    def sync_price(self, *, product_id: str, amount: Money, interval: str, lookup_key: str, key: str) -> str: ...
