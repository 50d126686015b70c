"""What came in, month by month, with the rows behind every sum."""

from collections.abc import Iterator
from datetime import date

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from membership.audit.service import note
from membership.clock import utc_now
from membership.db import session, transaction
from membership.patrons.login import staff_only
from membership.patrons.models import Role
from membership.reports import exports, rules, service
from membership.reports.rules import Window
from membership.staff.forms import read_cut
from membership.staff.rules import audit_name
from membership.staff.views.desk import bp, page_number, tier_names, zone

ROWS = 100


@bp.get("/money")
def show_money() -> ResponseReturnValue:
    """Show what came in during a month."""
    staff_only(Role.VIEWER)
    month = _month()
    report = service.month_report(session(), month, zone())
    months = rules.series(service.list_months(session(), month, zone()))
    return render_template("staff/money.html", report=report, series=months, tiers=tier_names(), **_neighbours(month))


@bp.get("/money/rows")
def list_rows() -> ResponseReturnValue:
    """Show the rows behind a sum."""
    staff_only(Role.VIEWER)
    month, page, tiers = _month(), page_number(), tier_names()
    cut = read_cut(request.args, tiers)
    window = rules.window_of(month, zone())
    rows = list(service.list_rows(session(), window, cut, offset=(page - 1) * ROWS, most=ROWS + 1))
    shown = {"month": month, "cut": cut, "rows": rows[:ROWS], "tiers": tiers}
    return render_template("staff/rows.html", page=page, has_more=len(rows) > ROWS, **shown)


@bp.get("/money/<month>.csv")
def export_money(month: str) -> ResponseReturnValue:
    """Hand out the rows of a month for spreadsheets, piece by piece."""
    patron = staff_only(Role.FINANCE)
    window = rules.window_of(rules.parse_month(month), zone())
    with transaction() as current:
        note(current, actor=audit_name(patron), action="money.exported", subject=f"month:{month}")
    file_name = {"Content-Disposition": f'attachment; filename="money-{month}.csv"'}
    return Response(stream_with_context(_pieces(window)), content_type="text/csv; charset=utf-8", headers=file_name)


def _pieces(window: Window) -> Iterator[str]:
    # Asked for only while the answer is on its way: the session of the request itself has ended by then.
    yield from exports.rows_csv(service.list_rows(session(), window))


def _month() -> date:
    asked = request.args.get("month")
    return rules.parse_month(asked) if asked else rules.month_of(utc_now(), zone())


def _neighbours(month: date) -> dict[str, date | None]:
    following = rules.step(month, 1)
    is_over = following <= rules.month_of(utc_now(), zone())
    return {"previous": rules.step(month, -1), "following": following if is_over else None}
