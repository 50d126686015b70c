"""Money past Stripe on the newsroom's pages: entered, read from the bank, decided line by line."""

from io import BytesIO

import pytest

from membership.offline import service
from membership.offline.models import BankLine, LineStatus
from membership.patrons.models import Role
from membership.payments.models import Payment
from membership.web import LARGEST_BODY
from tests.browsing import post
from tests.factories import make_patron
from tests.offline.statements import camt, entry, open_account
from tests.staff.looking import acts
from tests.staff.signing_in import staff_client
from tests.subscriptions.making import rows

GIFT = {
    "amount": "50",
    "currency": "eur",
    "method": "cheque",
    "received_on": "2026-11-03",
    "email": "olena@example.org",
}
BANK = "/staff/money/bank"


@pytest.fixture
def desk(app, session):
    open_account(session)
    return staff_client(app, session, Role.FINANCE)


def send(desk, data, name="november.xml"):
    return post(desk, BANK, {"file": (BytesIO(data), name)}, content_type="multipart/form-data")


def test_a_gift_is_entered(desk, session):
    answer = post(desk, "/staff/money/offline", GIFT | {"message": "4242424242424242", "is_anonymous": "1"})
    (payment,) = rows(session, Payment)

    assert answer.location == f"/staff/money/payments/{payment.receipt_number}"
    page = desk.get(answer.location).text
    assert "cheque" in page
    assert "•••• 4242" in page
    assert "Give €50 back" not in page
    assert "offline.entered" in acts(session)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "x"}, "form"),
        ({"method": "stripe"}, "method"),
        ({"received_on": "yesterday"}, "received_on"),
        ({"received_on": "2999-01-01"}, "received_on"),
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"currency": "doge"}, "form"),
    ],
)
def test_what_is_wrong_with_a_gift_is_said_and_the_rest_kept(desk, session, wrong, field):
    answer = post(desk, "/staff/money/offline", GIFT | {"name": "Olena"} | wrong)

    assert answer.status_code == 400
    assert 'value="Olena"' in answer.text
    assert rows(session, Payment) == []


def test_a_file_larger_than_any_form_is_read_and_its_matched_lines_are_booked(desk, session):
    patron = make_patron(session)
    reference = service.reference_for(session, patron.id)
    session.commit()
    data = camt(entry("1", text=reference), entry("2")) + b" " * LARGEST_BODY
    answer = send(desk, data)

    assert answer.status_code == 303
    assert "Book 1 line that names its reference" in desk.get(BANK).text
    assert post(desk, f"{BANK}/matched", page=BANK).status_code == 303
    assert [line.status for line in rows(session, BankLine)] == [LineStatus.BOOKED, LineStatus.WAITING]
    assert "1 waits" in desk.get("/staff").text
    assert send(desk, data).status_code == 409


@pytest.mark.parametrize("data", [b"", b"<x", b"date;amount;text\nx;y;z\n", camt(entry(), iban="FR00")])
def test_a_file_that_is_no_statement_of_ours_is_refused_at_its_field(desk, session, data):
    answer = send(desk, data)

    assert answer.status_code == 400
    assert 'id="file-error"' in answer.text
    assert rows(session, BankLine) == []


def test_a_form_without_a_file_is_refused(desk):
    assert post(desk, BANK).status_code == 400


def test_lines_are_decided_one_by_one(desk, session):
    make_patron(session, name="Olena Kovalenko")
    session.commit()
    send(desk, camt(*(entry(str(n)) for n in range(4))))
    one, two, three, four = (f"{BANK}/{line.id}" for line in rows(session, BankLine))

    assert post(desk, one, {"act": "accept"}).status_code == 303
    assert post(desk, two, {"act": "assign"}).status_code == 400
    assert post(desk, two, {"act": "assign", "email": "ivan@example.org"}).status_code == 303
    assert post(desk, three, {"act": "assign", "is_nameless": "1"}).status_code == 303
    assert post(desk, four, {"act": "reject"}).status_code == 400
    assert post(desk, four, {"act": "reject", "reason": "rent"}).status_code == 303
    again = post(desk, four, {"act": "reject", "reason": "rent"}, page=BANK)
    assert again.status_code == 409
    assert "rent" in desk.get(four).text
    assert desk.get(f"{BANK}/999999999999999999999999").status_code == 404
    assert len(rows(session, Payment)) == 3


def test_without_an_account_staff_are_told_what_to_do_first(app, session):
    assert "flask ways set bank" in staff_client(app, session, Role.FINANCE).get(BANK).text
