"""Commands that tell the payment provider what it must know of us."""

from membership.commands import Commands, as_json, tell
from membership.db import session
from membership.gateway.current import gateway
from membership.tiers import handlers, service
from membership.web import settings

stripe = Commands("stripe", help="What the payment provider must know of us.")


@stripe.command("sync-catalogue")
@as_json
def sync_catalogue(as_json: bool) -> None:
    """Make the open tiers, their prices and the coupons known at the payment provider; again changes nothing."""
    slugs = [tier.slug for tier in service.list_open_tiers(session())]
    codes = [coupon.code for coupon in service.list_coupons(session()) if coupon.retired_at is None]
    made = {slug: {"product": handlers.make_product(slug), "prices": handlers.make_prices(slug)} for slug in slugs}
    for code in codes:
        handlers.make_coupon(code)
    lines = [f"{slug}: product {ids['product']}, new prices {len(ids['prices'])}" for slug, ids in made.items()]
    tell(made, lines or "There are no open tiers.", as_json)


@stripe.command("create-endpoint")
@as_json
def create_endpoint(as_json: bool) -> None:
    """Register our webhook address; the secret is shown once and belongs into STRIPE_WEBHOOK_SECRETS."""
    url = settings().webhook_url
    endpoint_id, secret = gateway().create_endpoint(url, key=f"endpoint:{url}")
    told = {"id": endpoint_id, "url": url, "secret": secret}
    tell(told, [f"{name}: {value}" for name, value in told.items()], as_json)


@stripe.command("mend-endpoint")
@as_json
def mend_endpoint(as_json: bool) -> None:
    """Register our webhook address for the events that this version handles; again changes nothing."""
    lacked = handlers.mend_endpoints(settings().webhook_url)
    lines = [f"{one}: {', '.join(sorted(events)) or 'used again'}" for one, events in lacked.items()]
    told = {one: sorted(events) for one, events in lacked.items()}
    tell(told, lines or "It gets every event that this version handles.", as_json)
