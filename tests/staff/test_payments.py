"""One payment, and the way back: what will happen is said, a reason is asked for, an act is noted."""

import pytest
from sqlalchemy import select

from membership.clock import utc_now
from membership.donations.models import Donation, DonationStatus
from membership.gateway.values import DonationCheckout
from membership.mail.models import Letter
from membership.money import Money
from membership.payments import fulfilment
from membership.payments.models import Payment, Refund, RefundStatus
from tests.browsing import post
from tests.factories import make_donation, make_invoice, make_payment, make_refund, make_subscription
from tests.staff.looking import acts, look

REASON = {"reason": "She gave twice by mistake"}


@pytest.fixture
def gift(context, session, gateway):
    """A gift that really went through the gateway."""
    now = utc_now().replace(microsecond=0)
    donation = make_donation(session, status=DonationStatus.OPEN, created_at=now)
    wish = DonationCheckout(
        reference=donation.reference,
        amount=donation.amount,
        email=donation.email,
        name="The Open Daily",
        locale="en",
        success_url="http://localhost/thanks",
        cancel_url="http://localhost/",
        expires_at=donation.expires_at,
    )
    checkout = gateway.open_donation_checkout(wish, key=donation.reference)
    donation.stripe_session_id = checkout.id
    session.commit()
    gateway.pay_checkout(checkout.id)
    fulfilment.record(session, fulfilment.look_up_checkout(gateway, checkout.id))
    (payment,) = look(session, select(Payment))
    return payment


def address(payment, more=""):
    return f"/staff/money/payments/{payment.receipt_number}{more}"


def refunds(session):
    return look(session, select(Refund))


def test_a_payment_is_shown_without_the_whole_address_of_its_donor(viewer, session):
    payment = make_payment(session)
    make_refund(session, payment, amount=Money(500, "eur"), reason="Half was meant")
    session.commit()

    text = viewer.get(address(payment)).text

    assert "€20 on" in text
    assert "Half was meant" in text
    assert payment.donation.email not in text
    assert "…@example.org" in text
    assert "€0.60" in text


def test_a_payment_leads_to_its_patron_and_her_tier(viewer, session):
    subscription = make_subscription(session, paid=False)
    invoice = make_invoice(session, subscription=subscription)
    payment = make_payment(session, invoice=invoice, patron_id=subscription.patron_id, fee_minor=None)
    session.commit()

    text = viewer.get(address(payment)).text

    assert f"/staff/patrons/{subscription.patron.public_id}" in text
    assert "Friend, every month" in text
    assert "not known yet" in text


def test_an_unknown_payment_is_not_there(viewer):
    assert viewer.get("/staff/money/payments/R-0").status_code == 404


def test_the_page_before_a_refund_says_what_will_happen(finance, session):
    subscription = make_subscription(session, paid=False)
    invoice = make_invoice(session, subscription=subscription)
    payment = make_payment(session, invoice=invoice)
    session.commit()

    text = finance.get(address(payment, "/refund")).text

    assert "€20 goes back to the card of the donor." in text
    assert "the access that it carried ends" in text


def test_money_goes_back_once_with_a_reason_a_note_and_a_letter(finance, session, gift):
    answer = post(finance, address(gift, "/refund"), REASON)

    assert (answer.status_code, answer.location) == (303, address(gift))
    (refund,) = refunds(session)
    assert (refund.status, refund.amount, refund.reason) == (RefundStatus.SUCCEEDED, gift.gross, REASON["reason"])
    assert acts(session) == ["payment.refund"]
    assert "refunded" in look(session, select(Letter.kind))
    assert "The money is on its way back" in finance.get(address(gift)).text


def test_what_was_given_back_cannot_be_given_back_again(finance, session, gift):
    post(finance, address(gift, "/refund"), REASON)

    again = post(finance, address(gift, "/refund"), REASON, page="/vote")

    assert again.status_code == 409
    assert len(refunds(session)) == 1
    assert "Nothing is left to give back" in finance.get(address(gift, "/refund")).text


def test_no_money_goes_back_without_a_reason(finance, session, gift):
    answer = post(finance, address(gift, "/refund"), {"reason": " "})

    assert answer.status_code == 400
    assert "Please write the reason; it is kept with the act." in answer.text
    assert refunds(session) == []


def test_a_refund_without_an_answer_stays_written_down(finance, session, gateway, gift):
    gateway.unreachable = True

    post(finance, address(gift, "/refund"), REASON)

    assert [refund.status for refund in refunds(session)] == [RefundStatus.STARTED]
    assert "The refund is written down and will be asked for again." in finance.get(address(gift)).text


def test_a_refund_that_the_provider_refuses_gives_nothing_back(finance, session):
    payment = make_payment(session)
    session.commit()

    post(finance, address(payment, "/refund"), REASON)

    assert [refund.status for refund in refunds(session)] == [RefundStatus.FAILED]
    assert "Nothing was given back." in finance.get(address(payment)).text


def test_only_finance_is_offered_a_refund(viewer, finance, session):
    payment = make_payment(session)
    session.commit()

    assert "Give €20 back" not in viewer.get(address(payment)).text
    assert "Give €20 back" in finance.get(address(payment)).text


def test_a_donor_without_any_address_is_not_invented(viewer, session):
    payment = make_payment(session)
    session.get_one(Donation, payment.donation_id).email = None
    session.commit()

    assert "Not known" in viewer.get(address(payment)).text


def test_money_that_did_not_arrive_waits_until_somebody_has_seen_to_it(finance, session, gift, gateway):
    post(finance, address(gift, "/refund"), REASON)
    (refund,) = refunds(session)
    gateway.fail_refund(refund.stripe_refund_id)
    fulfilment.record(session, fulfilment.look_up_refund(gateway, refund.stripe_refund_id))
    session.commit()
    waiting = f"{gift.receipt_number} could not be given back"

    assert waiting in finance.get("/staff").text
    assert "Please write the reason" in post(finance, address(gift, "/seen-to"), {}, page=address(gift)).text
    assert waiting in finance.get("/staff").text
    post(finance, address(gift, "/seen-to"), {"reason": "By bank transfer"}, page=address(gift))
    assert waiting not in finance.get("/staff").text
    assert "This is seen to" not in finance.get(address(gift)).text
    assert acts(session)[-1] == "payment.refund_seen_to"


def test_a_refund_that_replaces_one_that_failed_is_enough(viewer, session):
    payment = make_payment(session)
    for status in (RefundStatus.FAILED, RefundStatus.PENDING):
        make_refund(session, payment, amount=Money(500, "eur"), status=status)
    session.commit()

    assert "could not be given back" not in viewer.get("/staff").text
