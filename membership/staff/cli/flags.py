"""Commands for access flags: what sites can ask for, and which tiers switch it on."""

import click

from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.staff import service
from membership.staff.words import FLAGS
from membership.tiers import service as tiers
from membership.tiers.forms import read_flags
from membership.tiers.rules import BUILT_IN

ACTOR = "command line"
flags = Commands("flags", help="What sites can ask for, and which tiers switch it on.")


@flags.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List every flag, built in or defined here, and the tiers that switch it on."""
    named = {slug: FLAGS[slug] for slug in sorted(BUILT_IN)}
    named |= {flag.slug: flag.name["en"] for flag in tiers.list_flags(session())}
    held = {slug: _tiers_with(slug) for slug in named}
    told = [
        {"flag": slug, "name": name, "built_in": slug in BUILT_IN, "tiers": held[slug]} for slug, name in named.items()
    ]
    lines = [f"{slug}  {name}  tiers: {', '.join(held[slug]) or 'none'}" for slug, name in named.items()]
    tell(told, lines, as_json)


@flags.command()
@click.argument("flag")
@click.option("--name-en", required=True, help="What it lets a reader do, like “reads the archive”.")
@click.option("--name-uk", required=True)
@as_json
def add(flag: str, as_json: bool, name_en: str, name_uk: str) -> None:
    """Define a flag: small letters, digits and underscores."""
    (slug,) = read_flags([flag])
    with transaction() as current:
        service.define_flag(current, slug, {"en": name_en, "uk": name_uk}, actor=ACTOR)
    tell({"flag": slug}, f"{slug} is defined; flask flags attach TIER {slug} switches it on.", as_json)


@flags.command()
@click.argument("tier")
@click.argument("flag")
@as_json
def attach(tier: str, flag: str, as_json: bool) -> None:
    """Let a tier switch a flag on, for everybody in it at once."""
    with transaction() as current:
        service.attach_flag(current, tier, flag, actor=ACTOR)
    tell({"flag": flag, "tiers": _tiers_with(flag)}, f"{tier} switches {flag} on.", as_json)


@flags.command()
@click.argument("tier")
@click.argument("flag")
@as_json
def detach(tier: str, flag: str, as_json: bool) -> None:
    """Let a tier switch a flag on no more."""
    with transaction() as current:
        service.detach_flag(current, tier, flag, actor=ACTOR)
    tell({"flag": flag, "tiers": _tiers_with(flag)}, f"{tier} switches {flag} on no more.", as_json)


@flags.command()
@click.argument("flag")
@as_json
def remove(flag: str, as_json: bool) -> None:
    """Forget a flag that no tier and no vote needs."""
    with transaction() as current:
        service.remove_flag(current, flag, actor=ACTOR)
    tell({"flag": flag, "removed": True}, f"{flag} is forgotten.", as_json)


def _tiers_with(flag: str) -> list[str]:
    return [tier.slug for tier in tiers.tiers_with(session(), flag)]
