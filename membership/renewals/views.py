"""From a letter, without signing in: stop, pause, say that once was meant. And a new card, on the provider's page."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.errors import Conflict
from membership.gateway.current import gateway
from membership.i18n import gettext
from membership.mail.links import number_of
from membership.patrons.login import signed_in
from membership.renewals import handlers, service
from membership.subscriptions import handlers as subscriptions
from membership.subscriptions import rules
from membership.subscriptions import service as orders
from membership.subscriptions.errors import LinkOver, NoSubscription, NotOnce
from membership.subscriptions.forms import StopForm, read_months
from membership.subscriptions.models import LetterLink, Purpose
from membership.subscriptions.service.stops import LETTER
from membership.web import lead_out, public_url, settings

bp = Blueprint("renewals", __name__)


@bp.get("/letter/<token>")
def consider(token: str) -> ResponseReturnValue:
    """Say what the link can do; to open it does nothing, for mail programs open every link."""
    link = _link(token)
    if link.purpose is Purpose.ONCE:
        return _once_page(token, link)
    subscription = link.subscription
    standing = rules.standing_of(subscription)
    months = rules.pause_months(subscription) if standing is rules.Standing.ACTIVE else range(0)
    return render_template(
        "renewals/letter.html",
        token=token,
        subscription=subscription,
        standing=standing.value,
        choices={number: rules.pause_until(subscription, number) for number in months},
    )


def _once_page(token: str, link: LetterLink) -> str:
    if _is_made_once(link):
        return _done(gettext("Your gift is a single one now. Nothing more will be charged."))
    single = service.look_at_single(session(), link, utc_now())
    return render_template("renewals/once.html", token=token, subscription=link.subscription, single=single)


@bp.post("/letter/<token>/stop")
def stop(token: str) -> ResponseReturnValue:
    """Stop at the end of what is paid for."""
    link, form = _link(token, Purpose.STOP), StopForm.parse(request.form)
    stripe_id = link.subscription.stripe_subscription_id
    subscriptions.stop(link.subscription.patron_id)
    with transaction() as current:
        orders.note_stop(current, stripe_id, LETTER, form.reason, form.words)
    return _done(gettext("You will not be charged again. Thank you for what you gave."))


@bp.post("/letter/<token>/pause")
def pause(token: str) -> ResponseReturnValue:
    """Ask for nothing for some months."""
    subscriptions.pause(_link(token, Purpose.STOP).subscription.patron_id, read_months(request.form))
    return _done(gettext("Your support is paused. We write to you before the next payment."))


@bp.post("/letter/<token>/once")
def make_once(token: str) -> ResponseReturnValue:
    """Make the gift a single one."""
    link = _link(token, Purpose.ONCE)
    if _is_made_once(link):
        return _once_page(token, link)
    single = service.look_at_single(session(), link, utc_now())
    handlers.make_once(link.id)
    if single.returned:
        return _done(gettext("Your gift is a single one now, and the second payment goes back to you."))
    return _done(gettext("Your gift is a single one now. Nothing more will be charged."))


def _is_made_once(link: LetterLink) -> bool:
    return link.used_at is not None and link.subscription.cancel_at is not None


def _done(words: str) -> str:
    return render_template("renewals/done.html", words=words)


def _link(token: str, purpose: Purpose | None = None) -> LetterLink:
    config = settings()
    secrets = [config.secret_key, *config.secret_key_fallbacks]
    link = orders.get_link(session(), number_of(token, [secret.get_secret_value() for secret in secrets]))
    if purpose not in {None, link.purpose} or link.subscription.is_surplus:
        raise LinkOver
    return link


@bp.errorhandler(LinkOver)
@bp.errorhandler(NotOnce)
@bp.errorhandler(NoSubscription)
def say_over(error: LinkOver | NotOnce | NoSubscription) -> ResponseReturnValue:
    """Tell the way on when a link can do nothing any more."""
    return render_template("renewals/over.html", words=gettext(error.message)), 409 if isinstance(
        error, Conflict
    ) else 410


@bp.post("/account/card")
def change_card() -> ResponseReturnValue:
    """Lead to the provider's page for another card."""
    customer_id = signed_in().stripe_customer_id
    release()
    if customer_id is None:
        raise NoSubscription
    portal = gateway().open_portal(customer_id, public_url("renewals.come_back"))
    return lead_out(portal, gettext("Go on to the page for your card"))


@bp.get("/account/card/back")
def come_back() -> ResponseReturnValue:
    """Welcome her back from the provider's page; what is late is tried with the card that counts now."""
    handlers.try_new_card(signed_in().id)
    flash(gettext("If you gave another card, it counts from now on; what was late is tried at once."), "good")
    return redirect("/account", code=303)
