"""Where a site is told, what it was told, and whether the connection works."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.access import service as access
from membership.audit.service import note
from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Invalid
from membership.i18n import gettext, ngettext
from membership.notifications import service
from membership.notifications.sealing import sealer
from membership.notifications.transport import find_address
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff.forms import read_reason
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of
from membership.web import settings


@bp.get("/sites/<slug>/webhook")
def show_webhook(slug: str) -> ResponseReturnValue:
    """Show where a site is told, and what came of the latest messages."""
    staff_only(Role.ADMIN)
    return _webhook_page(slug)


@bp.post("/sites/<slug>/webhook")
def set_webhook(slug: str) -> ResponseReturnValue:
    """Tell a site at another address; a new one's secret is shown this once."""
    actor, url = audit_name(staff_only(Role.ADMIN)), request.form.get("url", "").strip()
    try:
        find_address(url, allow_local=not settings().is_production)
    except Invalid as refusal:
        return _webhook_page(slug, errors_of(refusal)), 400
    with transaction() as current:
        site = access.get_site(current, slug)
        secret = service.set_endpoint(current, site, url, sealer(), utc_now())
        note(current, actor=actor, action="site.webhook_set", subject=f"site:{slug}", url=url)
    if secret:
        return render_template("staff/site_secret.html", site=site, secret=secret)
    flash(gettext("The site is told at the new address."), "good")
    return redirect(url_for(".show_webhook", slug=slug), code=303)


@bp.post("/sites/<slug>/webhook/secret")
def rotate_webhook_secret(slug: str) -> ResponseReturnValue:
    """Sign with a new secret, shown this once."""
    actor = audit_name(staff_only(Role.ADMIN))
    with transaction() as current:
        site = access.get_site(current, slug)
        secret = service.rotate_secret(service.get_endpoint(current, site), sealer(), utc_now())
        note(current, actor=actor, action="site.webhook_secret_rotated", subject=f"site:{slug}")
    return render_template("staff/site_secret.html", site=site, secret=secret)


@bp.post("/sites/<slug>/webhook/enable")
def enable_webhook(slug: str) -> ResponseReturnValue:
    """Tell a site again, what never arrived first."""
    actor = audit_name(staff_only(Role.ADMIN))
    with transaction() as current:
        count = service.enable(current, service.get_endpoint(current, access.get_site(current, slug)), utc_now())
        note(current, actor=actor, action="site.webhook_enabled", subject=f"site:{slug}")
    return _sent_again(slug, count)


@bp.post("/sites/<slug>/webhook/replay")
def replay(slug: str) -> ResponseReturnValue:
    """Send one message again, or all that never arrived."""
    actor, message, count = audit_name(staff_only(Role.ADMIN)), request.form.get("message", ""), 1
    with transaction() as current:
        site, now = access.get_site(current, slug), utc_now()
        endpoint = service.get_endpoint(current, site)
        if message:
            service.send_once_more(current, site, message, now)
        else:
            count = service.send_again(current, endpoint, now, since=None)
        note(current, actor=actor, action="site.replayed", subject=f"site:{slug}", messages=count)
    return _sent_again(slug, count)


@bp.get("/sites/<slug>/webhook/remove")
def consider_removing_webhook(slug: str) -> ResponseReturnValue:
    """Say what telling a site nothing any more means."""
    staff_only(Role.ADMIN)
    return render_template("staff/site_webhook_remove.html", site=access.get_site(session(), slug), errors={})


@bp.post("/sites/<slug>/webhook/remove")
def remove_webhook(slug: str) -> ResponseReturnValue:
    """Tell a site nothing any more, and forget what it was told."""
    actor = audit_name(staff_only(Role.ADMIN))
    try:
        reason = read_reason(request.form)
    except Invalid as refusal:
        site = access.get_site(session(), slug)
        return render_template("staff/site_webhook_remove.html", site=site, errors=errors_of(refusal)), 400
    with transaction() as current:
        service.remove_endpoint(current, access.get_site(current, slug))
        note(current, actor=actor, action="site.webhook_removed", subject=f"site:{slug}", reason=reason)
    flash(gettext("The site is told nothing any more."), "good")
    return redirect(url_for(".show_site", slug=slug), code=303)


@bp.get("/sites/<slug>/connection")
def show_connection(slug: str) -> ResponseReturnValue:
    """Show what the last test of the connection found, and what to do about it."""
    staff_only(Role.ADMIN)
    site = access.get_site(session(), slug)
    return render_template("staff/site_connection.html", site=site, test=service.find_check(session(), site))


@bp.post("/sites/<slug>/connection")
def check_connection(slug: str) -> ResponseReturnValue:
    """Have the connection tested by the worker."""
    actor = audit_name(staff_only(Role.ADMIN))
    with transaction() as current:
        service.ask_check(current, access.get_site(current, slug), utc_now())
        note(current, actor=actor, action="site.connection_tested", subject=f"site:{slug}")
    return redirect(url_for(".show_connection", slug=slug), code=303)


def _sent_again(slug: str, count: int) -> ResponseReturnValue:
    flash(ngettext("%(num)s message is sent again.", "%(num)s messages are sent again.", count), "good")
    return redirect(url_for(".show_webhook", slug=slug), code=303)


def _webhook_page(slug: str, errors: dict[str, str] | None = None) -> str:
    site = access.get_site(session(), slug)
    told = {"endpoint": service.find_endpoint(session(), site), "messages": service.list_notifications(session(), site)}
    return render_template("staff/site_webhook.html", site=site, errors=errors or {}, **told)
