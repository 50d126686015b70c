"""The first page: what came in, who is here, what waits."""

from flask import render_template
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.staff import service
from membership.staff.views.desk import bp, tier_names, zone


@bp.get("")
def show_overview() -> ResponseReturnValue:
    """Show how the month goes, and what waits."""
    staff_only(Role.VIEWER)
    overview = service.look(session(), utc_now(), zone())
    return render_template("staff/overview.html", overview=overview, tiers=tier_names())
