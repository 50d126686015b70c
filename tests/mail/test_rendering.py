"""Every kind of letter says something exact, in every language."""

import pytest

from membership.i18n import LOCALES
from membership.mail.kinds import KINDS
from membership.mail.rendering import compose
from tests.conftest import make_settings

MOMENT = "2026-12-02T23:30:00+00:00"
VALUES = {
    "checkout_url": "https://checkout.example.org/c/1",
    "tier": {"en": "Friend", "uk": "Друг"},
    "rests": {"en": "Circle", "uk": "Коло"},
    "amount": {"minor": 500, "currency": "eur"},
    "paid": {"minor": 500, "currency": "eur"},
    "is_shut": True,
    "is_ended": True,
    "interval": "month",
    "receipt_number": "R-000017",
    "round_title": {"en": "December", "uk": "Грудень"},
    "receipt": "KXQ7-93PM",
    "url": "/vote/december",
    "token": "a-token",
    "code": "ABCD-2345",
    "minutes": 10,
    "topic_title": {"en": "Water", "uk": "Вода"},
    "topic_titles": [{"en": "Water", "uk": "Вода"}],
    "state": "chosen",
    "reason": "",
    "stop_url": "/letters/stop/a-token",
    "months": 12,
    "recipient": "Olena",
    "giver": "Taras",
    "words": "Read well",
    "is_for_print": False,
    "redeem_url": "/gifts/redeem",
    "gift_url": "/gifts/g-1",
    "before": {"minor": 400, "currency": "eur"},
    "stop_link": 17,
    "is_membership": True,
    "again_url": "/gifts?currency=eur",
    "is_owed": False,
    "holder": "The Open Daily gGmbH",
    "iban": "DE02120300000000202051",
    "bic": "BYLADEM1001",
    "reference": "M-7KQ2",
    "site": "The Weekly",
    "outcome": "500",
    "why": "RollEmpty",
    "round_url": "/staff/votes/rounds/december",
    "group": "City Library",
    "seats": 25,
    "group_url": "/groups/g-1",
    "join_url": "/groups/join?code=c-1",
    "is_over": False,
    "site_url": "/staff/sites/weekly/webhook",
} | dict.fromkeys(
    [
        "paid_at",
        "expires_at",
        "period_ends_at",
        "grace_until",
        "ends_at",
        "next_at",
        "closes_at",
        "send_at",
        "starts_at",
    ],
    MOMENT,
)
VALUES |= dict.fromkeys(["begins_at", "give_up_at", "opened_at", "asked_at"], MOMENT)


def letter(kind, locale="en", settings=None, **changes):
    values = {name: (VALUES | changes)[name] for name in KINDS[kind]}
    return compose(kind, locale, values, settings or make_settings())


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_said_in_every_language(kind, locale):
    words = letter(kind, locale)

    assert words.subject
    assert "The Open Daily" in words.text
    assert f'<html lang="{locale}">' in words.html
    assert not [sign for sign in ("{", "}}", "%(", "Subject:", "2026-12") if sign in words.text + words.subject]


def test_amounts_days_and_tiers_are_in_words():
    text = letter("receipt_renewal").text

    assert "Your payment of €5 for Friend has arrived. It is good until 3 December 2026." in text
    assert "Receipt R-000017" in text


@pytest.mark.parametrize(("interval", "words"), [("month", "€5 every month"), ("year", "€5 every year")])
def test_a_welcome_tells_amount_and_frequency(interval, words):
    assert words in letter("welcome", interval=interval).text


@pytest.mark.parametrize(
    ("is_first", "words"),
    [(True, "first payment is €2.50; from"), (False, "each payment before 3 December 2026 is €2.50")],
)
def test_a_welcome_tells_what_a_code_does_and_until_when(is_first, words):
    code = {"reduced": {"minor": 250, "currency": "eur"}, "is_first": is_first, "full_at": MOMENT}
    known = {name: VALUES[name] for name in KINDS["welcome"]}
    text = compose("welcome", "en", known | code, make_settings()).text

    assert words in text
    assert "you give €5 every month." in text


def test_a_welcome_is_the_receipt_of_what_was_paid_with_it():
    receipt = {"paid": {"minor": 250, "currency": "eur"}, "paid_at": MOMENT}
    receipt |= {"receipt_number": "R-17", "receipt_url": "/account/receipts/R-17"}
    text = compose("welcome", "en", VALUES | receipt, make_settings()).text

    assert "Receipt R-17\nReceived on 3 December 2026: €2.50\nhttp://localhost/account/receipts/R-17\n" in text


def test_a_late_payment_is_called_late_and_not_cancelled():
    words = letter("payment_late")

    assert "late" in words.subject
    assert "cancel" not in (words.subject + words.text).lower()


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("sign_in", "https://members.example/sign-in/a-token"),
        ("vote_receipt", "https://members.example/vote/december"),
        ("welcome", "https://members.example/account"),
        ("ended", "https://members.example/"),
        ("staff_invited", "https://members.example/staff"),
        ("round_not_opened", "https://members.example/staff/votes/rounds/december"),
        ("site_not_told", "https://members.example/staff/sites/weekly/webhook"),
    ],
)
def test_every_address_has_the_configured_base(kind, address):
    words = letter(kind, settings=make_settings(public_url="https://members.example/"))

    assert f"\n{address}\n" in words.text
    assert f'href="{address}"' in words.html


def test_a_full_address_is_left_as_it_is():
    assert "\nhttps://elsewhere.example/x\n" in letter("round_result", url="https://elsewhere.example/x").text


def test_why_a_vote_could_not_open_is_said():
    words = {letter("round_not_opened", why=why).text for why in ("RollEmpty", "TopicTaken", "RoundOver")}

    assert len(words) == 3


def test_where_to_ask_is_told_if_there_is_somebody_to_ask():
    assert "help@daily.example" in letter("ended", settings=make_settings(support_email="help@daily.example")).text
    assert "Questions?" not in letter("ended").text


def test_names_from_outside_stay_in_one_line_and_are_no_markup():
    words = letter("round_result", round_title={"en": "<b>A</b>\r\nBcc: b@example.org"})

    assert "<b>" not in words.html
    assert "\n" not in words.subject


def test_a_debit_that_came_back_says_what_to_do():
    renewal = compose("debit_returned", "en", VALUES | {"is_owed": True}, make_settings()).text
    first = {name: value for name, value in VALUES.items() if name not in {"grace_until", "stop_link"}}

    assert "you read and vote as before until 3 December 2026" in renewal
    assert (
        "Friend rests until the payment"
        in compose("debit_returned", "en", first | {"is_owed": True}, make_settings()).text
    )
    assert "You owe us nothing." in compose("debit_returned", "en", first, make_settings()).text


def test_a_return_that_failed_is_told_of_a_membership_that_counts_again():
    counts = "the membership that you gave counts again"

    assert counts in letter("refund_failed").text
    assert counts not in letter("refund_failed", is_membership=False).text


def test_a_refused_gift_is_told_where_to_begin_again():
    assert "You wished to give €5 once" in letter("gift_refused", is_membership=False).text
    assert "http://localhost/gifts?currency=eur" in letter("gift_refused").text
