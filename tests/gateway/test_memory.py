"""What only the gateway in memory can do: the levers that tests pull."""

from datetime import UTC, datetime, timedelta

import pytest
import stripe
import time_machine

from membership.clock import utc_now
from membership.gateway.errors import GatewayRefused, GatewayUnreachable
from membership.gateway.memory import MemoryGateway
from membership.gateway.memory.rules import fee_of, months_after
from membership.gateway.memory.world import API_VERSION
from membership.gateway.stripe_gateway import StripeGateway
from membership.gateway.values import CheckoutStatus
from membership.money import Money
from tests.conftest import WEBHOOK_SECRET, make_settings
from tests.gateway.providers import EUR5, donation, key, subscription


@pytest.fixture
def gateway():
    return MemoryGateway(webhook_secrets=[WEBHOOK_SECRET])


@pytest.fixture
def customer_id(gateway):
    return gateway.create_customer(email="reader@example.org", name="", reference="patron-1", key=key())


def open_gift(gateway, **fields):
    return gateway.open_donation_checkout(donation(**fields), key=key()).id


def open_subscription(gateway, customer_id, price_id="price_7"):
    return gateway.open_subscription_checkout(subscription(customer_id, price_id), key=key()).id


def told(gateway):
    return [event.type for event in gateway.events]


def test_it_speaks_the_version_of_the_pinned_package():
    assert stripe.api_version == API_VERSION


def test_a_price_that_only_a_row_knows_costs_five_euros_a_month(gateway, customer_id):
    gateway.add_price("price_8", Money(9000, "uah"), "year")
    paid = [gateway.pay_checkout(open_subscription(gateway, customer_id, one)) for one in ("price_7", "price_8")]

    invoices = [next(gateway.list_invoices_of(one.subscription_id)) for one in paid]
    assert [one.total for one in invoices] == [EUR5, Money(9000, "uah")]


def test_one_call_or_one_key_can_fail_alone(gateway):
    gateway.refuses, gateway.silent_about = {"create_customer"}, {"cs_1"}

    with pytest.raises(GatewayRefused):
        gateway.create_customer(email="reader@example.org", name="", reference="patron-1", key=key())
    with pytest.raises(GatewayUnreachable):
        gateway.get_checkout("cs_1")
    assert gateway.get_checkout(open_gift(gateway)).status is CheckoutStatus.OPEN


def test_a_cut_line_stops_every_call_before_it_does_anything(gateway):
    gateway.unreachable = True

    with pytest.raises(GatewayUnreachable):
        open_gift(gateway)
    with pytest.raises(GatewayUnreachable):
        next(gateway.list_checkouts(utc_now()))
    with pytest.raises(GatewayUnreachable):
        next(gateway.list_subscriptions())
    gateway.unreachable = False
    assert list(gateway.list_checkouts(utc_now() - timedelta(days=1))) == []


def test_a_lost_answer_is_given_again_under_the_same_key(gateway):
    wish, used = donation(), key()
    gateway.answers_lost = True
    with pytest.raises(GatewayUnreachable):
        gateway.open_donation_checkout(wish, key=used)
    gateway.answers_lost = False

    opened = gateway.open_donation_checkout(wish, key=used)

    assert list(gateway.list_checkouts(utc_now() - timedelta(days=1))) == [opened]


def test_calls_are_listed_with_their_keys_and_ids(gateway):
    used = key()
    session_id = gateway.open_donation_checkout(donation(), key=used).id
    gateway.get_checkout(session_id)

    assert gateway.calls == [("open_donation_checkout", used), ("get_checkout", session_id)]


def test_a_message_can_be_delivered_any_number_of_times(gateway):
    gateway.pay_checkout(open_gift(gateway))
    (event,) = gateway.events

    for _ in range(2):
        body, header = gateway.deliver_body(event)
        assert gateway.read_event(body, header, utc_now()) == event


def test_the_real_gateway_reads_the_same_message(gateway):
    gateway.pay_checkout(open_gift(gateway))
    (event,) = gateway.events

    real = StripeGateway.from_settings(make_settings())

    assert real.read_event(*gateway.deliver_body(event), utc_now()) == event


def test_taking_messages_from_the_queue_does_not_unsay_them(gateway):
    gateway.pay_checkout(open_gift(gateway))
    event = gateway.events.pop()

    assert gateway.events == []
    assert list(gateway.list_events(utc_now() - timedelta(minutes=1))) == [event]


def test_a_checkout_expires_in_time(gateway):
    session_id = open_gift(gateway)

    with time_machine.travel(utc_now() + timedelta(hours=2)):
        assert gateway.get_checkout(session_id).status is CheckoutStatus.EXPIRED
        with pytest.raises(GatewayRefused):
            gateway.pay_checkout(session_id)
    assert told(gateway) == ["checkout.session.expired"]


