"""A standing order that stops, goes on, pauses."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import session, transaction
from membership.i18n import gettext
from membership.patrons.login import signed_in
from membership.subscriptions import handlers, rules, service
from membership.subscriptions.forms import StopForm, read_months
from membership.subscriptions.service.stops import ACCOUNT
from membership.subscriptions.views.checkouts import bp


@bp.get("/account/subscription/stop")
def consider_stopping() -> ResponseReturnValue:
    """Say what will happen, and until when she reads and votes."""
    subscription = service.get_live_subscription(session(), signed_in().id)
    months = rules.pause_months(subscription)
    is_late = rules.standing_of(subscription) is rules.Standing.LATE
    return render_template("subscriptions/stop.html", subscription=subscription, months=months, is_late=is_late)


@bp.post("/account/subscription/stop")
def stop() -> ResponseReturnValue:
    """Stop at the end of what is paid for."""
    patron_id, form = signed_in().id, StopForm.parse(request.form)
    stripe_id = service.get_live_subscription(session(), patron_id).stripe_subscription_id
    handlers.stop(patron_id)
    with transaction() as current:
        service.note_stop(current, stripe_id, ACCOUNT, form.reason, form.words)
    flash(gettext("You will not be charged again. Thank you for what you gave."), "good")
    return redirect("/account", code=303)


@bp.post("/account/subscription/continue")
def go_on() -> ResponseReturnValue:
    """Take the stopping back."""
    handlers.go_on(signed_in().id)
    flash(gettext("You go on giving. Thank you."), "good")
    return redirect("/account", code=303)


@bp.get("/account/subscription/pause")
def consider_pausing() -> ResponseReturnValue:
    """Offer the months that the tier bears, each with the day of the next payment."""
    subscription = service.get_live_subscription(session(), signed_in().id)
    rules.admit_change(subscription)
    choices = {months: rules.pause_until(subscription, months) for months in rules.pause_months(subscription)}
    return render_template("subscriptions/pause.html", subscription=subscription, choices=choices)


@bp.post("/account/subscription/pause")
def pause() -> ResponseReturnValue:
    """Ask for nothing for some months."""
    handlers.pause(signed_in().id, read_months(request.form))
    flash(gettext("Your support is paused. We write to you before the next payment."), "good")
    return redirect("/account", code=303)


@bp.get("/account/subscription/resume")
def consider_resuming() -> ResponseReturnValue:
    """Say whether going on means to be charged today."""
    plan = service.plan_resumption(session(), signed_in().id, utc_now())
    subscription = service.get_live_subscription(session(), signed_in().id)
    return render_template("subscriptions/resume.html", subscription=subscription, charge_now=plan.charge_now)


@bp.post("/account/subscription/resume")
def resume() -> ResponseReturnValue:
    """Go on before the pause is over."""
    handlers.resume(signed_in().id, utc_now())
    flash(gettext("You go on giving. Thank you."), "good")
    return redirect("/account", code=303)
