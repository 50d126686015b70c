"""Access flags: what sites can ask for, and which tiers switch it on."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from membership.db import session, transaction
from membership.errors import Conflict, Invalid
from membership.i18n import gettext, said
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff import service
from membership.staff.forms import read_flag
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, errors_of
from membership.staff.words import word
from membership.tiers import service as tiers
from membership.tiers.rules import BUILT_IN


@bp.get("/flags")
def list_flags() -> ResponseReturnValue:
    """Show the flags, and the tiers that switch each on."""
    staff_only(Role.VIEWER)
    return _page({})


@bp.post("/flags")
def define_flag() -> ResponseReturnValue:
    """Define a flag."""
    actor = audit_name(staff_only(Role.ADMIN))
    try:
        slug, name = read_flag(request.form)
        with transaction() as current:
            service.define_flag(current, slug, name, actor=actor)
    except (Invalid, Conflict) as refusal:
        return _page(errors_of(refusal)), 400
    flash(gettext("The flag is defined."), "good")
    return _back()


@bp.post("/flags/<slug>")
def set_flag(slug: str) -> ResponseReturnValue:
    """Let exactly the chosen tiers switch a flag on."""
    actor = audit_name(staff_only(Role.ADMIN))
    with transaction() as current:
        service.set_tiers(current, slug, request.form.getlist("tiers"), actor=actor)
    flash(gettext("The tiers are changed."), "good")
    return _back()


@bp.post("/flags/<slug>/remove")
def remove_flag(slug: str) -> ResponseReturnValue:
    """Forget a flag that nothing needs."""
    actor = audit_name(staff_only(Role.ADMIN))
    with transaction() as current:
        service.remove_flag(current, slug, actor=actor)
    flash(gettext("The flag is forgotten."), "good")
    return _back()


@bp.app_template_filter("flag_name")
def name_flag(slug: str) -> str:
    """Say what a flag lets a reader do, in the newsroom's own words if it defined it."""
    if slug in BUILT_IN:
        return gettext(word(slug, "flag"))
    return next((str(said(flag.name)) for flag in tiers.list_flags(session()) if flag.slug == slug), slug)


def _page(errors: dict[str, str]) -> str:
    return render_template(
        "staff/flags.html",
        built_in=sorted(BUILT_IN),
        own=tiers.list_flags(session()),
        tiers=tiers.list_tiers(session()),
        errors=errors,
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for(".list_flags"), code=303)
