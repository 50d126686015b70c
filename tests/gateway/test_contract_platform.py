"""What both gateways promise about events, lists and the account; it keeps the one in memory true."""

from datetime import timedelta

import pytest

from membership.clock import utc_now
from membership.gateway.errors import GatewayMissing
from tests.gateway.providers import donation, key

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    "name",
    [
        "get_checkout",
        "expire_checkout",
        "get_subscription",
        "get_invoice",
        "get_payment",
        "get_refund",
        "get_charge",
    ],
)
def test_what_does_not_exist_is_missing(stripe_side, name):
    with pytest.raises(GatewayMissing):
        getattr(stripe_side, name)("nothing_1")


def test_events_tell_what_happened_and_to_what(provider, stripe_side, subscribe):
    # Events are dated, and asked for, in whole seconds.
    started = utc_now().replace(microsecond=0) - timedelta(seconds=1)
    subscription_id = subscribe()
    (invoice,) = stripe_side.list_invoices_of(subscription_id)
    provider.settle()

    events = list(stripe_side.list_events(started))

    told = {(one.type, one.object_id) for one in events}
    charge_id = stripe_side.get_payment(invoice.payment_intent_ids[0]).charge_id
    assert {
        ("customer.subscription.created", subscription_id),
        ("invoice.paid", invoice.id),
        ("charge.updated", charge_id),
    } <= told
    assert "checkout.session.completed" in {kind for kind, _ in told}
    assert {one.livemode for one in events} == {False}
    assert {one.api_version for one in events} == {"2026-10-28.endive"}
    assert all(started <= one.created_at <= utc_now() for one in events)


def test_an_endpoint_comes_with_its_secret(stripe_side):
    endpoint_id, secret = stripe_side.create_endpoint("http://127.0.0.1:9/hook", key=key())

    assert endpoint_id.startswith("we_")
    assert secret.startswith("whsec_")


def test_an_endpoint_wants_what_we_handle_again_once_it_is_mended(stripe_side):
    url = f"http://127.0.0.1:9/{key()}"
    endpoint_id, _ = stripe_side.create_endpoint(url, key=key())
    stripe_side.mend_endpoint(endpoint_id, key=key())
    (found,) = [one for one in stripe_side.list_endpoints() if one.url == url]

    assert (found.id, found.is_enabled, found.lacks) == (endpoint_id, True, frozenset())
    with pytest.raises(GatewayMissing):
        stripe_side.mend_endpoint("we_1", key=key())


def test_the_account_has_a_country_and_a_currency(stripe_side):
    account = stripe_side.get_account()

    assert account.id.startswith("acct_")
    assert (account.default_currency, account.country) == ("eur", "DE")


def test_lists_begin_where_they_are_asked_to(stripe_side, give):
    give(donation())

    for listed in ("checkouts", "invoices", "payments", "refunds", "settlements", "events"):
        assert list(getattr(stripe_side, f"list_{listed}")(utc_now() + MINUTE)) == []


def test_lists_longer_than_a_page_miss_nothing(stripe_side):
    started = utc_now()
    made = [stripe_side.open_donation_checkout(donation(), key=key()).id for _ in range(205)]

    listed = [one.id for one in stripe_side.list_checkouts(started) if one.id in set(made)]

    assert listed == made[::-1]
