"""What the hosted pages share: the world, the reader's language, amounts, and headers that let nothing else in."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from babel.numbers import format_currency
from flask import current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from membership.sandbox.billing import engine
from membership.sandbox.cards import CARDS, COMMON
from membership.sandbox.currencies import major
from membership.sandbox.objects import SELLER
from membership.sandbox.portal_words import PORTAL_WORDS
from membership.sandbox.store import Object
from membership.sandbox.words import LANGUAGES
from membership.sandbox.words import WORDS as CHECKOUT_WORDS
from membership.sandbox.world import World

WORDS = {language: CHECKOUT_WORDS[language] | PORTAL_WORDS[language] for language in LANGUAGES}
RETURNS = ("success_url", "cancel_url", "return_url")


def world() -> World:
    """Return the world that this application shows."""
    return current_app.extensions["world"]  # type: ignore[no-any-return]


def begin() -> None:
    """Let what is due happen first; hold the world until the page is made."""
    world().lock.acquire()
    engine.catch_up(world())


def end(error: BaseException | None) -> None:
    """Let go of the world."""
    world().lock.release()


def page(template: str, session: Object | None, status: int, **values: Any) -> ResponseReturnValue:
    """Render a page about a session, whose addresses may be left for."""
    language = language_of(session or {})
    has_amount = session and "amount_total" in session
    amount = money(session["amount_total"], session["currency"], language) if session and has_amount else ""

    def say(word: str, **values: object) -> str:
        return WORDS[language][word] % ({"amount": amount, "seller": SELLER} | values)

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
    urls = [urlsplit(session[name]) for name in RETURNS if session.get(name)]
    origins = " ".join(sorted({f"{url.scheme}://{url.netloc}" for url in urls}))
    forms = f"form-action 'self' {origins}".strip()
    return f"default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; {forms}"


def language_of(session: Object) -> str:
    """Return the language of a session, or of whoever looks at it."""
    locale = session.get("locale") or "auto"
    if locale == "auto":
        return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    return locale if locale in LANGUAGES else LANGUAGES[0]


def money(minor: int, currency: str, language: str) -> str:
    """Write an amount."""
    return format_currency(major(minor, currency), currency.upper(), locale=language)


def rhythm(price: Object, language: str) -> str:
    """Write how often a price is paid."""
    recurring, words = price["recurring"], WORDS[language]
    if recurring is None:
        return words["once"]
    if recurring["interval_count"] == 1:
        return words[f"every_{recurring['interval']}"]
    if (recurring["interval"], recurring["interval_count"]) == ("month", 3):
        return words["every_quarter"]
    return words["many"] % {"count": recurring["interval_count"], "interval": recurring["interval"]}


def day(moment: int, language: str) -> str:
    """Write a date."""
    return format_date(datetime.fromtimestamp(moment, UTC), "long", locale=language)
