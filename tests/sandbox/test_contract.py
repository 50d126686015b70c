"""The sandbox takes what Stripe takes and answers what Stripe answers, by the types of the installed package."""

import json

import pytest
from stripe import InvalidRequestError, StripeClient

from membership import clock
from membership.sandbox.annotations import PACKAGE, Record, fields_of, find_record
from membership.sandbox.contract import ParamRefused, check_params
from tests.conftest import WEBHOOK_SECRET
from tests.gateway.providers import (
    DECLINED,
    EUR5,
    FAILS_LATER,
    GOOD,
    Sandboxed,
    donation,
    key,
    subscription,
)
from tests.sandbox.process import running_sandbox
from tests.sandbox.schemas import problems

SESSIONS = "/v1/checkout/sessions"
LINE = {"price": "price_1", "quantity": "1"}


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("POST", "/v1/customers", {"email": "a@example.org", "metadata": {"anything": "goes", "removed": ""}}),
        ("POST", SESSIONS, {"mode": "subscription", "line_items": [LINE], "locale": "auto"}),
        ("POST", "/v1/subscriptions/sub_1", {"cancel_at_period_end": "true"}),
        ("POST", "/v1/subscriptions/sub_1", {"cancel_at": ""}),
        ("POST", "/v1/subscriptions/sub_1", {"cancel_at": "1793707200"}),
        ("POST", "/v1/subscriptions/sub_1", {"cancel_at": "min_period_end"}),
        ("POST", "/v1/products/prod_1", {"description": ""}),
        ("POST", "/v1/prices", {"currency": "eur", "unit_amount_decimal": "12.5", "recurring": {"interval": "month"}}),
        ("DELETE", "/v1/subscriptions/sub_1", {"prorate": "false"}),
        ("GET", "/v1/invoices", {"created": {"gte": "5"}, "limit": "100", "expand": ["data.payments"]}),
        ("GET", "/v1/charges", {"created": "5"}),
        ("GET", "/v1/account", {}),
        ("GET", "/v1/somewhere_else", {"anything": "goes"}),
        ("PUT", "/v1/customers", {"anything": "goes"}),
    ],
)
def test_what_stripe_takes_is_taken(method, path, params):
    assert check_params(method, path, params) is None


@pytest.mark.parametrize(
    ("method", "path", "params", "code", "param"),
    [
        ("POST", SESSIONS, {"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        ("POST", SESSIONS, {"line_items": [LINE | {"tip": "1"}]}, "parameter_unknown", "line_items[0][tip]"),
        ("POST", "/v1/customers", {"plan": "gold", "coupon": "x"}, "parameter_unknown", "plan"),
        ("POST", "/v1/invoices/create_preview", {"auto_advance": "true"}, "parameter_unknown", "auto_advance"),
        ("POST", "/v1/prices", {"unit_amount": "5"}, "parameter_missing", "currency"),
        ("GET", "/v1/invoice_payments", {"payment": {}}, "parameter_missing", "payment[type]"),
        ("POST", SESSIONS, {"mode": "gift"}, None, "mode"),
        ("POST", SESSIONS, {"locale": "uk"}, None, "locale"),
        ("POST", SESSIONS, {"line_items": "price_1"}, None, "line_items"),
        ("POST", SESSIONS, {"mode": ["payment"]}, None, "mode"),
        ("POST", SESSIONS, {"mode": {"is": "payment"}}, None, "mode"),
        ("POST", SESSIONS, {"subscription_data": "x"}, None, "subscription_data"),
        (
            "POST",
            SESSIONS,
            {"line_items": [LINE | {"quantity": "two"}]},
            "parameter_invalid_integer",
            "line_items[0][quantity]",
        ),
        ("POST", SESSIONS, {"expires_at": "1.5"}, "parameter_invalid_integer", "expires_at"),
        ("POST", SESSIONS, {"expires_at": "١٢"}, "parameter_invalid_integer", "expires_at"),
        ("POST", "/v1/subscriptions/sub_1", {"cancel_at_period_end": "True"}, None, "cancel_at_period_end"),
        ("POST", "/v1/subscriptions/sub_1", {"cancel_at": "never"}, None, "cancel_at"),
        ("POST", "/v1/prices", {"currency": "eur", "unit_amount_decimal": "a"}, None, "unit_amount_decimal"),
        ("POST", "/v1/customers", {"email": ""}, "parameter_invalid_empty", "email"),
    ],
)
def test_what_stripe_refuses_is_refused(method, path, params, code, param):
    with pytest.raises(ParamRefused) as refusal:
        check_params(method, path, params)

    assert (refusal.value.code, refusal.value.param) == (code, param)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"plan": "gold"}, "Received unknown parameter: plan"),
        ({"plan": "gold", "coupon": "x"}, "Received unknown parameters: plan, coupon"),
        ({"tax_exempt": "perhaps"}, "Invalid tax_exempt: must be one of exempt, none, or reverse"),
        ({"balance": "much"}, "Invalid integer: much"),
        ({"cash_balance": "x"}, "Invalid object: x"),
        ({"preferred_locales": "en"}, "Invalid array: en"),
        ({"email": {"is": "x"}}, "Invalid string: email is an object."),
    ],
)
def test_refusals_are_said_in_stripes_words(params, words):
    with pytest.raises(ParamRefused) as refusal:
        check_params("POST", "/v1/customers", params)

    assert refusal.value.message == words


