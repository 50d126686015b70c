"""The account: one sentence that is the whole truth, then what she can do; nobody else's papers."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from membership.access.models import AppealRest
from membership.money import Money
from membership.patrons.models import Ban, Patron, Role, StaffRole
from membership.subscriptions.models import InvoiceStatus, SubscriptionStatus
from membership.tiers.models import Interval
from tests.account.signing_in import sign_in
from tests.browsing import post
from tests.factories import (
    make_comp,
    make_group,
    make_invoice,
    make_patron,
    make_payment,
    make_price,
    make_refund,
    make_seat,
    make_subscription,
    make_tier,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DUE = NOW + timedelta(days=9)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def olena(session):
    return make_patron(session, email="olena@example.org", name="Olena")


def subscribe(session, patron, **fields):
    period = {"period_starts_at": DUE - timedelta(days=30), "period_ends_at": DUE, "started_at": NOW}
    return make_subscription(session, patron=patron, **period | fields)


def page_of(client, session, patron, path="/account"):
    sign_in(client, session, patron)
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(path).text).split())


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "You give €5 every month. Your next payment is on 3 December 2026. You read everything and you vote."),
        ({"cancel_at": DUE}, "It is ending on 3 December 2026, as you asked; nothing more will be charged. You read"),
        ({"status": SubscriptionStatus.PAUSED}, "Your support is paused; nothing is charged meanwhile."),
        ({"status": SubscriptionStatus.INCOMPLETE, "paid": False}, "Your first payment is being confirmed. Votes"),
    ],
)
def test_one_sentence_is_the_whole_truth(client, session, olena, fields, words):
    subscribe(session, olena, **fields)

    assert words in page_of(client, session, olena)


@pytest.mark.parametrize(
    ("failed_on", "words"),
    [
        (
            NOW - timedelta(days=1),
            "We try your card again, and until 7 December 2026 nothing changes for you.",
        ),
        (NOW - timedelta(days=15), "is late, and your access rests until it arrives. Give another card"),
    ],
)
def test_late_is_told_as_late(client, session, olena, failed_on, words):
    late = subscribe(session, olena, status=SubscriptionStatus.PAST_DUE, paid=False)
    month_before = {"period_starts_at": failed_on - timedelta(days=30), "period_ends_at": failed_on}
    make_invoice(session, subscription=late, **month_before)
    make_invoice(session, subscription=late, status=InvoiceStatus.OPEN, first_failed_at=failed_on)

    assert words in page_of(client, session, olena)


def test_late_beside_a_seat_without_an_end_rests_nothing(client, session, olena):
    late = subscribe(session, olena, status=SubscriptionStatus.PAST_DUE, paid=False)
    make_invoice(session, subscription=late, status=InvoiceStatus.OPEN, first_failed_at=NOW - timedelta(days=15))
    make_seat(session, group=make_group(session, ends_at=None), patron=olena)
    page = page_of(client, session, olena)

    assert "Your last payment is late. We try your card again. You have a seat in the group" in page


def test_a_yearly_gift_is_told_as_yearly(client, session, olena):
    subscribe(session, olena, price=make_price(session, interval=Interval.YEAR))

    assert "You give €5 every year." in page_of(client, session, olena)


def test_an_end_is_told_with_its_day(client, session, olena):
    subscribe(session, olena, status=SubscriptionStatus.ENDED, ended_at=NOW - timedelta(days=1))

    assert "Your support as Friend ended on 23 November 2026." in page_of(client, session, olena)


def test_whom_a_dispute_stopped_that_is_won_reads_how_long_she_keeps_what_she_paid(client, session, olena):
    ended = {"status": SubscriptionStatus.ENDED, "ended_at": NOW - timedelta(days=1)}
    subscribe(session, olena, **ended, is_cut_off=True)
    words = "nothing more is charged. What you have paid for as Friend lasts until 3 December 2026. You read"

    assert words in page_of(client, session, olena)


def test_who_gives_nothing_is_told_so_without_reproach(client, session, olena):
    page = page_of(client, session, olena)

    assert "You do not give regularly at the moment. Support us every month, every year or once" in page
    assert "A receipt stands here as soon as a payment of yours has arrived." in page


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["paywall_free"], "You read everything."),
        (["vote"], "You vote."),
        (["no_ads"], "December 2026. Support"),
    ],
)
def test_access_that_the_newsroom_gives_is_told_with_its_end(client, session, olena, flags, words):
    make_comp(session, patron_id=olena.id, tier_id=make_tier(session, flags=flags).id, starts_at=NOW, ends_at=DUE)
    page = page_of(client, session, olena)

    assert "The newsroom has given you access until 3 December 2026." in page
    assert words in page


def test_stopping_is_one_press_away_and_so_is_going_on(client, session, olena):
    subscription = subscribe(session, olena)
    sign_in(client, session, olena)
    giving = client.get("/account").text
    subscription.cancel_at = DUE
    session.commit()

    assert 'href="/account/subscription/stop"' in giving
    assert 'action="/account/subscription/continue"' in client.get("/account").text


def test_she_is_called_by_her_name_if_she_gave_one(client, session):
    assert "Welcome, Olena" in page_of(client, session, make_patron(session, name="Olena"))
    assert "Your account" in page_of(client, session, make_patron(session))


def test_staff_find_the_way_to_the_newsroom(client, session, olena):
    session.add(StaffRole(patron_id=olena.id, role=Role.VIEWER, created_at=NOW))
    session.flush()
    session.refresh(olena)

    assert "To the newsroom's pages" in page_of(client, session, olena).replace("&#39;", "'")


def test_receipts_are_listed_with_what_was_given_back(client, session, olena):
    gift, partly = (make_payment(session, patron_id=olena.id) for _ in range(2))
    make_refund(session, gift)
    make_refund(session, partly, amount=Money(100, "eur"))
    page = page_of(client, session, olena)

    assert f"€20 on 24 November 2026 A gift, once · Receipt {gift.receipt_number} · given back" in page
    assert f"Receipt {partly.receipt_number} · partly given back" in page


def test_a_receipt_tells_from_whom_for_what_and_when(client, session, olena):
    invoice = make_invoice(session, subscription=subscribe(session, olena, paid=False), paid_at=NOW)
    payment = make_payment(session, patron_id=olena.id, invoice=invoice, gross=make_price(session).amount)
    page = page_of(client, session, olena, f"/account/receipts/{payment.receipt_number}")

    assert f"Receipt {payment.receipt_number} €5 Received on 24 November 2026 From Olena, olena@example.org" in page
    assert "For Friend, from 3 November 2026 to 3 December 2026" in page
    assert "€5 on 24 November 2026 Friend · Receipt" in page_of(client, session, olena)


def test_a_receipt_tells_what_was_given_back(client, session):
    payment = make_payment(session, patron_id=(patron := make_patron(session)).id)
    make_refund(session, payment)
    page = page_of(client, session, patron, f"/account/receipts/{payment.receipt_number}")

    assert "For A gift, given once Given back €20 on 24 November 2026" in page


def test_another_s_receipt_is_as_unknown_as_one_that_never_was(client, session, olena):
    others = make_payment(session, patron_id=make_patron(session).id).receipt_number
    nobodys = make_payment(session).receipt_number
    sign_in(client, session, olena)
    answers = [client.get(f"/account/receipts/{number}") for number in (others, nobodys, "R-999999")]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert (
        len({re.sub(r"[0-9a-f]{16}", "", answer.text.split("<main")[1].split("</main")[0]) for answer in answers}) == 1
    )


def content(answer):
    return re.sub(r"[0-9a-f]{16}", "", answer.text.split("<main")[1].split("</main")[0])


@pytest.mark.parametrize("path", ["/account", "/account/details", "/account/letters", "/account/receipts/R-1"])
def test_strangers_sign_in_first(client, path):
    assert client.get(path).location == f"/sign-in?next={path}"


def test_one_press_leads_to_the_letters_that_she_gets(client, session, olena):
    said, answer = page_of(client, session, olena), client.get("/account/letters")

    assert "Which letters you get" in said
    assert answer.location == client.get("/account/letters").location
    assert "Invitations to vote" in client.get(answer.location).text


def test_name_and_language_are_kept_and_spoken(client, session, olena):
    sign_in(client, session, olena)
    form = {"name": " Olena\r\nKovalenko ", "locale": "uk", "email": "eve@example.org", "public_id": "x", "id": "7"}
    answer = post(client, "/account/details", form)
    session.rollback()

    assert answer.location == "/account"
    assert '<html lang="uk">' in client.get("/account").text
    kept = session.get_one(Patron, olena.id, populate_existing=True)
    assert (kept.name, kept.locale, kept.email) == ("Olena Kovalenko", "uk", "olena@example.org")


def test_a_name_that_is_too_long_is_refused_and_not_cut(client, session, olena):
    sign_in(client, session, olena)
    answer = post(client, "/account/details", {"name": "O" * 81, "locale": "en"})

    assert answer.status_code == 400
    assert "Please write a name of 80 letters at most." in answer.text
    assert f'value="{"O" * 81}"' in answer.text


def test_a_language_that_we_do_not_speak_is_refused_at_its_field(client, session, olena):
    sign_in(client, session, olena)
    answer = post(client, "/account/details", {"name": "<i>O</i>", "locale": "xx"})

    assert answer.status_code == 400
    assert 'id="locale-error"' in answer.text
    assert 'value="&lt;i&gt;O&lt;/i&gt;"' in answer.text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (AppealRest(until=DUE), "We ask you for nothing until 3 December 2026, as you wished."),
        (Ban(reason="Threats", banned_at=NOW - timedelta(days=1)), "The newsroom ended your access on"),
    ],
    ids=["rest", "ban"],
)
def test_she_is_told_that_she_rests_or_is_shut_out(client, session, olena, row, words):
    session.add(type(row)(patron_id=olena.id, **{k: v for k, v in vars(row).items() if not k.startswith("_")}))
    text = page_of(client, session, olena)

    assert words in text
    assert "remind me in a month" not in text
