"""The sites that may ask: registered, described anew, given keys that are shown once."""

from datetime import timedelta
from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.access import service as access
from membership.access.errors import SiteExists, SiteUnreadable
from membership.access.models import Scope, Site
from membership.audit.service import note
from membership.clock import utc_now
from membership.db import session, transaction
from membership.i18n import gettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff.forms import read_site
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of, with_reason


@bp.get("/sites")
def list_sites() -> ResponseReturnValue:
    """Show which sites may ask."""
    staff_only(Role.ADMIN)
    sites = access.list_sites(session())
    keys = {site.slug: access.list_keys(session(), site) for site in sites}
    return render_template("staff/sites.html", sites=sites, keys=keys)


@bp.get("/sites/new")
def draft_site() -> ResponseReturnValue:
    """Ask what a new site is called and where it is."""
    staff_only(Role.ADMIN)
    return _form_page(None)


@bp.post("/sites/new")
def add_site() -> ResponseReturnValue:
    """Register a site, and show its key this once."""
    actor = audit_name(staff_only(Role.ADMIN))
    try:
        with transaction() as current:
            site, key = access.add_site(current, read_site(request.form), utc_now())
            told = access.describe_site(site)
            note(current, actor=actor, action="site.added", subject=f"site:{site.slug}", **told)
    except (SiteUnreadable, SiteExists) as refusal:
        return _form_page(None, errors_of(refusal)), 400
    return render_template("staff/site_key.html", site=site, key=key)


@bp.get("/sites/<slug>")
def show_site(slug: str) -> ResponseReturnValue:
    """Show one site, its keys, and when each was last used."""
    staff_only(Role.ADMIN)
    site = access.get_site(session(), slug)
    return render_template("staff/site.html", site=site, keys=access.list_keys(session(), site))


@bp.get("/sites/<slug>/edit")
def draft_change(slug: str) -> ResponseReturnValue:
    """Ask how a site is described from now on."""
    staff_only(Role.ADMIN)
    return _form_page(access.get_site(session(), slug))


@bp.post("/sites/<slug>/edit")
def change_site(slug: str) -> ResponseReturnValue:
    """Describe a site anew."""
    actor = audit_name(staff_only(Role.ADMIN))
    try:
        with transaction() as current:
            before = access.describe_site(access.get_site(current, slug))
            after = access.describe_site(access.change_site(current, read_site(request.form, slug)))
            note(current, actor=actor, action="site.changed", subject=f"site:{slug}", before=before, after=after)
    except (SiteUnreadable, SiteExists) as refusal:
        return _form_page(access.get_site(session(), slug), errors_of(refusal)), 400
    flash(gettext("The site is changed."), "good")
    return redirect(url_for(".show_site", slug=slug), code=303)


@bp.get("/sites/<slug>/keys/new")
def consider_key(slug: str) -> ResponseReturnValue:
    """Say what a new key does to the old ones."""
    staff_only(Role.ADMIN)
    return render_template("staff/site_key_new.html", site=access.get_site(session(), slug))


@bp.post("/sites/<slug>/keys/new")
def rotate_key(slug: str) -> ResponseReturnValue:
    """Give a site a new key, and show it this once; the old ones stay, end in a day, or end now."""
    actor, old = audit_name(staff_only(Role.ADMIN)), request.form.get("old", "")
    overlap = {"overlap": access.KEY_OVERLAP, "end": timedelta()}.get(old)
    with transaction() as current:
        site = access.get_site(current, slug)
        if overlap is None:
            key = access.add_key(current, site, utc_now())
        else:
            key = access.rotate_key(current, site, utc_now(), overlap=overlap)
        action = "site.key_added" if overlap is None else "site.key_rotated"
        note(current, actor=actor, action=action, subject=f"site:{slug}", at_once=old == "end")
    return render_template("staff/site_key.html", site=site, key=key)


@bp.get("/sites/<slug>/keys/<int:key_id>/revoke")
def consider_revoking_key(slug: str, key_id: int) -> ResponseReturnValue:
    """Say what ending a key does."""
    staff_only(Role.ADMIN)
    return _revoke_page(slug, key_id)


@bp.post("/sites/<slug>/keys/<int:key_id>/revoke")
def revoke_key(slug: str, key_id: int) -> ResponseReturnValue:
    """End a key at once."""
    actor = audit_name(staff_only(Role.ADMIN))

    def act(reason: str) -> None:
        with transaction() as current:
            access.revoke_key(current, access.get_site(current, slug), key_id, utc_now())
            note(current, actor=actor, action="site.key_revoked", subject=f"site:{slug}", key=key_id, reason=reason)

    words = gettext("The key does not work any more.")
    return with_reason(partial(_revoke_page, slug, key_id), act, words, url_for(".show_site", slug=slug))


def _form_page(site: Site | None, errors: dict[str, str] | None = None) -> str:
    told = {"slug": site.slug, **access.describe_site(site)} if site else {}
    lists = {name: "\n".join(told.get(name, [])) for name in ("origins", "return_urls")}
    shown = {**told, **lists, **request.form.to_dict()}
    scopes = request.form.getlist("scopes") if request.form else told.get("scopes", [])
    every = {"shown": shown, "chosen": scopes, "all_scopes": list(Scope)}
    return render_template("staff/site_form.html", site=site, errors=errors or {}, **every)


def _revoke_page(slug: str, key_id: int, errors: dict[str, str] | None = None) -> str:
    site = access.get_site(session(), slug)
    key = access.get_key(session(), site, key_id)
    return render_template("staff/site_key_revoke.html", site=site, key=key, errors=errors or {})
