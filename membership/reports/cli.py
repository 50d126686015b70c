"""Commands that report what came in."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import click

from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import session
from membership.errors import Invalid
from membership.money import decimal
from membership.reports import rules, service
from membership.reports.rules import MonthReport, Part
from membership.reports.values import COUNTS, SUMS, Figures
from membership.web import settings

report = Commands("report", help="What came in.")


class Month(click.ParamType[date]):
    """A month like 2026-11."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return rules.parse_month(value)
        except Invalid as refusal:
            self.fail(str(refusal), param, ctx)


@report.command("month")
@click.argument("month", type=Month(), required=False)
@as_json
def tell_month(month: date | None, as_json: bool) -> None:
    """Tell what came in during a month, this one by default, in the publication's zone."""
    zone = settings().publication_timezone
    found = service.month_report(session(), month or rules.month_of(utc_now(), zone), zone)
    tell(_told(found), _lines(found), as_json)


def _told(found: MonthReport) -> dict[str, Any]:
    return {
        "month": f"{found.month:%Y-%m}",
        "since": found.window.since.isoformat(),
        "until": found.window.until.isoformat(),
        "as_of": found.as_of.isoformat(),
        "totals": [_figures(figures) for figures in found.totals],
        "by_purpose": _parts(found.by_purpose, "purpose"),
        "by_tier": _parts(found.by_tier, "tier"),
        "by_source": _parts(found.by_source, "source"),
        "subscriptions_begun": found.begun,
        "subscriptions_ended": found.ended,
    }


def _figures(figures: Figures) -> dict[str, Any]:
    amounts = {name: getattr(figures, name) for name in (*SUMS, "net")}
    counts = {name: getattr(figures, name) for name in COUNTS}
    told = {name: {"minor": amount.minor, "currency": amount.currency} for name, amount in amounts.items()}
    return {"currency": figures.currency, **told, **counts}


def _parts(parts: Sequence[Part], name: str) -> list[dict[str, Any]]:
    return [{name: part.key, **_figures(part.figures)} for part in parts]


def _lines(found: MonthReport) -> list[str]:
    lines = [f"{found.month:%Y-%m}, from {found.window.since:%Y-%m-%dT%H:%MZ} to {found.window.until:%Y-%m-%dT%H:%MZ}"]
    lines += [_line(figures) for figures in found.totals] or ["Nothing came in."]
    return [*lines, f"Subscriptions begun: {found.begun}, ended: {found.ended}"]


def _line(figures: Figures) -> str:
    amounts = (figures.gross, figures.covered, figures.fee, figures.refunded, figures.lost, figures.net)
    gross, covered, fee, refunded, lost, net = (decimal(amount) for amount in amounts)
    line = (
        f"{figures.currency.upper()}: gross {gross}, added for fees {covered}, fees {fee}, refunds {refunded}, "
        f"disputes and write-offs {lost}, net {net}"
    )
    return f"{line} ({figures.unknown_fees} fees not known yet)" if figures.unknown_fees else line
