"""The hosted page as a browser without JavaScript sees it."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

import pytest

from tests.sandbox.driver import ASKS, DECLINED, GOOD, POOR


@dataclass
class Page:
    status: int
    source: str
    headers: object

    @property
    def text(self):
        return html.unescape(self.source)

    @property
    def location(self):
        return self.headers["Location"]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def visit(url, form=None, language="en"):
    """Fetch a page, or send its form."""
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(url, data, {"Accept-Language": language})
    try:
        answer = urllib.request.build_opener(NoRedirect).open(request, timeout=10)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return Page(answer.status, answer.read().decode(), answer.headers)


def test_the_page_says_what_is_bought_and_from_whom(sandbox):
    page = visit(sandbox.open_membership().url)

    assert page.status == 200
    for words in ("Pay The Open Daily", "Friend", "€5.00 every month", "olena@example.org", "4000 0000 0000 0341"):
        assert words in page.text
    assert '<a href="http://shop.test/">Leave without paying</a>' in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_the_page_may_send_its_form_only_to_itself_and_back_to_the_shop(sandbox):
    policy = visit(sandbox.open_membership(cancel_url="https://other.test/back").url).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "form-action 'self' http://shop.test https://other.test" in policy


@pytest.mark.parametrize(
    ("currency", "interval", "words"),
    [("eur", "year", "€5.00 every year"), ("jpy", "week", "¥500 every week"), ("usd", "day", "$5.00 every day")],
)
def test_amounts_are_written_with_their_rhythm(sandbox, currency, interval, words):
    assert words in visit(sandbox.open_membership(sandbox.price(currency=currency, interval=interval)).url).text


def test_a_longer_rhythm_is_counted(sandbox):
    price = sandbox.price(recurring={"interval": "month", "interval_count": 2})

    assert "every 2 × month" in visit(sandbox.open_membership(price).url).text


def test_a_gift_is_once_and_asks_for_an_address(sandbox):
    page = visit(sandbox.open_gift().url)

    assert "€20.00 once" in page.text
    assert '<label for="email">' in page.text
    assert "Leave without paying" not in page.text


@pytest.mark.parametrize(
    ("fields", "asked", "words"),
    [
        ({}, "uk-UA,uk;q=0.9,en;q=0.5", "Сплатити"),
        ({"locale": "auto"}, "uk", "Сплатити"),
        ({"locale": "en"}, "uk", "Pay "),
        ({"locale": "de"}, "uk", "Pay "),
        ({}, "fr", "Pay "),
    ],
)
def test_the_page_speaks_the_readers_language(sandbox, fields, asked, words):
    assert f">{words}" in visit(sandbox.open_gift(**fields).url, language=asked).text


def test_paying_leads_back_to_the_shop(sandbox):
    session = sandbox.open_gift()

    page = visit(session.url, {"card": "4242 4242 4242 4242", "email": "d@example.org", "name": " Olena "})

    assert (page.status, page.location) == (303, f"http://shop.test/thanks?session_id={session.id}")
    details = sandbox.v1.checkout.sessions.retrieve(session.id).customer_details
    assert (details.email, details.name) == ("d@example.org", "Olena")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"card": "1234", "email": "d@example.org"}, "only the test cards listed below"),
        ({"email": "d@example.org"}, "only the test cards listed below"),
        ({"card": GOOD, "email": "nobody"}, "Please give an e-mail address"),
        ({"card": GOOD}, "Please give an e-mail address"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(sandbox, form, words):
    page = visit(sandbox.open_gift().url, form)

    assert page.status == 400
    assert words in page.text
    assert 'aria-invalid="true"' in page.text
    assert all(f'value="{value}"' in page.text for value in form.values())


@pytest.mark.parametrize(
    ("card", "words"), [(DECLINED, "Your card was declined"), (POOR, "There is not enough money on this card")]
)
def test_a_declined_card_is_told_and_another_may_be_tried(sandbox, card, words):
    session = sandbox.open_membership()

    page = visit(session.url, {"card": card})

    assert page.status == 402
    assert words in page.text
    assert visit(session.url, {"card": GOOD}).status == 303


def test_a_bank_may_ask_and_be_answered(sandbox):
    session = sandbox.open_membership()

    asked = visit(session.url, {"card": ASKS})

    assert (asked.status, asked.location) == (303, f"/c/pay/{session.id}/confirm")
    page = visit(sandbox.url + asked.location)
    assert "confirm that you pay €5.00 to The Open Daily" in page.text
    assert re.findall(r'name="outcome" value="(\w+)"', page.text) == ["complete", "fail"]
    done = visit(sandbox.url + asked.location, {"outcome": "complete"})
    assert done.location == f"http://shop.test/thanks?session_id={session.id}"


def test_without_the_confirmation_nothing_is_paid(sandbox):
    session = sandbox.open_gift()
    visit(session.url, {"card": ASKS, "email": "d@example.org"})

    page = visit(f"{session.url}/confirm", {"outcome": "fail"})

    assert page.status == 402
    assert "Your bank did not get a confirmation" in page.text
    (intent,) = sandbox.v1.payment_intents.list().data
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert sandbox.v1.charges.list().data == []


def test_a_confirmation_that_nobody_asked_for_leads_to_the_page(sandbox):
    session = sandbox.open_gift()

    for form in (None, {"outcome": "complete"}):
        page = visit(f"{session.url}/confirm", form)
        assert (page.status, page.location) == (303, f"/c/pay/{session.id}")


@pytest.mark.parametrize(("language", "words"), [("en", "This was paid already"), ("uk", "Це вже оплачено")])
def test_a_paid_session_says_so(sandbox, language, words):
    session = sandbox.open_gift()
    visit(session.url, {"card": ASKS, "email": "d@example.org"})
    sandbox.pay(session)

    assert words in visit(session.url, language=language).text
    assert visit(session.url, {"card": GOOD}).status == 409
    assert visit(f"{session.url}/confirm").status == 303
    assert visit(f"{session.url}/confirm", {"outcome": "complete"}).status == 303
    assert len(sandbox.v1.charges.list().data) == 1


def test_an_expired_session_says_so(sandbox):
    session = sandbox.open_gift()
    sandbox.advance(days=2)

    assert "This page has expired" in visit(session.url).text


def test_an_unknown_session_is_told(sandbox):
    page = visit(f"{sandbox.url}/c/pay/cs_test_nothing")

    assert page.status == 404
    assert "There is no such page" in page.text


def test_what_a_buyer_types_is_inert(sandbox):
    page = visit(sandbox.open_gift().url, {"card": '"><script>', "email": "<b>", "name": "<i>"})

    assert not re.search("<script|<b>|<i>", page.source)
    assert 'value="&#34;&gt;&lt;script&gt;"' in page.source