def test_a_single_choice_is_named_alone():
    with pytest.raises(ParamRefused) as refusal:
        check_params("POST", "/v1/refunds", {"origin": "elsewhere"})

    assert refusal.value.message == "Invalid origin: must be one of customer_balance"


def test_a_class_that_the_package_lacks_is_an_error():
    with pytest.raises(LookupError):
        find_record(PACKAGE / "_customer.py", "Patron")


def test_a_class_is_found_through_what_a_file_imports():
    found = find_record(PACKAGE / "_invoice_payment.py", "Charge")

    assert found == Record(PACKAGE / "_charge.py", ("Charge",))


def test_a_type_that_cannot_be_read_is_an_error(tmp_path):
    file = tmp_path / "_new.py"
    file.write_text("class New:\n    field: other.Kind\n")

    with pytest.raises(LookupError):
        fields_of(Record(file, ("New",)))


def test_the_schemas_see_what_is_wrong():
    found = {"object": "customer", "id": 7, "created": "now", "livemode": False, "tax_exempt": "perhaps", "gone": 1}

    assert sorted(problems(found)) == [
        "customer.created: 'now' is not one of ['int']",
        "customer.gone: unknown",
        "customer.id: 7 is not one of ['str']",
        "customer.tax_exempt: 'perhaps' is not one of ['exempt', 'none', 'reverse']",
    ]


def test_the_schemas_look_into_lists_and_events():
    page = {"object": "list", "url": "/v1/customers", "has_more": False, "data": [{"object": "customer", "id": "c"}]}
    event = {"object": "event", "type": "made.up", "data": {"object": {"object": "unheard_of"}}}

    assert "list[0].created: missing" in problems(page)
    assert "event.data.object: no such object: unheard_of" in problems(event)
    assert any(one.startswith("event.type: 'made.up' is not one of") for one in problems(event))
    assert problems({"object": "list", "data": []}) == ["list: this is no list"]


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    """Drive whole memberships and gifts through the sandbox; return everything that it said."""
    folder = tmp_path_factory.mktemp("journal")
    file, times = folder / "journal.jsonl", folder / "clock"
    options = {"journal": file, "clock_file": times, "mode": "drop"}
    with running_sandbox("http://127.0.0.1:9/hook", WEBHOOK_SECRET, **options) as sandbox:
        clock.follow(times)
        try:
            _live(Sandboxed(sandbox))
            v1 = StripeClient("sk_test_journal", base_addresses={"api": sandbox.url}).v1
            _set_up(v1)
            _bill(v1)
            _browse(v1)
        finally:
            clock.follow(None)
    return [json.loads(line) for line in file.read_text().splitlines()]


def _live(provider):
    gateway = provider.gateway
    account = gateway.get_account()
    product_id = gateway.sync_product(None, name="Friend", reference="friend", key=key())
    terms = {"product_id": product_id, "amount": EUR5, "interval": "month", "lookup_key": "friend_month"}
    price_id = gateway.sync_price(**terms, key=key())
    gateway.create_endpoint("http://127.0.0.1:9/hook", key=key())
    for card in (GOOD, FAILS_LATER, DECLINED):
        customer_id = gateway.create_customer(email="a@example.org", name="Ada", reference="patron-1", key=key())
        opened = gateway.open_subscription_checkout(subscription(customer_id, price_id), key=key())
        provider.pay(opened.id, card)
    gift, left, tried = (gateway.open_donation_checkout(donation(), key=key()).id for _ in range(3))
    provider.pay(gift)
    provider.pay(tried, DECLINED)
    gateway.expire_checkout(left)
    provider.settle()
    gateway.refund(gateway.get_checkout(gift).payment_intent_id, EUR5, reference="refund-1", key=key())
    _contest(provider, gateway.get_checkout(gift).payment_intent_id)
    begun = [one for one in gateway.list_subscriptions() if one.status == "active"]
    provider.month_passes("all")
    gateway.cancel_at_period_end(begun[-1].id, key=key())
    gateway.undo_cancellation(begun[-1].id, key=key())
    gateway.cancel_at_period_end(begun[-1].id, key=key())
    provider.give_up("the failing one")
    provider.month_passes("the cancelled one")
    assert account.country == "DE"


