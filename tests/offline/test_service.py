"""Gifts that come past Stripe: the same receipts, books and access; each line of the bank booked once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from membership.access.service import decide_for
from membership.clock import utc_now
from membership.db import transaction
from membership.donations.models import Method
from membership.errors import MembershipError
from membership.ledger.models import Account
from membership.ledger.service import balances
from membership.mail.models import Letter
from membership.money import Money
from membership.offline import service
from membership.offline.errors import (
    AccountOfOthers,
    BankFileKnown,
    BankFileUnreadable,
    DonorUnnamed,
    LineDecided,
    NotYetReceived,
    OfflineGiftUnreadable,
    UnknownLine,
    UnknownWay,
    WayUnreadable,
)
from membership.offline.invariants import INVARIANTS
from membership.offline.models import BankFile, BankLine, LineStatus, Match, WayKind
from membership.offline.service import OfflineDraft
from membership.payments.errors import RefundByProvider, RefundElsewhere
from membership.payments.invariants import INVARIANTS as PAYMENT_INVARIANTS
from membership.payments.models import Payment
from membership.payments.service import intend_refund, record_return
from membership.reports.invariants import INVARIANTS as REPORT_INVARIANTS
from membership.terms import service as terms
from tests.factories import make_patron, make_payment, make_tier
from tests.offline.statements import camt, entry
from tests.subscriptions.making import rows

pytestmark = pytest.mark.usefixtures("sound_books")

TWENTY = Money(2000, "eur")
EMAIL = "olena@example.org"


def draft(**fields):
    told = {"amount": TWENTY, "method": Method.CHEQUE, "received_at": utc_now() - timedelta(days=1), "email": EMAIL}
    return OfflineDraft(**told | fields)


def sound(session):
    found = {**INVARIANTS, **PAYMENT_INVARIANTS, **REPORT_INVARIANTS}
    return not any(find(session) for find in found.values())


@pytest.fixture
def policy(session):
    make_tier(session, slug="friend")
    terms.set_policy(session, Money(500, "eur"), "friend", most_months=12, patience_days=10, counts_cards=True)


@pytest.mark.parametrize(
    ("method", "held", "income"),
    [
        (Method.CHEQUE, Account.CHEQUES, Account.DONATION_INCOME),
        (Method.PAYPAL, Account.PAYPAL, Account.DONATION_INCOME),
        (Method.IN_KIND, Account.IN_KIND, Account.DONATION_INCOME),
        (Method.GRANT, Account.BANK, Account.GRANT_INCOME),
    ],
)
def test_a_gift_is_held_where_it_is_and_receipted_like_any(session, method, held, income):
    payment = service.enter(session, draft(method=method, fee=Money(70, "eur")))
    booked = balances(session)

    assert (booked[held, "eur"], booked[Account.FEES, "eur"], booked[income, "eur"]) == (1930, 70, -2000)
    assert payment.receipt_number.endswith("000001")
    assert [letter.kind for letter in rows(session, Letter)] == ["receipt"]
    assert sound(session)


def test_a_gift_without_a_name_is_booked_and_written_to_nobody(session):
    payment = service.enter(session, draft(email=None))

    assert (payment.patron_id, rows(session, Letter)) == (None, [])


@pytest.mark.parametrize(
    "wrong",
    [{"method": Method.STRIPE}, {"fee": TWENTY}],
)
def test_a_gift_that_cannot_be_is_refused(session, wrong):
    with pytest.raises(OfflineGiftUnreadable):
        service.enter(session, draft(**wrong))


def test_what_the_bank_dates_for_later_is_said_to_be_too_early(session):
    with pytest.raises(NotYetReceived):
        service.enter(session, draft(received_at=utc_now() + timedelta(days=2)))


def test_a_transfer_a_month_gives_access_without_a_gap_and_takes_it_back_when_it_is_returned(session, policy):
    payment = service.enter(session, draft(amount=Money(500, "eur"), method=Method.BANK))
    decision = decide_for(session, payment.patron_id, utc_now())
    assert (decision.sources, decision.tier) == (("offline",), "friend")

    record_return(session, payment.receipt_number, reason="it bounced", actor="a test")
    assert decide_for(session, payment.patron_id, utc_now()).sources == ()
    assert payment.refunded_minor == 500
    assert balances(session)[Account.BANK, "eur"] == 0
    assert sound(session)


def test_a_part_that_goes_back_leaves_the_time(session, policy):
    payment = service.enter(session, draft())
    record_return(session, payment.receipt_number, reason="half", actor="a test", amount=Money(500, "eur"))

    assert decide_for(session, payment.patron_id, utc_now()).sources == ("offline",)


def test_money_goes_back_the_way_it_came(session):
    offline, card = service.enter(session, draft()), make_payment(session)

    with pytest.raises(RefundElsewhere):
        intend_refund(session, offline.receipt_number, reason="x", actor="a test")
    with pytest.raises(RefundByProvider):
        record_return(session, card.receipt_number, reason="x", actor="a test")


@pytest.mark.parametrize(
    ("kind", "text", "details"),
    [
        (WayKind.BANK, {"en": "x"}, {"holder": "x"}),
        (WayKind.BANK, {"en": "x"}, {"holder": "x", "iban": "DE00"}),
        (WayKind.PAYPAL, {"en": "x"}, {"url": "javascript:alert(1)"}),
        (WayKind.CHEQUE, {"en": " "}, {}),
    ],
)
def test_a_way_that_leads_nowhere_is_refused(session, kind, text, details):
    with pytest.raises(WayUnreadable):
        service.set_way(session, kind, text, details)


def test_a_way_that_is_not_open_is_unknown(session):
    with pytest.raises(UnknownWay):
        service.get_way(session, WayKind.CRYPTO)


def test_a_line_is_matched_by_reference_account_address_or_name(session, account):
    patron = make_patron(session, name="Olena Kovalenko", email=EMAIL)
    reference = service.reference_for(session, patron.id)
    other = make_patron(session, name="Ivan Franko")
    service.take_statement(
        session,
        camt(
            entry("1", text=f"thanks {reference}", payer="Somebody"),
            entry("2", text=f"from {EMAIL}", payer="Somebody"),
            entry("3", payer="FRANKO IVAN"),
            entry("4", payer="Somebody Else"),
            entry("5", payer="Olena"),
        ),
        "november.xml",
    )
    found = {line.entry_reference: (line.match, line.patron_id) for line in service.list_lines(session)}

    assert found == {
        "1": (Match.REFERENCE, patron.id),
        "2": (Match.SUGGESTED, patron.id),
        "3": (Match.SUGGESTED, other.id),
        "4": (Match.UNKNOWN, None),
        "5": (Match.UNKNOWN, None),
    }
    assert service.accept_matched(session, actor="a test") == 1
    service.take_statement(session, camt(entry("6", payer="Hidden")), "later.xml")
    later = service.list_lines(session)[-1]
    assert (later.match, later.patron_id) == (Match.SUGGESTED, patron.id)
    assert sound(session)


def test_a_file_is_read_once_and_a_line_too(session, account):
    first = service.take_statement(session, camt(entry("1"), entry("2", sign="DBIT")), "a.xml")
    second = service.take_statement(session, camt(entry("1"), entry("3")), "b.xml")

    assert (first.new, first.left_out) == (1, 1)
    assert (second.new, second.known) == (1, 1)
    with pytest.raises(BankFileKnown):
        service.take_statement(session, camt(entry("1"), entry("3")), "c.xml")


def test_a_statement_of_others_or_one_that_is_not_sound_takes_nothing(session, account):
    with pytest.raises(AccountOfOthers):
        service.take_statement(session, camt(entry(), iban="FR1420041010050500013M02606"), "a.xml")
    with pytest.raises(BankFileUnreadable):
        service.take_statement(session, camt(entry(), entry("2", amount="x")), "a.xml")

    assert (rows(session, BankFile), rows(session, BankLine)) == ([], [])


def test_without_an_account_of_ours_no_statement_is_ours(session):
    with pytest.raises(AccountOfOthers):
        service.take_statement(session, b"date,amount,text\n", "a.csv")


def test_lines_that_wait_are_suggested_once_it_is_known_whose_the_account_is(session, account):
    service.take_statement(session, camt(*map(entry, "1234")), "a.xml")
    one, two, three, four = service.list_lines(session)
    service.assign(session, one.id, None, locale="en", actor="a test")
    nobodys = {line.match for line in service.list_lines(session)}
    owner = service.assign(session, two.id, EMAIL, locale="en", actor="a test").patron_id
    session.expire_all()

    assert nobodys == {Match.UNKNOWN}
    assert [(line.match, line.patron_id) for line in (three, four)] == [(Match.SUGGESTED, owner)] * 2
    service.assign(session, three.id, "other@example.org", locale="en", actor="a test")
    service.take_statement(session, camt(entry("5")), "b.xml")
    session.expire_all()
    assert [(line.match, line.patron_id) for line in service.list_lines(session)] == [
        (Match.SUGGESTED, owner),
        (Match.UNKNOWN, None),
    ]


def test_a_line_is_decided_once(session, account):
    service.take_statement(session, camt(entry("1"), entry("2"), entry("3")), "a.xml")
    one, two, three = service.list_lines(session)
    with pytest.raises(DonorUnnamed):
        service.accept(session, one.id, actor="a test")
    service.assign(session, one.id, EMAIL, locale="uk", actor="a test")
    service.assign(session, two.id, None, locale="en", actor="a test")
    service.reject(session, three.id, reason="rent", actor="a test")

    for line in (one, two, three):
        with pytest.raises(LineDecided):
            service.reject(session, line.id, reason="again", actor="a test")
    with pytest.raises(UnknownLine):
        service.get_line(session, 10**30)
    assert service.count_waiting(session) == 0
    assert len(service.list_lines(session, LineStatus.BOOKED)) == 2
    assert sound(session)


def at_once(app, count, act):
    start = Barrier(count)

    def run(_):
        start.wait()
        try:
            with app.app_context(), transaction() as current:
                act(current)
        except MembershipError as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(run, range(count)))


def test_one_file_read_by_many_at_once_is_read_once_and_booked_once(app, session, account):
    patron = make_patron(session)
    data = camt(*(entry(str(n), text=service.reference_for(session, patron.id)) for n in range(3)))
    session.commit()

    def take(current):
        service.take_statement(current, data, "a.xml")
        service.accept_matched(current, actor="a test")

    assert at_once(app, 4, take) == {"done": 1, "BankFileKnown": 3}
    assert len(rows(session, Payment)) == len(rows(session, BankLine)) == 3


def test_one_line_decided_by_many_at_once_is_booked_once(app, session, account):
    service.take_statement(session, camt(entry("1")), "a.xml")
    (line,) = rows(session, BankLine)

    told = at_once(app, 4, lambda current: service.assign(current, line.id, EMAIL, locale="en", actor="a test"))
    assert told == {"done": 1, "LineDecided": 3}
    assert len(rows(session, Payment)) == 1
