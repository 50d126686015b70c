"""Letters that went and that wait, and the work that keeps failing."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.i18n import ngettext
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff import service
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp


@bp.get("/letters")
def list_letters() -> ResponseReturnValue:
    """Show the latest letters, and what keeps failing."""
    staff_only(Role.VIEWER)
    letters, parked = service.list_letters(session()), service.list_parked(session())
    return render_template("staff/letters.html", letters=letters, parked=parked)


@bp.post("/letters/retry")
def retry_jobs() -> ResponseReturnValue:
    """Try again what kept failing."""
    actor = audit_name(staff_only(Role.ADMIN))
    with transaction() as current:
        count = service.retry_parked(current, utc_now(), actor=actor)
    flash(ngettext("%(num)s piece of work is tried again.", "%(num)s pieces of work are tried again.", count), "good")
    return redirect(url_for(".list_letters"), code=303)
