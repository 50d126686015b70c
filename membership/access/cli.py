"""Commands: the sites that may ask, and the keys that sign passes."""

from datetime import timedelta
from typing import Any

import click

from membership.access import service
from membership.access.forms import parse_site
from membership.access.models import Site
from membership.access.service import KeyRing
from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.web import settings

sites = Commands("sites", help="The sites that may ask what a reader may see.")
keys = Commands("keys", help="The keys that sign passes.")
ACTOR = "cli"


@sites.command()
@click.argument("slug")
@click.option("--name", required=True, help="What readers call the site.")
@click.option("--origin", "origins", multiple=True, help="https://www.example.org; may ask from a reader's browser.")
@click.option("--return-url", "return_urls", multiple=True, help="Where a hand-over may end, exactly.")
@click.option("--audience", default="", help="The name in its passes.  [default: the slug]")
@as_json
def add(slug: str, as_json: bool, *, origins: tuple[str, ...], return_urls: tuple[str, ...], **texts: str) -> None:
    """Register a site. Prints its key, this once."""
    with transaction() as current:
        draft = parse_site({"slug": slug, **texts}, origins, return_urls)
        site, key = service.add_site(current, draft, utc_now())
        note(current, actor=ACTOR, action="site.added", subject=f"site:{slug}", origins=list(origins))
    tell({"slug": slug, "audience": site.audience, "key": key}, f"{slug} may ask. Its key, shown once: {key}", as_json)


@sites.command("rotate-key")
@click.argument("slug")
@click.option("--at-once", is_flag=True, help="The old keys stop now, not in 24 hours.")
@as_json
def rotate_key(slug: str, at_once: bool, as_json: bool) -> None:
    """Give a site a new key. Prints it, this once."""
    with transaction() as current:
        overlap = timedelta() if at_once else service.KEY_OVERLAP
        key = service.rotate_key(current, slug, utc_now(), overlap=overlap)
        note(current, actor=ACTOR, action="site.key_rotated", subject=f"site:{slug}", at_once=at_once)
    until = "do not work any more" if at_once else "work for another 24 hours"
    tell({"slug": slug, "key": key}, f"The new key, shown once: {key}\nThe old ones {until}.", as_json)


@sites.command("list")
@as_json
def list_sites(as_json: bool) -> None:
    """List the sites, and when each of their keys was last used."""
    used: dict[int, list[str]] = {}
    for key in service.list_keys(session(), utc_now()):
        used.setdefault(key.site_id, []).append(key.last_used_at.isoformat() if key.last_used_at else "never")
    rows = [_described(site, used.get(site.id, [])) for site in service.list_sites(session())]
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


def _described(site: Site, used: list[str]) -> dict[str, Any]:
    named = {"slug": site.slug, "name": site.name, "audience": site.audience}
    return {**named, "origins": site.origins, "return_urls": site.return_urls, "keys_last_used": used}
