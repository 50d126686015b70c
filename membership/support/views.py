"""The support page, which asks, and the page that thanks."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask import session as browser
from flask.typing import ResponseReturnValue

from membership.access import service as access
from membership.db import release, session, transaction
from membership.donations import service as donations
from membership.donations import views as donation_views
from membership.donations.forms import DonationForm
from membership.donations.rules import least
from membership.errors import GatewayFailed, Invalid
from membership.gateway.values import CheckoutStatus
from membership.gifts.service import find_gift_of
from membership.jobs.service import enqueue
from membership.money import exponent_of, step_of
from membership.patrons.login import READING, browser_hash, current_patron
from membership.subscriptions import service as subscriptions
from membership.subscriptions import views as subscription_views
from membership.subscriptions.models import Subscription, SubscriptionIntent
from membership.support import handlers, rules, service
from membership.support.forms import Choice, ChoiceRefused, Frequency, source_of
from membership.tiers.rules import Offer, currencies_for_less, currencies_of, intervals_of, offers_of
from membership.tiers.service import list_open_tiers
from membership.web import safe_path, say, settings, source_path

bp = Blueprint("support", __name__)
LONGEST_READ = 500


@bp.get("/")
def ask() -> ResponseReturnValue:
    """Ask for support, once or regularly."""
    came_from = request.args.get("from", "")
    here = source_of(came_from, _homes()) if came_from else ""
    if here and len(came_from) <= LONGEST_READ:
        browser[READING] = came_from
    source = here or source_path(came_from) or source_path(request.args.get("source"))
    return _page(request.args, source, {})


@bp.post("/")
def choose() -> ResponseReturnValue:
    """Lead on with what was chosen: to the summary, or straight to the checkout when she saw amount and frequency."""
    try:
        choice = Choice.parse(
            request.form,
            currencies=_currencies(),
            offered=rules.offered(_offers(_currency(request.form))),
            needs_email=current_patron() is None,
        )
    except ChoiceRefused as refused:
        return _page(request.form, safe_path(request.form.get("source"), ""), refused.problems), 400
    return _lead_on(choice)


def _lead_on(choice: Choice) -> ResponseReturnValue:
    is_gift = choice.frequency is Frequency.ONCE
    if choice.is_confirmed:
        # 307: the browser sends the same form there, and nothing of it stands in an address.
        return redirect(url_for("donations.start" if is_gift else "subscriptions.start"), code=307)
    if is_gift:
        return donation_views.summarise(DonationForm.parse(request.form, _currencies()))
    return subscription_views.summarise(subscription_views.read_form(request.form))


def _page(chosen: Mapping[str, str], source: str, problems: Mapping[str, Invalid]) -> str:
    # Named before any button is pressed, so that two presses come from one browser.
    browser_hash()
    giving, currency, tiers = _giving(), _currency(chosen), list_open_tiers(session())
    offers = offers_of(tiers, currency)
    return render_template(
        "support/page.html",
        chosen=chosen,
        source=source,
        errors={field: say(problem) for field, problem in problems.items()},
        giving=giving,
        offers=[] if giving else offers,
        intervals=[interval.value for interval in intervals_of(offers)],
        currency=currency,
        currencies=_currencies(),
        has_less=bool(currencies_for_less(tiers, settings().default_currency)),
        months_free=rules.months_free_of(offers),
        readers=rules.readers_to_tell(subscriptions.count_readers_who_pay(session())),
        **_gift_words(currency),
        is_known=current_patron() is not None,
    )


def _gift_words(currency: str) -> dict[str, object]:
    return {
        "least": least(currency),
        "digits": exponent_of(currency),
        "step": step_of(currency),
        "schedules": donations.list_schedules(session(), currency),
    }


def _offers(currency: str) -> list[Offer]:
    return offers_of(list_open_tiers(session()), currency)


def _currency(chosen: Mapping[str, str]) -> str:
    wanted, offered = chosen.get("currency", ""), _currencies()
    return wanted if wanted in offered else offered[0]


def _currencies() -> list[str]:
    return currencies_of(list_open_tiers(session()), settings().default_currency)


def _giving() -> Subscription | None:
    patron = current_patron()
    return subscriptions.live_subscription(session(), patron.id) if patron else None


@bp.get("/thanks")
def thank() -> ResponseReturnValue:
    """Say what became of a checkout of ours; coming back from it proves nothing, so the provider is asked."""
    session_id = request.args.get("session_id", "")
    service.get_wish(session(), session_id)
    release()
    checkout = _settle(session_id)
    wish = service.get_wish(session(), session_id)
    fate = rules.fate_of(wish.status, checkout)
    patron = current_patron()
    is_hers = patron is not None and patron.id == wish.patron_id
    order = wish if isinstance(wish, SubscriptionIntent) else None
    name = patron.name if patron and is_hers else ""
    told = {
        "price": order.price if order else None,
        "reduction": subscriptions.reduction_for(order) if order else None,
        "gift": None if order else find_gift_of(session(), wish.id),
        "article": _article(wish.source),
    }
    return render_template("support/thanks.html", wish=wish, fate=fate.value, name=name, **told)


def _article(source: str) -> str:
    """Return the address of what she was reading: as her browser keeps it, else the publication's own of that path."""
    kept, config = browser.get(READING, ""), settings()
    return kept if source and source_of(kept, _homes()) == source else config.publication_url.rstrip("/") + source


def _homes() -> list[str]:
    return [settings().publication_url, *access.list_addresses(session())]


def _settle(session_id: str) -> CheckoutStatus | None:
    try:
        return handlers.settle(session_id)
    except GatewayFailed:
        # Whatever it says of itself: she may have paid, and the page must not deny it.
        with transaction() as current:
            enqueue(current, "checkout.fulfil", f"checkout.fulfil:{session_id}", {"session_id": session_id})
        return None
