"""Everything the sandbox knows: objects by kind and id, in the order of their creation."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from membership.sandbox.errors import Missing

Object = dict[str, Any]

PREFIXES = {
    "customer": "cus_",
    "payment_method": "pm_",
    "product": "prod_",
    "price": "price_",
    "checkout.session": "cs_test_",
    "item": "li_",
    "subscription": "sub_",
    "subscription_item": "si_",
    "subscription_schedule": "sub_sched_",
    "coupon": "",
    "promotion_code": "promo_",
    "discount": "di_",
    "invoice": "in_",
    "line_item": "il_",
    "invoiceitem": "ii_",
    "invoice_payment": "inpay_",
    "payment_intent": "pi_",
    "charge": "ch_",
    "balance_transaction": "txn_",
    "refund": "re_",
    "setup_intent": "seti_",
    "billing_portal.session": "bps_",
    "billing_portal.configuration": "bpc_",
    "dispute": "du_",
    "radar.early_fraud_warning": "issfr_",
    "payout": "po_",
    "event": "evt_",
    "webhook_endpoint": "we_",
    "request": "req_",
}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTHS = {"coupon": 8, "customer": 14, "product": 14, "subscription_item": 14, "request": 14, "checkout.session": 58}


class Store:
    """Ids follow from the seed and from how many were given before."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.given = 0
        self.tables: dict[str, dict[str, Object]] = {}
        self.untold: dict[str, Object] = {}

    def new_id(self, kind: str) -> str:
        """Return an id of this kind that was never given before."""
        self.given += 1
        number = int.from_bytes(hashlib.sha512(f"{self.seed}:{self.given}".encode()).digest())
        letters = []
        for _ in range(LENGTHS.get(kind, 24)):
            number, letter = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[letter])
        return PREFIXES[kind] + "".join(letters)

    def add(self, thing: Object, **untold: Any) -> Object:
        """Keep a new object, with what the sandbox knows about it and never tells."""
        self.tables.setdefault(thing["object"], {})[thing["id"]] = thing
        if untold:
            self.untold[thing["id"]] = untold
        return thing

    def drop(self, kind: str, id: str) -> None:
        """Forget an object."""
        self.tables[kind].pop(id)
        self.untold.pop(id, None)

    def find(self, kind: str, id: str) -> Object | None:
        return self.tables.get(kind, {}).get(id)

    def get(self, kind: str, id: str, param: str = "id") -> Object:
        """Return an object or refuse as Stripe does, naming the parameter that asked for it."""
        thing = self.find(kind, id)
        if thing is None:
            raise Missing(kind, id, param)
        return thing

    def by_id(self, id: str) -> Object | None:
        """Find an object of any kind by its id."""
        prefix = id[: id.rfind("_") + 1]
        kind = next((kind for kind, own in PREFIXES.items() if own == prefix), "")
        return self.find(kind, id) or self.find("coupon", id)

    def newest(self, kind: str) -> Iterator[Object]:
        """Yield the objects of a kind, the newest first."""
        return reversed(self.tables.get(kind, {}).values())

    def where(self, kind: str, **fields: Any) -> Iterator[Object]:
        """Yield the objects of a kind with these fields, the newest first."""
        return (thing for thing in self.newest(kind) if all(thing[name] == value for name, value in fields.items()))


def listing(things: Iterable[Object], url: str, *, has_more: bool = False) -> Object:
    """Render objects as a list of the API."""
    return {"object": "list", "data": list(things), "has_more": has_more, "url": url}
