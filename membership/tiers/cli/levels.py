"""Commands for levels of support: what they bring, what they bear, what they cost."""

from typing import Any

import click

from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.money import Money
from membership.tiers import service
from membership.tiers.errors import NotARise
from membership.tiers.forms import HEAVIEST, read_day, read_flags, read_prices, read_slug
from membership.tiers.models import PriceKind, PriceRise, Tier
from membership.web import settings

ACTOR = "command line"
tiers = Commands("tiers", help="Levels of support.")


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
        service.check_flags(current, draft.flags)
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


@tiers.command()
@click.argument("slug")
@click.option("--prices", required=True, help="Like month=6.00eur,quarter=17eur,year=60eur.")
@click.option("--concession", is_flag=True, help="For whom the tier is too much; on trust, nobody has to prove it.")
@as_json
def price(slug: str, prices: str, concession: bool, as_json: bool) -> None:
    """Offer a tier at these prices from now on; who is in it goes on paying what she pays."""
    kind = PriceKind.CONCESSION if concession else PriceKind.LISTED
    with transaction() as current:
        service.offer_prices(current, slug, read_prices(prices), utc_now(), kind)
        note(current, actor=ACTOR, action="tier.priced", subject=slug, prices=prices, kind=kind.value)
        tier = service.get_tier(current, slug)
    tell(_told(tier), f"{slug} costs {prices} now; tell the provider with `flask stripe sync-catalogue`.", as_json)


@tiers.command("raise")
@click.argument("slug")
@click.option("--price", "text", required=True, help="One, like month=6.00eur.")
@click.option("--on", "day", required=True, help="From this day, like 2027-02-01; thirty days ahead at least.")
@as_json
def announce_rise(slug: str, text: str, day: str, as_json: bool) -> None:
    """Raise a price for those who are in a tier, too; each is told thirty days before she pays it."""
    prices, at = read_prices(text), read_day(day, settings().publication_timezone)
    if len(prices) != 1:
        raise NotARise
    with transaction() as current:
        rise = service.announce_rise(current, slug, prices[0], at, utc_now())
        note(current, actor=ACTOR, action="tier.raised", subject=slug, price=text, on=day)
    told = _told_of_rise(rise)
    tell(told, f"Rise {rise.id}: {slug} rises to {text} from {day}, and everybody is told in time.", as_json)


@tiers.command("call-off")
@click.argument("rise_id", type=int)
@as_json
def call_off_rise(rise_id: int, as_json: bool) -> None:
    """Call a rise off; who was not moved yet goes on paying what she pays."""
    with transaction() as current:
        rise = service.call_off_rise(current, rise_id, utc_now())
        note(current, actor=ACTOR, action="tier.rise_called_off", subject=rise.price.tier.slug, rise=rise_id)
    tell(_told_of_rise(rise), f"Rise {rise_id} is called off.", as_json)


@tiers.command("rises")
@as_json
def list_rises(as_json: bool) -> None:
    """List the rises that run."""
    found = [_told_of_rise(rise) for rise in service.list_rises(session())]
    lines = [f"{one['id']:>4}  {one['tier']:<20} {one['lookup_key']:<28} from {one['on']}" for one in found]
    tell(found, lines or "No price rises.", as_json)


@tiers.command()
@click.argument("slug")
@click.option("--grace-days", type=click.IntRange(0, 90), help="Access after a renewal first failed.")
@click.option("--reminder-days", type=click.IntRange(1, 90), help="When the second letter about it goes out.")
@click.option("--give-up-days", type=click.IntRange(1, 90), help="When the support ends for want of payment.")
@click.option("--pause-months", type=click.IntRange(0, 3), help="How long it may be paused; 0 for not at all.")
@click.option("--takes-more/--one-price", default=None, help="Whether readers may name a higher amount.")
@as_json
def policy(slug: str, as_json: bool, **told: Any) -> None:
    """Set what a tier bears when a payment fails or a reader wants a pause; what is not named stays."""
    with transaction() as current:
        tier = service.set_policy(current, slug, service.Policy(**told))
        note(current, actor=ACTOR, action="tier.policy", subject=slug, **told)
    said = _told(tier)["policy"]
    tell(said, [f"{name}: {value}" for name, value in said.items()], as_json)


def _told_of_rise(rise: PriceRise) -> dict[str, Any]:
    return {
        "id": rise.id,
        "tier": rise.price.tier.slug,
        "lookup_key": rise.price.lookup_key,
        "on": rise.takes_effect_at.isoformat(),
        "is_called_off": rise.called_off_at is not None,
    }


def _told(tier: Tier) -> dict[str, Any]:
    prices = [price for price in tier.prices if price.retired_at is None]
    return {
        "slug": tier.slug,
        "name": tier.name,
        "flags": tier.flags,
        "vote_weight": tier.vote_weight,
        "is_open": tier.retired_at is None,
        "prices": {price.lookup_key: _amount(price.amount) for price in prices if price.kind is PriceKind.LISTED},
        "concessions": {
            price.lookup_key: _amount(price.amount) for price in prices if price.kind is PriceKind.CONCESSION
        },
        "policy": {
            "grace_days": tier.grace_days,
            "reminder_days": tier.reminder_days,
            "give_up_days": tier.give_up_days,
            "pause_months": tier.pause_months,
            "takes_more": tier.takes_more,
        },
    }


def _amount(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}


def _line(told: dict[str, Any]) -> str:
    state = "open" if told["is_open"] else "retired"
    less = f"; on trust {', '.join(told['concessions'])}" if told["concessions"] else ""
    return f"{told['slug']:<20} {state:<8} {', '.join(told['prices'])}{less}"