def _contest(provider, intent_id):
    """Let banks do all that they do."""
    post, gateway = provider.sandbox.post, provider.gateway
    post("/_sandbox/terms", {"settles_in": "usd", "refunds": "fail"})
    for card in ("4000000000001976", "4000000000005423", "4000000000000259"):
        session = gateway.open_donation_checkout(donation(), key=key()).id
        provider.pay(session, card)
        provider.settle()
    gateway.refund(intent_id, EUR5, reference="refund-2", key=key())
    inquiry = post(f"/_sandbox/charges/{intent_id}/dispute", {"inquiry": True, "amount": 300})
    post(f"/_sandbox/disputes/{inquiry['id']}/escalate")
    post(f"/_sandbox/disputes/{inquiry['id']}/close", {"status": "won"})
    post("/_sandbox/terms", {"settles_in": None, "refunds": "succeed"})
    post("/_sandbox/movements", {"category": "fee", "amount": -100})


def _set_up(v1):
    """Keep cards, pay by intents, open the portal."""
    customer = v1.customers.create({"payment_method": "pm_card_visa"})
    v1.setup_intents.create({"customer": customer.id, "payment_method": "pm_card_visa", "confirm": True})
    intent = {"amount": 500, "currency": "eur", "confirm": True, "return_url": "http://localhost/"}
    v1.payment_intents.create({**intent, "payment_method": "pm_card_visa"})
    v1.payment_intents.create({**intent, "payment_method": "pm_card_threeDSecureRequired"})
    v1.payment_methods.detach(v1.customers.payment_methods.list(customer.id).data[0].id)
    update = {"enabled": True, "products": [{"product": "prod_1", "prices": ["price_1"]}]}
    payment_method_update = {"enabled": True}
    features = {"subscription_update": update, "payment_method_update": payment_method_update}
    v1.billing_portal.configurations.create({"features": features})
    v1.billing_portal.sessions.create({"customer": customer.id, "flow_data": {"type": "payment_method_update"}})


def _bill(v1):
    """Invoice what belongs to no subscription."""
    customer = v1.customers.create({"payment_method": "pm_card_visa"})
    owed = {"customer": customer.id, "amount": 500, "currency": "eur"}
    v1.invoice_items.create(owed)
    invoice = v1.invoices.create({"customer": customer.id, "pending_invoice_items_behavior": "include"})
    v1.invoices.pay(invoice.id, {"payment_method": v1.payment_methods.list({"customer": customer.id}).data[0].id})
    v1.invoice_items.delete(v1.invoice_items.create(owed).id)


def _browse(v1):
    services = (v1.customers, v1.products, v1.prices, v1.subscriptions, v1.invoices, v1.invoice_payments)
    services += (v1.payment_intents, v1.charges, v1.refunds, v1.balance_transactions, v1.checkout.sessions)
    services += (v1.disputes, v1.payouts, v1.radar.early_fraud_warnings)
    services += (v1.invoice_items, v1.payment_methods, v1.setup_intents, v1.billing_portal.configurations)
    for service in (*services, v1.webhook_endpoints, v1.events):
        for found in service.list().data:
            service.retrieve(found.id)
    for invoice in v1.invoices.list({"expand": ["data.payments", "data.customer"]}).data:
        v1.invoices.line_items.list(invoice.id)
    for intent in v1.payment_intents.list({"expand": ["data.latest_charge.balance_transaction"]}).data:
        v1.payment_intents.retrieve(intent.id, {"expand": ["customer", "payment_method", "latest_charge.refunds"]})
    for session in v1.checkout.sessions.list({"expand": ["data.line_items"]}).data:
        v1.checkout.sessions.line_items.list(session.id)
    v1.subscriptions.list({"status": "all", "expand": ["data.latest_invoice.payments"]})
    v1.balance.retrieve()
    v1.webhook_endpoints.delete(v1.webhook_endpoints.list().data[0].id)
    v1.customers.delete(v1.customers.list().data[0].id)
    with pytest.raises(InvalidRequestError):
        v1.customers.create({"plan": "gold"})
    with pytest.raises(InvalidRequestError):
        v1.customers.retrieve("cus_nobody")


@pytest.mark.processes
def test_every_answer_has_the_shape_that_the_package_describes(journal):
    answers = [line for line in journal if line["path"].startswith("/v1/") and line["status"] == 200]

    wrong = {f"{line['method']} {line['path']}: {one}" for line in answers for one in problems(line["body"])}
    assert not wrong
    assert len(answers) > 100


@pytest.mark.processes
def test_every_refusal_has_the_shape_that_the_package_describes(journal):
    refusals = [line["body"]["error"] for line in journal if line["path"].startswith("/v1/") and line["status"] >= 400]

    known = fields_of(find_record(PACKAGE / "_error_object.py", "ErrorObject")).keys()
    assert not {name for refusal in refusals for name in refusal.keys() - known}
    assert {refusal["type"] for refusal in refusals} == {"invalid_request_error"}
    assert {refusal["code"] for refusal in refusals} == {"parameter_unknown", "resource_missing"}


@pytest.mark.processes
def test_every_event_has_the_shape_that_the_package_describes(journal):
    events = [line["body"] for line in journal if line["body"].get("object") == "event"]

    wrong = {f"{event['type']}: {one}" for event in events for one in problems(event)}
    assert not wrong
    assert len({event["type"] for event in events}) > 15
