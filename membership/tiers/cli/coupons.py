"""Commands for codes that make a tier cheaper."""

from typing import Any

import click

from membership.audit.service import note
from membership.clock import utc_now
from membership.commands import Commands, as_json, tell
from membership.db import session, transaction
from membership.money import Money, decimal
from membership.tiers import handlers, service
from membership.tiers.forms import read_code, read_day, read_duration, read_off
from membership.tiers.models import Coupon
from membership.web import settings

ACTOR = "command line"
coupons = Commands("coupons", help="Codes that make a tier cheaper.")


@coupons.command()
@click.argument("code")
@click.option("--off", required=True, help="A share like 50% or an amount like 2.50eur.")
@click.option("--lasts", default="once", show_default=True, help="For which payments: once, forever, or '3 months'.")
@click.option("--tier", help="Only for this tier.")
@click.option("--most-uses", type=click.IntRange(1, 100_000), help="How often it may be used.")
@click.option("--until", help="Until the beginning of this day, like 2027-02-01.")
@as_json
def add(code: str, off: str, lasts: str, as_json: bool, **told: Any) -> None:
    """Make a coupon here and at the payment provider; what stops half-way, sync-catalogue finishes."""
    duration, months = read_duration(lasts)
    draft = service.CouponDraft(
        code=read_code(code),
        off=read_off(off),
        duration=duration,
        months=months,
        tier=told["tier"],
        most_uses=told["most_uses"],
        ends_at=read_day(told["until"], settings().publication_timezone) if told["until"] else None,
    )
    with transaction() as current:
        service.add_coupon(current, draft, utc_now())
        note(current, actor=ACTOR, action="coupon.added", subject=draft.code, off=off, lasts=lasts)
    handlers.make_coupon(draft.code)
    tell(_told(service.get_coupon(session(), draft.code)), f"{draft.code} can be used.", as_json)


@coupons.command("list")
@as_json
def list_all(as_json: bool) -> None:
    """List every coupon, retired ones too."""
    found = [_told(coupon) for coupon in service.list_coupons(session())]
    tell(found, [_line(one) for one in found] or "There are no coupons.", as_json)


@coupons.command()
@click.argument("code")
@as_json
def retire(code: str, as_json: bool) -> None:
    """Let a code count no more; who has used it keeps what it gave."""
    with transaction() as current:
        coupon = service.retire_coupon(current, code, utc_now())
        note(current, actor=ACTOR, action="coupon.retired", subject=coupon.code)
    handlers.retire_coupon(coupon.code)
    tell(_told(coupon), f"{coupon.code} counts no more.", as_json)


def _told(coupon: Coupon) -> dict[str, Any]:
    return {
        "code": coupon.code,
        "percent_off": coupon.percent_off,
        "amount_off": coupon.amount_off_minor
        and {"minor": coupon.amount_off_minor, "currency": coupon.amount_off_currency},
        "lasts": f"{coupon.months} months" if coupon.months else coupon.duration.value,
        "uses": coupon.uses,
        "most_uses": coupon.most_uses,
        "is_used_up": coupon.is_used_up,
        "is_usable": coupon.retired_at is None
        and not coupon.is_used_up
        and coupon.stripe_promotion_code_id is not None,
    }


def _said(amount: Money) -> str:
    return f"{decimal(amount)} {amount.currency.upper()}"


def _line(told: dict[str, Any]) -> str:
    amount = told["amount_off"]
    off = _said(Money(**amount)) if amount else f"{told['percent_off']}%"
    unusable = "used up" if told["is_used_up"] else "not usable"
    return f"{told['code']:<20} {off:<10} {told['lasts']:<10} {'usable' if told['is_usable'] else unusable}"
