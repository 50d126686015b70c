"""Make tiers, prices and coupons known to the payment provider; the same again changes nothing."""

import secrets
from hashlib import sha256

from membership.db import release, session, transaction
from membership.gateway.current import gateway
from membership.tiers import service
from membership.tiers.errors import UnknownEndpoint


def make_product(slug: str) -> str:
    """Make the product that stands for a tier, and return its id."""
    tier = service.get_tier(session(), slug)
    known, name = tier.stripe_product_id, tier.name["en"]
    release()
    # A new name is a new request; the digest keeps the key short and plain.
    key = f"product:{known or slug}:{sha256(name.encode()).hexdigest()[:16]}"
    product_id = gateway().sync_product(known, name=name, reference=slug, key=key)
    with transaction() as current:
        service.record_product(current, slug, product_id)
    return product_id


def make_prices(slug: str) -> dict[str, str]:
    """Make a tier's prices that the provider does not know yet, and return their ids by key."""
    product_id, missing = service.list_unknown_prices(session(), slug)
    release()
    return {wish.lookup_key: _make_price(product_id, wish) for wish in missing}


def make_price(price_id: int) -> None:
    """Make one price, that a reader named, unless the provider knows it."""
    found = service.find_unknown_price(session(), price_id)
    release()
    if found is not None:
        _make_price(*found)


def _make_price(product_id: str, wish: service.PriceWish) -> str:
    made = gateway().sync_price(
        product_id=product_id,
        amount=wish.amount,
        interval=wish.interval.value,
        lookup_key=wish.lookup_key,
        key=f"price:{wish.lookup_key}",
    )
    with transaction() as current:
        service.record_price(current, wish.lookup_key, made)
    return made


def make_coupon(code: str) -> None:
    """Make a coupon and its code, unless the provider knows them."""
    wish = service.wish_for(session(), code)
    release()
    if wish is not None:
        ids = gateway().make_coupon(wish, key=f"coupon:{code}")
        with transaction() as current:
            service.record_coupon(current, code, *ids)


def retire_coupon(code: str) -> None:
    """Let a code be used no more at the provider, if it knows it."""
    promotion_code_id = service.get_coupon(session(), code).stripe_promotion_code_id
    release()
    if promotion_code_id is not None:
        gateway().retire_code(promotion_code_id, key=f"coupon:{code}:retire")


def mend_endpoints(url: str) -> dict[str, frozenset[str]]:
    """Have every event sent to our webhook address that we handle; return what each of its endpoints lacked.

    One that was switched off beside one that is used stays off. Raises UnknownEndpoint.
    """
    ours = [one for one in gateway().list_endpoints() if one.url == url]
    if not ours:
        raise UnknownEndpoint
    wanted = [one for one in ours if one.is_enabled] or ours[:1]
    wrong = [one for one in wanted if one.lacks or not one.is_enabled]
    for one in wrong:
        # The same is wished for anew each time, so that what was changed meanwhile is mended again.
        gateway().mend_endpoint(one.id, key=f"endpoint:{one.id}:{secrets.token_hex(8)}")
    return {one.id: one.lacks for one in wrong}
