"""Giving once: as a browser does it."""

import pytest

from membership.donations import service
from membership.donations.models import Donation, DonationStatus
from membership.donations.rules import FeeSchedule
from tests.browsing import post
from tests.factories import make_patron
from tests.subscriptions.making import rows, sign_in

EMAIL = "donor@example.org"


def donate(client, **fields):
    return post(client, "/donate", {"amount": "20", "email": EMAIL} | fields, page="/")


def test_a_donor_is_sent_to_the_checkout_of_her_amount(client, session, gateway):
    answer = donate(client, source="/news/river", amount="7,50")
    (donation,) = rows(session, Donation)
    wish = gateway.world.wishes[donation.stripe_session_id]

    assert (answer.status_code, answer.location) == (303, donation.checkout_url)
    assert (donation.status, donation.email, donation.source) == (DonationStatus.OPEN, EMAIL, "/news/river")
    assert (wish.amount, wish.email, wish.name) == (donation.amount, EMAIL, "A gift to The Open Daily")
    assert wish.success_url == "http://localhost/thanks?session_id={CHECKOUT_SESSION_ID}"


def test_a_typed_address_of_a_patron_joins_nothing_to_her(client, session):
    make_patron(session, email=EMAIL)
    session.commit()
    donate(client, email=EMAIL.upper())
    (donation,) = rows(session, Donation)

    assert (donation.patron_id, donation.email) == (None, EMAIL)


def test_who_has_signed_in_gives_in_her_own_name(client, session):
    patron = make_patron(session)
    sign_in(client, session, patron)
    donate(client, email="somebody@else.org")
    (donation,) = rows(session, Donation)

    assert (donation.patron_id, donation.email) == (patron.id, patron.email)


@pytest.mark.parametrize("amount", ["0", "-5", "1000000000000", "nan", "1.99", ""])
def test_an_amount_that_was_tampered_with_is_refused(client, session, amount, gateway):
    assert donate(client, amount=amount).status_code == 400
    assert rows(session, Donation) == []
    assert gateway.calls == []


def test_an_amount_that_cannot_be_given_is_said_at_its_field_and_the_rest_is_kept(client):
    page = donate(client, amount="0,10", source="/news/river", honouree="Grandmother").text

    assert 'id="amount-error"' in page
    assert all(f'value="{kept}"' in page for kept in ("0,10", EMAIL, "/news/river", "Grandmother"))


def test_a_status_that_is_sent_along_is_not_looked_at(client, session):
    donate(client, amount_minor="1", status="paid", patron_id="1", reference="x")
    (donation,) = rows(session, Donation)

    assert (donation.amount_currency, donation.status, donation.patron_id) == ("eur", DonationStatus.OPEN, None)


def test_an_unreadable_address_is_said_at_its_field_and_the_amount_is_kept(client, session):
    answer = donate(client, email='"><script>alert(1)</script>', amount="7,50")

    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert 'value="7,50"' in answer.text
    assert "<script>alert" not in answer.text
    assert rows(session, Donation) == []


def test_when_the_provider_is_away_nothing_is_charged_and_the_wish_is_kept(client, session, gateway):
    gateway.unreachable = True
    away = donate(client)
    gateway.unreachable = False
    again = donate(client)

    assert away.status_code == 502
    assert "Nothing was charged" in away.text
    assert f'value="{EMAIL}"' in away.text
    assert again.status_code == 303
    assert len(rows(session, Donation)) == 1


def test_a_lost_answer_opens_no_second_checkout(client, session, gateway):
    gateway.answers_lost = True
    donate(client)
    gateway.answers_lost = False
    donate(client)

    assert len(gateway.world.checkouts) == 1


def test_another_amount_in_a_second_tab_is_another_gift(client, session, gateway):
    gateway.answers_lost = True
    donate(client)
    gateway.answers_lost = False
    answer = donate(client, amount="30")
    old, new = rows(session, Donation)

    assert answer.location == new.checkout_url
    assert (old.status, new.amount.minor) == (DonationStatus.STARTED, 3000)


def test_the_bare_address_leads_to_the_page_that_asks(client):
    answer = client.get("/donate")

    assert (answer.status_code, answer.location) == (303, "/?interval=once")


@pytest.fixture
def fees(session):
    name = {"en": "a card from Europe", "uk": "картка з Європи"}
    service.set_fees(session, "eur", FeeSchedule("card_eea", 150, 25, name=name))
    session.commit()


def test_the_summary_says_what_would_cover_the_fees_and_nothing_is_ticked(client, fees):
    page = post(client, "/", {"interval": "once", "amount": "20", "email": EMAIL}).text

    assert "€0.56 of it for the fees" in page
    assert "Give €20.56 once" in page
    assert "checked" not in page


def test_a_donor_may_cover_the_fees_of_her_gift(client, session, gateway, fees):
    answer = donate(client, cover="card_eea:56")
    (donation,) = rows(session, Donation)

    assert answer.status_code == 303
    assert (donation.gift.minor, donation.cover.minor, donation.amount.minor) == (2000, 56, 2056)
    assert gateway.world.wishes[donation.stripe_session_id].amount == donation.amount


def test_a_cover_that_is_not_right_any_more_is_shown_again_before_anything_is_charged(client, session, gateway, fees):
    answer = donate(client, cover="card_eea:55")

    assert answer.status_code == 409
    assert "The fees have changed" in answer.text
    assert "Give €20.56 once" in answer.text
    assert (rows(session, Donation), gateway.calls) == ([], [])


def test_names_and_words_stay_with_us(client, session, gateway):
    words = {"honouree": "Taras", "message": "For the river. 4242 4242 4242 4242", "is_anonymous": "1"}
    donate(client, **words)
    (donation,) = rows(session, Donation)
    wish = str(gateway.world.wishes[donation.stripe_session_id])

    assert (donation.honouree, donation.message) == ("Taras", "For the river. •••• 4242")
    assert donation.is_anonymous
    assert "Taras" not in wish
    assert "river" not in wish


def test_the_words_of_a_wish_are_kept_when_something_else_is_wrong(client):
    page = donate(client, email="nobody", message="For the <river>", honouree="Taras").text

    assert "For the &lt;river&gt;" in page
    assert 'value="Taras"' in page


def test_the_support_page_tells_its_script_what_fees_are(client, session, fees):
    one = client.get("/").text
    service.set_fees(session, "eur", FeeSchedule("card_world", 325, 25, name={"en": "another card", "uk": "інша"}), 1)
    session.commit()
    two = client.get("/").text

    assert 'type="checkbox" name="cover" value="" data-kind="card_eea" data-basis-points="150"' in one
    assert "another card" in two
    assert 'type="radio" name="cover" value="" checked' in two


@pytest.mark.parametrize(("field", "most"), [("message", 500), ("honouree", 80)])
def test_words_too_long_are_refused_at_their_field_and_kept_on_the_page(client, field, most):
    long = "x" * 100_000
    answers = [donate(client, **{field: long}), post(client, "/", {"interval": "once", "amount": "20", field: long})]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert all(f"longer than {most} characters" in answer.text and long in answer.text for answer in answers)


def test_a_message_of_as_much_as_the_field_takes_passes_with_the_line_ends_of_browsers(client):
    assert donate(client, message="a\r\n" * 250).status_code == 303


def test_a_currency_that_nobody_has_or_is_not_offered_is_refused(client):
    answers = [
        donate(client, currency="zzz"),
        donate(client, currency="jpy"),
        post(client, "/", {"interval": "once", "amount": "20", "currency": "zzz"}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert all("We cannot take this currency." in answer.text for answer in answers)
