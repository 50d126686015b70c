"""Commands: the sites that may ask, and the keys that sign passes."""

from collections.abc import Callable
from datetime import timedelta
from functools import reduce
from typing import Any

import click

from membership.access import service
from membership.access.forms import parse_site
from membership.access.models import Scope, Site, SiteKey
from membership.access.service import KeyRing
from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.web import settings

sites = Commands("sites", help="The sites that may ask what a reader may see.")
keys = Commands("keys", help="The keys that sign passes.")
ACTOR = "cli"
LISTS = ("origins", "return_urls", "scopes")


def _described_by(required: bool) -> Callable[[Any], Any]:
    """Add the options that describe a site."""
    options = [
        click.option("--name", required=required, default=None, help="What readers call the site."),
        click.option(
            "--origin", "origins", multiple=True, help="https://www.example.org; may ask from a reader's browser."
        ),
        click.option("--return-url", "return_urls", multiple=True, help="Where a hand-over may end, exactly."),
        click.option("--audience", default=None, help="The name in its passes."),
        click.option(
            "--scope",
            "scopes",
            multiple=True,
            type=click.Choice([scope.value for scope in Scope]),
            help="What else it may.",
        ),
    ]
    return lambda command: reduce(lambda dressed, option: option(dressed), reversed(options), command)


@sites.command()
@click.argument("slug")
@_described_by(required=True)
@as_json
def add(slug: str, as_json: bool, *, name: str, audience: str | None, **lists: tuple[str, ...]) -> None:
    """Register a site. Prints its key, this once."""
    draft = parse_site({"slug": slug, "name": name, "audience": audience or ""}, lists)
    with transaction() as current:
        site, key = service.add_site(current, draft, utc_now())
        note(current, actor=ACTOR, action="site.added", subject=f"site:{slug}", **service.describe_site(site))
    tell({"slug": slug, "audience": site.audience, "key": key}, f"{slug} may ask. Its key, shown once: {key}", as_json)


@sites.command("set")
@click.argument("slug")
@_described_by(required=False)
@click.option("--clear", "cleared", multiple=True, type=click.Choice(LISTS), help="Leave this list empty.")
@as_json
def set_site(slug: str, as_json: bool, *, cleared: tuple[str, ...], **given: Any) -> None:
    """Describe a site anew; what is not given stays, and a list that is given replaces the old one."""
    with transaction() as current:
        kept = service.describe_site(service.get_site(current, slug))
        wanted = {name: given[name] or kept[name] for name in kept} | dict.fromkeys(cleared, ())
        draft = parse_site({**wanted, "slug": slug}, wanted)
        site = service.change_site(current, draft)
        told = service.describe_site(site)
        note(current, actor=ACTOR, action="site.changed", subject=f"site:{slug}", before=kept, after=told)
    tell({"slug": slug, **told}, f"{slug} is changed.", as_json)


@sites.command("rotate-key")
@click.argument("slug")
@click.option("--at-once", is_flag=True, help="The old keys stop now, not in 24 hours.")
@as_json
def rotate_key(slug: str, at_once: bool, as_json: bool) -> None:
    """Give a site a new key. Prints it, this once."""
    with transaction() as current:
        overlap = timedelta() if at_once else service.KEY_OVERLAP
        key = service.rotate_key(current, service.get_site(current, slug), utc_now(), overlap=overlap)
        note(current, actor=ACTOR, action="site.key_rotated", subject=f"site:{slug}", at_once=at_once)
    until = "do not work any more" if at_once else "work for another 24 hours"
    tell({"slug": slug, "key": key}, f"The new key, shown once: {key}\nThe old ones {until}.", as_json)


@sites.command("add-key")
@click.argument("slug")
@as_json
def add_key(slug: str, as_json: bool) -> None:
    """Give a site one more key, beside those that it has. Prints it, this once."""
    with transaction() as current:
        key = service.add_key(current, service.get_site(current, slug), utc_now())
        note(current, actor=ACTOR, action="site.key_added", subject=f"site:{slug}")
    tell({"slug": slug, "key": key}, f"One more key, shown once: {key}", as_json)


@sites.command("revoke-key")
@click.argument("slug")
@click.argument("number", type=int)
@as_json
def revoke_key(slug: str, number: int, as_json: bool) -> None:
    """End one key of a site at once; `flask sites show` tells its number."""
    with transaction() as current:
        key = service.revoke_key(current, service.get_site(current, slug), number, utc_now())
        note(current, actor=ACTOR, action="site.key_revoked", subject=f"site:{slug}", key=number)
    tell({"slug": slug, **key_row(key)}, f"Key {number} of {slug} does not work any more.", as_json)


@sites.command("list")
@as_json
def list_sites(as_json: bool) -> None:
    """List the sites, and when each of their keys was last used."""
    rows = [_described(site) for site in service.list_sites(session())]
    lines = [f"{row['slug']}  keys last used: {', '.join(row['keys_last_used']) or 'no key works'}" for row in rows]
    tell({"sites": rows}, lines or "No site yet: flask sites add.", as_json)


@keys.command()
@click.option("--compromised", is_flag=True, help="Destroy every key at once; sites refuse their passes in 5 minutes.")
@click.option("--remove", metavar="KID", help="Destroy an old key instead; its passes are refused within 5 minutes.")
@as_json
def rotate(compromised: bool, remove: str | None, as_json: bool) -> None:
    """Publish a new key, which takes over in ten minutes; old passes stay good."""
    if compromised and remove:
        raise click.UsageError("--compromised destroys every key; --remove is for a single one.")
    ring, now = _ring(), utc_now()
    if remove:
        ring.remove(remove, now)
        kid, action = remove, "key.removed"
    elif compromised:
        kid, action = ring.replace_all(now).kid, "keys.compromised"
    else:
        kid, action = ring.rotate(now).kid, "key.made"
    with transaction() as current:
        note(current, actor=ACTOR, action=action, subject=f"key:{kid}")
    _tell_keys(ring, as_json)


@keys.command("list")
@as_json
def list_keys(as_json: bool) -> None:
    """List the keys and tell which one signs."""
    _tell_keys(_ring(), as_json)


def _ring() -> KeyRing:
    return service.key_ring(settings().pass_keys_dir)


def _tell_keys(ring: KeyRing, as_json: bool) -> None:
    now = utc_now()
    signing = ring.signing_key(now).kid
    rows = [{"kid": key.kid, "made_at": key.made_at.isoformat(), "signs": key.kid == signing} for key in ring.keys(now)]
    lines = [f"{row['kid']}  made {row['made_at']}{'  signs' if row['signs'] else ''}" for row in rows]
    tell({"keys": rows}, lines, as_json)


def _described(site: Site) -> dict[str, Any]:
    working = [key for key in service.list_keys(session(), site) if key.works(utc_now())]
    used = [key.last_used_at.isoformat() if key.last_used_at else "never" for key in working]
    return {"slug": site.slug, **service.describe_site(site), "keys_last_used": used}


def key_row(key: SiteKey) -> dict[str, Any]:
    """Say how a key begins, when it was last used, and whether it works."""
    state = "works" if key.revoked_at is None else f"ends {key.revoked_at:%Y-%m-%d %H:%M} UTC"
    used = key.last_used_at and key.last_used_at.isoformat()
    return {
        "number": key.id,
        "hint": key.hint,
        "last_used_at": used,
        "state": state if key.works(utc_now()) else "ended",
    }
