"""Commands for levels of support, and for telling the payment provider about them."""

from hashlib import sha256
from typing import Any

import click

from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import release, session, transaction
from membership.gateway.current import gateway
from membership.money import Money
from membership.tiers import service
from membership.tiers.forms import HEAVIEST, read_flags, read_prices, read_slug
from membership.tiers.models import Tier
from membership.web import settings

ACTOR = "command line"
tiers = Commands("tiers", help="Levels of support.")
stripe = Commands("stripe", help="What the payment provider must know of us.")


@tiers.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List every tier, retired ones too."""
    found = [_told(tier) for tier in service.list_tiers(session())]
    lines = [_line(tier) for tier in found]
    tell(found, lines or "There are no tiers yet: add one with `flask tiers add`.", as_json)


@tiers.command()
@click.argument("slug")
@click.option("--name-en", required=True)
@click.option("--name-uk", required=True)
@click.option("--summary-en", required=True)
@click.option("--summary-uk", required=True)
@click.option("--benefit-en", multiple=True, help="One line of what it brings; repeat it.")
@click.option("--benefit-uk", multiple=True)
@click.option("--flag", "flags", multiple=True, help="One access flag that it switches on; repeat it.")
@click.option("--weight", type=click.IntRange(1, HEAVIEST), default=1, show_default=True, help="What its votes weigh.")
@click.option("--position", type=int, default=0, show_default=True, help="Where it stands on the support page.")
@click.option("--prices", required=True, help="Like month=5.00eur,year=50eur.")
@as_json
def add(slug: str, as_json: bool, **told: Any) -> None:
    """Open a tier; tell the payment provider with `flask stripe sync-catalogue`."""
    draft = service.TierDraft(
        slug=read_slug(slug),
        name={"en": told["name_en"], "uk": told["name_uk"]},
        summary={"en": told["summary_en"], "uk": told["summary_uk"]},
        benefits={"en": list(told["benefit_en"]), "uk": list(told["benefit_uk"])},
        flags=read_flags(told["flags"]),
        prices=read_prices(told["prices"]),
        vote_weight=told["weight"],
        position=told["position"],
    )
    with transaction() as current:
        tier = service.add_tier(current, draft)
        note(current, actor=ACTOR, action="tier.added", subject=slug)
    tell(_told(tier), f"{slug} is open to new patrons.", as_json)


@tiers.command()
@click.argument("slug")
@as_json
def retire(slug: str, as_json: bool) -> None:
    """Close a tier to new patrons; who is in it stays in it."""
    with transaction() as current:
        tier = service.retire_tier(current, slug, utc_now())
        note(current, actor=ACTOR, action="tier.retired", subject=slug)
    tell(_told(tier), f"{slug} is closed to new patrons.", as_json)


@stripe.command("sync-catalogue")
@as_json
def sync_catalogue(as_json: bool) -> None:
    """Make the open tiers and their prices known at the payment provider; again changes nothing."""
    slugs = [tier.slug for tier in service.list_open_tiers(session())]
    made = {slug: {"product": _sync_product(slug), "prices": _sync_prices(slug)} for slug in slugs}
    lines = [f"{slug}: product {ids['product']}, new prices {len(ids['prices'])}" for slug, ids in made.items()]
    tell(made, lines or "There are no open tiers.", as_json)


@stripe.command("create-endpoint")
@as_json
def create_endpoint(as_json: bool) -> None:
    """Register our webhook address; the secret is shown once and belongs into STRIPE_WEBHOOK_SECRETS."""
    url = f"{settings().public_url.rstrip('/')}/webhooks/stripe"
    endpoint_id, secret = gateway().create_endpoint(url, key=f"endpoint:{url}")
    told = {"id": endpoint_id, "url": url, "secret": secret}
    tell(told, [f"{name}: {value}" for name, value in told.items()], as_json)


def _sync_product(slug: str) -> str:
    tier = service.get_tier(session(), slug)
    known, name = tier.stripe_product_id, tier.name["en"]
    release()
    # A new name is a new request; the digest keeps the key short and plain.
    key = f"product:{known or slug}:{sha256(name.encode()).hexdigest()[:16]}"
    product_id = gateway().sync_product(known, name=name, reference=slug, key=key)
    with transaction() as current:
        service.record_product(current, slug, product_id)
    return product_id


def _sync_prices(slug: str) -> dict[str, str]:
    product_id, missing = service.list_unknown_prices(session(), slug)
    release()
    made = {}
    for wish in missing:
        made[wish.lookup_key] = gateway().sync_price(
            product_id=product_id,
            amount=wish.amount,
            interval=wish.interval.value,
            lookup_key=wish.lookup_key,
            key=f"price:{wish.lookup_key}",
        )
        with transaction() as current:
            service.record_price(current, wish.lookup_key, made[wish.lookup_key])
    return made


def _told(tier: Tier) -> dict[str, Any]:
    prices = [price for price in tier.prices if price.retired_at is None]
    return {
        "slug": tier.slug,
        "name": tier.name,
        "flags": tier.flags,
        "vote_weight": tier.vote_weight,
        "is_open": tier.retired_at is None,
        "prices": {price.lookup_key: _amount(price.amount) for price in prices},
    }


def _amount(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}


def _line(told: dict[str, Any]) -> str:
    state = "open" if told["is_open"] else "retired"
    return f"{told['slug']:<20} {state:<8} {', '.join(told['prices'])}"
