"""The pages that tell how to support past Stripe."""

from membership.mail.models import Letter
from membership.offline import rules, service
from membership.offline.models import BankReference, WayKind
from tests.browsing import post
from tests.factories import make_patron
from tests.subscriptions.making import rows, sign_in

EMAIL = "olena@example.org"


def test_every_open_way_is_told_and_the_support_page_leads_there(client, session, account):
    words = {"en": "To our office.\n<b>Thank you</b>", "uk": "До редакції."}
    service.set_way(session, WayKind.CHEQUE, words, {})
    service.set_way(session, WayKind.PAYPAL, words, {"url": "https://paypal.example/daily"})
    service.set_way(session, WayKind.CRYPTO, words, {"address": "bc1qexample"})
    session.commit()
    page = client.get("/ways").text

    assert "DE89 3704 0044 0532 0130 00" in page
    assert 'href="https://paypal.example/daily"' in page
    assert "bc1qexample" in page
    assert "<b>Thank you</b>" not in page
    assert "До редакції." in client.get("/ways?lang=uk").text
    assert 'href="/ways"' in client.get("/").text
    assert 'href="/gifts"' in client.get("/").text


def test_without_a_way_the_page_says_so(client):
    assert "There is no other way at the moment." in client.get("/ways").text


def test_a_stranger_gets_her_reference_by_letter_only(client, session, account):
    answer = post(client, "/ways/bank", {"email": EMAIL}, page="/ways")
    post(client, "/ways/bank", {"email": EMAIL}, page="/ways")
    (letter,), (reference,) = rows(session, Letter), rows(session, BankReference)

    assert (answer.status_code, letter.kind, letter.recipient) == (303, "bank_details", EMAIL)
    assert letter.values["reference"] == rules.spaced(reference.reference)
    assert rules.spaced(reference.reference) not in client.get("/ways").text


def test_who_has_signed_in_sees_her_reference_and_keeps_it(client, session, account):
    sign_in(client, session, make_patron(session))
    for _ in range(2):
        post(client, "/ways/bank", page="/ways" if not rows(session, BankReference) else "/vote")
    (reference,) = rows(session, BankReference)

    assert rules.spaced(reference.reference) in client.get("/ways").text
    assert rows(session, Letter) == []


def test_an_unreadable_address_is_said_at_its_field(client, account):
    answer = post(client, "/ways/bank", {"email": "nobody"}, page="/ways")

    assert answer.status_code == 400
    assert 'id="email-error"' in answer.text


def test_while_the_bank_is_not_open_nobody_is_written_to(client, session):
    assert post(client, "/ways/bank", {"email": EMAIL}, page="/vote").status_code == 404
    assert rows(session, Letter) == []
