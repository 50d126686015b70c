"""The way to the page where a standing order begins."""

from dataclasses import replace

from membership.db import release, session, transaction
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayMissing, GatewayRefused
from membership.gateway.values import CheckoutSnapshot, SubscriptionCheckout
from membership.money import decimal
from membership.subscriptions import service
from membership.subscriptions.errors import CheckoutReplaced
from membership.subscriptions.models import IntentStatus, SubscriptionIntent
from membership.tiers.handlers import make_price
from membership.tiers.models import PriceKind
from membership.web import public_url


def open_checkout(reference: str) -> str:
    """Open the checkout of an intent, or find the one that was opened; return where to pay.

    Raises CheckoutReplaced when another wish took its place meanwhile, or ErasureUnderWay.
    """
    service.get_intent(session(), reference).patron.admit()
    try:
        _make_price_known(reference)
        _make_customer(reference)
        checkout = _ask_for_checkout(reference)
    except GatewayRefused:
        with transaction() as current:
            service.fail_intent(current, reference)
        raise
    with transaction() as current:
        status = service.record_checkout(current, reference, checkout).status
    if status in {IntentStatus.EXPIRED, IntentStatus.FAILED}:
        close_checkout(checkout.id)
        raise CheckoutReplaced
    return checkout.url or thanks_url(checkout.id)


def _ask_for_checkout(reference: str) -> CheckoutSnapshot:
    wish = _wish(service.get_intent(session(), reference))
    release()
    try:
        return gateway().open_subscription_checkout(wish, key=f"checkout:{reference}")
    except GatewayMissing:
        # Most likely her customer was deleted in the provider's own pages: then she gets another one.
        again = replace(wish, customer_id=_replace_customer(reference))
        return gateway().open_subscription_checkout(again, key=f"checkout:{reference}:again")


def _make_price_known(reference: str) -> None:
    make_price(service.get_intent(session(), reference).price_id)


def close_checkout(session_id: str) -> bool:
    """Close a checkout at the provider; return whether that was still possible: it may be paid, or closed already."""
    try:
        gateway().expire_checkout(session_id)
    except GatewayRefused:
        return False
    return True


def thanks_url(session_id: str) -> str:
    """Return the page that tells what became of a checkout."""
    return f"{public_url('support.thank')}?session_id={session_id}"


def _make_customer(reference: str) -> None:
    """Make the patron's one customer, and commit it, before her first checkout."""
    patron = service.get_intent(session(), reference).patron
    if patron.stripe_customer_id is not None:
        return
    patron_id, public_id, email = patron.id, patron.public_id, patron.email or ""
    release()
    # Without her name: she may change it between two tries, and the same key must carry the same bytes.
    customer_id = gateway().create_customer(email=email, name="", reference=public_id, key=f"customer:{public_id}")
    with transaction() as current:
        service.record_customer(current, patron_id, customer_id)


def _replace_customer(reference: str) -> str:
    patron = service.get_intent(session(), reference).patron
    patron_id, public_id, email, gone = patron.id, patron.public_id, patron.email or "", patron.stripe_customer_id or ""
    release()
    key = f"customer:{public_id}:after:{gone}"
    customer_id = gateway().create_customer(email=email, name="", reference=public_id, key=key)
    with transaction() as current:
        service.replace_customer(current, patron_id, gone, customer_id)
    return customer_id


def _wish(intent: SubscriptionIntent) -> SubscriptionCheckout:
    price = intent.price
    return SubscriptionCheckout(
        reference=intent.reference,
        customer_id=intent.patron.stripe_customer_id or "",
        stripe_price_id=price.stripe_price_id or "",
        locale=intent.locale,
        success_url=thanks_url("{CHECKOUT_SESSION_ID}"),
        cancel_url=_back(intent),
        expires_at=intent.expires_at,
        trial_ends_at=intent.trial_ends_at,
        promotion_code_id=intent.coupon.stripe_promotion_code_id if intent.coupon else None,
    )


def _back(intent: SubscriptionIntent) -> str:
    """Return the page that asks, with the same choice on it, and the article that she came from."""
    tier, interval, amount = intent.price.tier.slug, intent.price.interval.value, intent.price.amount
    more = decimal(amount) if intent.price.kind is PriceKind.CHOSEN else None
    kept = {"tier": tier, "interval": interval, "source": intent.source or None, "unpaid": 1}
    kept["currency"] = amount.currency
    if intent.price.kind is PriceKind.CONCESSION:
        return public_url("subscriptions.ask_for_less", **kept)
    return public_url("support.ask", **kept, more=more)
