"""A standing order that changes: chosen, shown with what it costs, done."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.errors import Invalid
from membership.gateway.errors import GatewayRefused
from membership.gateway.values import Preview
from membership.i18n import gettext
from membership.money import Money
from membership.patrons.login import signed_in
from membership.subscriptions import handlers, rules, service
from membership.subscriptions.errors import NothingToChange
from membership.subscriptions.forms import Pick
from membership.subscriptions.models import ChangeStatus, Subscription
from membership.subscriptions.views.checkouts import bp
from membership.subscriptions.views.picking import choose
from membership.tiers.models import Price, PriceKind
from membership.tiers.rules import offers_of
from membership.tiers.service import list_open_tiers
from membership.web import say

# So long what was shown is what will be charged.
SHOWN_FOR = timedelta(hours=1)


@bp.get("/account/subscription/change")
def consider_change() -> ResponseReturnValue:
    """Offer every tier in the currency of what is given, or for less to whoever says that it is too much."""
    return _page(request.args, {})


@bp.post("/account/subscription/change")
def preview_change() -> ResponseReturnValue:
    """Show what a change costs today and later, before anything is done."""
    live = _live()
    pick = Pick.parse(request.form, live.price.amount.currency)
    try:
        with transaction() as current:
            price = choose(current, pick)
    except Invalid as error:
        return _page(request.form, {error.field or "more": say(error)}), 400
    at = utc_now().replace(microsecond=0)
    try:
        preview = handlers.preview(live.patron_id, price.id, at)
    except NothingToChange as error:
        return _page(request.form, {"form": say(error)}), 409
    shown = {"price": price, "preview": preview, "next_sum": _next_sum(live, price, preview)}
    return render_template("subscriptions/change.html", subscription=live, pick=pick, at=int(at.timestamp()), **shown)


def _next_sum(live: Subscription, price: Price, preview: Preview | None) -> Money | None:
    """Return what the next payment is with what is carried to it; none where a code makes it less."""
    reduction = service.find_reduction(session(), live, live.period_ends_at)
    return None if preview is None or reduction else price.amount + preview.carried


@bp.post("/account/subscription/change/confirm")
def change() -> ResponseReturnValue:
    """Change what is given: more at once, less when the period ends."""
    live = _live()
    with transaction() as current:
        price_id = choose(current, Pick.parse(request.form, live.price.amount.currency)).id
    try:
        status = handlers.change(live.patron_id, price_id, _shown_at(request.form))
    except GatewayRefused:
        flash(gettext("Your bank did not allow this payment. Nothing was charged, and nothing has changed."), "wrong")
        return redirect("/account", code=303)
    except NothingToChange as error:
        return _page(request.form, {"form": say(error)}), 409
    if status is ChangeStatus.DONE:
        flash(gettext("It is changed. Thank you."), "good")
    else:
        flash(gettext("Your bank has not let the payment through yet. Until it does, nothing changes."), "careful")
    return redirect("/account", code=303)


@bp.post("/account/subscription/keep")
def keep_price() -> ResponseReturnValue:
    """Let a planned change not happen."""
    handlers.keep_price(signed_in().id)
    flash(gettext("It stays as it is."), "good")
    return redirect("/account", code=303)


def _live() -> Subscription:
    return service.get_live_subscription(session(), signed_in().id)


def _page(chosen: Mapping[str, str], errors: Mapping[str, str]) -> str:
    live = _live()
    rules.admit_change(live)
    kind = PriceKind.CONCESSION if chosen.get("kind") == PriceKind.CONCESSION else PriceKind.LISTED
    currency, tiers = live.price.amount.currency, list_open_tiers(session())
    return render_template(
        "subscriptions/changes.html",
        subscription=live,
        offers=offers_of(tiers, currency, kind),
        has_less=bool(offers_of(tiers, currency, PriceKind.CONCESSION)),
        kind=kind.value,
        currency=currency,
        chosen=chosen,
        errors=errors,
    )


def _shown_at(fields: Mapping[str, str]) -> datetime:
    """Return the moment for which the change was shown, unless that is too long ago."""
    now, told = utc_now().replace(microsecond=0), fields.get("at", "")
    if not (told.isascii() and told.isdigit() and len(told) <= 12):
        return now
    shown = datetime.fromtimestamp(int(told), UTC)
    return shown if now - SHOWN_FOR <= shown <= now else now
