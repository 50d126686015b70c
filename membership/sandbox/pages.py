"""The hosted checkout page: what is bought, a card field with the test numbers below it, pay or leave."""

from typing import Any
from urllib.parse import urlsplit

from babel.numbers import format_currency
from flask import Blueprint, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from membership.sandbox import checkout
from membership.sandbox.billing import engine
from membership.sandbox.cards import CARDS, COMMON, Card, find_card
from membership.sandbox.currencies import major
from membership.sandbox.errors import CardDeclined, Missing
from membership.sandbox.objects import SELLER
from membership.sandbox.store import Object
from membership.sandbox.words import LANGUAGES, WORDS
from membership.sandbox.world import World

bp = Blueprint("pages", __name__, url_prefix="/c/pay")


def world() -> World:
    """Return the world that this application shows."""
    return current_app.extensions["world"]  # type: ignore[no-any-return]


@bp.before_request
def begin() -> None:
    """Let what is due happen first; hold the world until the page is made."""
    world().lock.acquire()
    engine.catch_up(world())


@bp.teardown_request
def end(error: BaseException | None) -> None:
    """Let go of the world."""
    world().lock.release()


@bp.get("/<id>")
def show(id: str) -> ResponseReturnValue:
    """Show what is bought, and ask for a card."""
    session = _session(id)
    return _form(session) if session["status"] == "open" else _closed(session, 200)


@bp.post("/<id>")
def pay(id: str) -> ResponseReturnValue:
    """Pay with the card that was typed, or ask its bank first."""
    session = _session(id)
    if session["status"] != "open":
        return _closed(session, 409)
    email = checkout.email_of(world(), session) or request.form.get("email", "").strip()
    card = find_card(request.form.get("card", ""))
    errors = {"card": "" if card else "unknown_card", "email": "" if "@" in email else "bad_email"}
    if card is None or "@" not in email:
        return _form(session, 400, errors=errors)
    buyer = {"email": email, "name": request.form.get("name", "").strip() or None}
    if card.asks:
        world().store.untold[id]["asked"] = {"number": card.number, **buyer}
        return redirect(f"/c/pay/{id}/confirm", 303)
    return _settle(session, card, buyer)


@bp.get("/<id>/confirm")
def ask(id: str) -> ResponseReturnValue:
    """Ask, as the buyer's bank, whether it is she who pays."""
    session = _session(id)
    if session["status"] != "open" or "asked" not in world().store.untold[id]:
        return redirect(f"/c/pay/{id}", 303)
    return _page("confirm.html", session, 200)


@bp.post("/<id>/confirm")
def confirm(id: str) -> ResponseReturnValue:
    """Take the buyer's answer to her bank."""
    session = _session(id)
    asked = world().store.untold[id].pop("asked", None)
    if session["status"] != "open" or asked is None:
        return redirect(f"/c/pay/{id}", 303)
    card = CARDS[asked.pop("number")]
    if request.form.get("outcome") == "complete":
        return _settle(session, card, asked)
    return _declined(session, checkout.fail_confirmation(world(), session, card))


@bp.errorhandler(Missing)
def missing(error: Missing) -> ResponseReturnValue:
    """Say that there is no such session."""
    return _page("closed.html", None, 404, what="unknown")


def _session(id: str) -> Object:
    return world().store.get("checkout.session", id)


def _settle(session: Object, card: Card, buyer: dict[str, Any]) -> ResponseReturnValue:
    try:
        checkout.pay(world(), session, card, email=buyer["email"], name=buyer["name"])
    except CardDeclined as refusal:
        return _declined(session, refusal)
    return redirect(checkout.success_url(session), 303)


def _declined(session: Object, refusal: CardDeclined) -> ResponseReturnValue:
    word = refusal.decline_code if refusal.decline_code == "insufficient_funds" else refusal.code
    return _form(session, 402, errors={"card": str(word)})


def _form(session: Object, status: int = 200, *, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    known = checkout.email_of(world(), session)
    language = _language(session)
    items = [
        (item["description"], _money(item["amount_total"], item["currency"], language), _rhythm(item, language))
        for item in world().store.untold[session["id"]]["items"]
    ]
    return _page("checkout.html", session, status, errors=errors or {}, known_email=known, items=items)


def _closed(session: Object, status: int) -> ResponseReturnValue:
    return _page("closed.html", session, status, what=session["status"])


def _page(template: str, session: Object | None, status: int, **values: Any) -> ResponseReturnValue:
    language = _language(session or {})
    amount = _money(session["amount_total"], session["currency"], language) if session else ""

    def say(word: str, **values: object) -> str:
        return WORDS[language][word] % (values | {"amount": amount, "seller": SELLER})

    shared = {
        "say": say,
        "words": WORDS[language],
        "cards": list(CARDS.values()),
        "common": COMMON,
        "typed": request.form,
    }
    body = render_template(template, language=language, session=session, **shared, **values)
    response = make_response(body, status)
    response.headers["Content-Security-Policy"] = _policy(session or {})
    return response


def _policy(session: Object) -> str:
    # Browsers hold `form-action` against the redirect that follows a form, too.
    urls = [urlsplit(session[name]) for name in ("success_url", "cancel_url") if session.get(name)]
    origins = " ".join(sorted({f"{url.scheme}://{url.netloc}" for url in urls}))
    forms = f"form-action 'self' {origins}".strip()
    return f"default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; {forms}"


def _language(session: Object) -> str:
    locale = session.get("locale") or "auto"
    if locale == "auto":
        return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    return locale if locale in LANGUAGES else LANGUAGES[0]


def _money(minor: int, currency: str, language: str) -> str:
    return format_currency(major(minor, currency), currency.upper(), locale=language)


def _rhythm(item: Object, language: str) -> str:
    recurring, words = item["price"]["recurring"], WORDS[language]
    if recurring is None:
        return words["once"]
    if recurring["interval_count"] == 1:
        return words[f"every_{recurring['interval']}"]
    return words["many"] % {"count": recurring["interval_count"], "interval": recurring["interval"]}
