"""Commands for whoever keeps the books: the proof of payouts, and the journal as a table."""

import sys
from dataclasses import asdict
from datetime import date
from typing import Any, TextIO

import click

from membership.clock import utc_now
from membership.commands import as_json, tell
from membership.db import session
from membership.money import decimal
from membership.reports import rules
from membership.reports.cli import Month, report
from membership.reports.exports import Value, to_csv
from membership.reports.gnucash import gnucash_book
from membership.reports.service.journal import HEAD, journal_lines, journal_movements
from membership.reports.service.payouts import PayoutProof, list_payouts, prove_payout
from membership.web import settings

__all__ = ["report"]


@report.command("payout")
@click.argument("payout_id")
@as_json
def tell_payout(payout_id: str, as_json: bool) -> None:
    """Match a payout line by line with the books; exit 1 unless it is proven."""
    proof = prove_payout(session(), payout_id)
    lines = [
        f"{'matched' if one.is_matched else 'UNMATCHED':9}  {one.stripe_balance_transaction_id}  {one.category}  "
        f"{decimal(one.net)}{'' if one.is_ours else '  (not ours)'}"
        for one in proof.lines
    ]
    tell(_told(proof), [*lines, _line(proof)], as_json)
    sys.exit(0 if proof.is_proven else 1)


@report.command("payouts")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@as_json
def tell_payouts(limit: int, as_json: bool) -> None:
    """List the latest payouts, and whether each is proven."""
    found = list_payouts(session(), limit)
    tell([_told(one) for one in found], [_line(one) for one in found] or "There are none.", as_json)


@report.command("journal")
@click.argument("month", type=Month(), required=False)
@click.option("--format", "kind", type=click.Choice(["csv", "gnucash"]), default="csv", show_default=True)
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", help="Where to write it.")
@as_json
def write_journal(month: date | None, kind: str, output: TextIO, as_json: bool) -> None:
    """Write the journal under ids that never change: a month as CSV, this one by default, or a book of GnuCash's.

    The book holds the journal from its beginning unless a month is named.
    """
    zone = settings().publication_timezone
    window = rules.window_of(month or rules.month_of(utc_now(), zone), zone)
    if kind == "gnucash":
        output.write(gnucash_book(journal_movements(session(), window if month else None)))
        return
    lines = journal_lines(session(), window.since, window.until)
    if as_json:
        tell([dict(zip(HEAD, map(_plain, line), strict=True)) for line in lines], "", as_json)
        return
    for piece in to_csv(HEAD, lines):
        output.write(piece)


def _plain(value: Value) -> str | None:
    return None if value is None else str(value)


def _told(proof: PayoutProof) -> dict[str, Any]:
    lines = [
        {**asdict(line), "created_at": line.created_at.isoformat(), "is_matched": line.is_matched}
        for line in proof.lines
    ]
    return {
        "id": proof.stripe_payout_id,
        "status": proof.status,
        "amount": asdict(proof.amount),
        "arrives_at": proof.arrives_at.isoformat(),
        "is_complete": proof.is_complete,
        "is_proven": proof.is_proven,
        "matched": asdict(proof.matched),
        "unmatched": len(proof.unmatched),
        "difference": asdict(proof.difference),
        "lines": lines,
    }


def _line(proof: PayoutProof) -> str:
    verdict = "proven" if proof.is_proven else "NOT PROVEN" if proof.is_complete else "not told yet"
    amount, matched, difference = map(decimal, (proof.amount, proof.matched, proof.difference))
    return (
        f"{proof.stripe_payout_id}  {proof.status}  {proof.amount.currency.upper()} {amount}: {verdict}, "
        f"matched {matched}, unmatched lines {len(proof.unmatched)}, difference {difference}"
    )