def test_a_bank_may_answer_later_and_say_yes(gateway):
    session_id = open_gift(gateway)
    waiting = gateway.pay_checkout(session_id, delayed=True)

    assert (waiting.status, waiting.is_paid) == (CheckoutStatus.COMPLETE, False)
    assert gateway.get_payment(waiting.payment_intent_id).status == "processing"
    assert gateway.pay_checkout(session_id).is_paid
    assert gateway.get_payment(waiting.payment_intent_id).status == "succeeded"
    assert told(gateway) == ["checkout.session.completed", "checkout.session.async_payment_succeeded"]


def test_a_bank_may_answer_later_and_say_no(gateway):
    session_id = open_gift(gateway)
    waiting = gateway.pay_checkout(session_id, delayed=True)

    assert not gateway.pay_checkout(session_id, fails=True).is_paid
    assert gateway.get_payment(waiting.payment_intent_id).status == "requires_payment_method"
    assert told(gateway)[-1] == "checkout.session.async_payment_failed"


@pytest.mark.parametrize(("fails", "status", "paid"), [(False, "active", "paid"), (True, "past_due", "open")])
def test_a_subscription_may_wait_for_a_bank_too(gateway, customer_id, fails, status, paid):
    session_id = open_subscription(gateway, customer_id)
    subscription_id = gateway.pay_checkout(session_id, delayed=True).subscription_id
    (invoice,) = gateway.list_invoices_of(subscription_id)
    assert (gateway.get_subscription(subscription_id).status, invoice.status) == ("active", "open")

    gateway.pay_checkout(session_id, fails=fails)

    (invoice,) = gateway.list_invoices_of(subscription_id)
    assert (gateway.get_subscription(subscription_id).status, invoice.status) == (status, paid)


def test_a_late_renewal_can_still_be_paid(gateway, customer_id):
    subscription_id = gateway.pay_checkout(open_subscription(gateway, customer_id)).subscription_id
    gateway.fail_renewal(subscription_id)
    gateway.fail_renewal(subscription_id)

    gateway.renew(subscription_id)

    newest, _ = gateway.list_invoices_of(subscription_id)
    assert (newest.status, newest.attempts) == ("paid", 3)
    assert gateway.get_subscription(subscription_id).status == "active"
    assert told(gateway)[-2:] == ["customer.subscription.updated", "invoice.paid"]


def test_periods_are_counted_from_the_first_day(gateway, customer_id):
    with time_machine.travel(datetime(2027, 1, 31, 12, tzinfo=UTC)):
        subscription_id = gateway.pay_checkout(open_subscription(gateway, customer_id)).subscription_id
        ends = [gateway.get_subscription(subscription_id).period_ends_at]
        ends += [gateway.renew(subscription_id).period_ends_at for _ in range(3)]

    assert [(end.month, end.day) for end in ends] == [(2, 28), (3, 31), (4, 30), (5, 31)]


def test_a_renewal_happens_when_it_is_due_even_if_the_clock_stands_still(gateway, customer_id):
    begun = gateway.get_subscription(gateway.pay_checkout(open_subscription(gateway, customer_id)).subscription_id)

    gateway.renew(begun.id)

    newest, _ = gateway.list_invoices_of(begun.id)
    assert newest.created_at == newest.paid_at == begun.period_ends_at


@pytest.mark.parametrize(
    ("months", "expected"),
    [(0, (2028, 1, 31)), (1, (2028, 2, 29)), (11, (2028, 12, 31)), (12, (2029, 1, 31)), (13, (2029, 2, 28))],
)
def test_a_month_ends_on_its_last_day_at_the_latest(months, expected):
    after = months_after(datetime(2028, 1, 31, tzinfo=UTC), months)

    assert (after.year, after.month, after.day) == expected


@pytest.mark.parametrize(
    ("amount", "fee"),
    [
        (Money(500, "eur"), Money(33, "eur")),
        (Money(2000, "eur"), Money(55, "eur")),
        (Money(100, "eur"), Money(27, "eur")),
        (Money(1000, "jpy"), Money(36, "jpy")),
        (Money(0, "eur"), Money(25, "eur")),
    ],
)
def test_the_fee_is_a_share_and_a_fixed_part(amount, fee):
    assert fee_of(amount) == fee


def test_nothing_is_settled_twice(gateway):
    payment_id = gateway.pay_checkout(open_gift(gateway)).payment_intent_id
    gateway.refund(payment_id, EUR5, reference="refund-1", key=key())
    gateway.settle()
    before = list(gateway.list_settlements(utc_now() - timedelta(minutes=1)))

    gateway.settle()

    assert list(gateway.list_settlements(utc_now() - timedelta(minutes=1))) == before
    assert len(before) == 2


def test_a_payment_that_failed_cannot_be_refunded(gateway):
    payment_id = gateway.pay_checkout(open_gift(gateway), delayed=True).payment_intent_id

    with pytest.raises(GatewayRefused):
        gateway.refund(payment_id, EUR5, reference="refund-1", key=key())
