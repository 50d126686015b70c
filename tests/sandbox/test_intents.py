import pytest
import stripe

from tests.sandbox.driver import ASKS, FAILS_LATER, GOOD
from tests.sandbox.test_pages import visit

BACK = "http://shop.test/back"
ALWAYS_ASKS, SET_UP = "4000002760003184", "4000003800000446"


def customer(sandbox, **fields):
    return sandbox.v1.customers.create({"email": "olena@example.org", **fields})


def card(sandbox, number=GOOD):
    return sandbox.v1.payment_methods.create({"type": "card", "card": {"number": number}})


def pay(sandbox, method="pm_card_visa", **fields):
    params = {"amount": 2000, "currency": "eur", "payment_method": method, "confirm": True}
    return sandbox.v1.payment_intents.create({**params, **fields})


def test_an_intent_is_paid_at_once(sandbox):
    intent = pay(sandbox, description="A gift", metadata={"for": "north"}, receipt_email="o@example.org")

    assert (intent.status, intent.amount_received) == ("succeeded", 2000)
    charge = sandbox.v1.charges.retrieve(intent.latest_charge)
    assert (charge.description, charge.metadata["for"], charge.receipt_email) == ("A gift", "north", "o@example.org")


def test_an_intent_goes_step_by_step(sandbox):
    intent = sandbox.v1.payment_intents.create(
        {"amount": 2000, "currency": "eur", "automatic_payment_methods": {"enabled": True}}
    )
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.payment_intents.confirm(intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"

    assert sandbox.v1.payment_intents.update(intent.id, {"description": "A gift"}).amount == 2000
    changed = {"amount": 2500, "payment_method": "pm_card_visa", "description": "More"}
    updated = sandbox.v1.payment_intents.update(intent.id, changed)
    confirmed = sandbox.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_mastercard"})

    assert (intent.status, updated.status, confirmed.status) == (
        "requires_payment_method",
        "requires_confirmation",
        "succeeded",
    )
    assert confirmed.amount_received == 2500
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.payment_intents.cancel(intent.id)


def test_a_refusal_names_its_intent(sandbox):
    with pytest.raises(stripe.CardError) as refusal:
        pay(sandbox, "pm_card_visa_chargeDeclinedInsufficientFunds")

    assert refusal.value.error.decline_code == "insufficient_funds"
    assert refusal.value.error.payment_intent.status == "requires_payment_method"
    assert sandbox.told()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


@pytest.mark.parametrize(("outcome", "status"), [("complete", "succeeded"), ("fail", "requires_payment_method")])
def test_a_bank_asks_on_its_page_and_leads_back(sandbox, outcome, status):
    intent = pay(sandbox, "pm_card_threeDSecureRequired", return_url=f"{BACK}?a=b")
    assert intent.status == "requires_action"
    url = intent.next_action.redirect_to_url.url
    assert "Is it you?" in visit(url).text

    page = visit(url, {"outcome": outcome})

    words = "succeeded" if outcome == "complete" else "failed"
    assert page.location == f"{BACK}?a=b&payment_intent={intent.id}&redirect_status={words}"
    assert sandbox.v1.payment_intents.retrieve(intent.id).status == status
    assert "payment_intent.requires_action" in sandbox.told()
    assert "nothing to confirm" in visit(url).text
    assert visit(url, {"outcome": "complete"}).status == 409


@pytest.mark.parametrize(("outcome", "words"), [("complete", "nothing to confirm"), ("fail", "did not confirm")])
def test_a_bank_that_leads_nowhere_says_how_it_ended(sandbox, outcome, words):
    intent = pay(sandbox, "pm_card_threeDSecureRequired")

    assert words in visit(intent.next_action.redirect_to_url.url, {"outcome": outcome}).text


def test_an_unknown_confirmation_is_told(sandbox):
    assert visit(f"{sandbox.url}/c/confirm/pi_nothing").status == 404


@pytest.mark.parametrize(
    ("number", "is_confirmed", "is_paid"),
    [(GOOD, False, True), (SET_UP, False, True), (ASKS, False, False), (ASKS, True, True), (ALWAYS_ASKS, True, False)],
)
def test_without_her_only_a_card_that_was_set_up_pays(sandbox, number, is_confirmed, is_paid):
    owner, method = customer(sandbox), card(sandbox, number)
    if is_confirmed:
        intent = sandbox.v1.setup_intents.create({"customer": owner.id, "payment_method": method.id, "confirm": True})
        visit(intent.next_action.redirect_to_url.url, {"outcome": "complete"})
    else:
        sandbox.v1.payment_methods.attach(method.id, {"customer": owner.id})

    if is_paid:
        assert pay(sandbox, method.id, customer=owner.id, off_session=True).status == "succeeded"
        return
    with pytest.raises(stripe.CardError) as refusal:
        pay(sandbox, method.id, customer=owner.id, off_session=True)
    assert refusal.value.code == "authentication_required"


def test_a_card_that_fails_later_can_be_kept_but_not_charged(sandbox):
    owner, method = customer(sandbox), card(sandbox, FAILS_LATER)
    sandbox.v1.payment_methods.attach(method.id, {"customer": owner.id})

    with pytest.raises(stripe.CardError):
        pay(sandbox, method.id, customer=owner.id)


def test_a_card_that_is_declined_cannot_even_be_kept(sandbox):
    owner = customer(sandbox)

    with pytest.raises(stripe.CardError):
        sandbox.v1.payment_methods.attach("pm_card_chargeDeclined", {"customer": owner.id})
    with pytest.raises(stripe.CardError) as refusal:
        sandbox.v1.setup_intents.create({"payment_method": "pm_card_chargeDeclined", "confirm": True})
    assert refusal.value.error.setup_intent.last_setup_error.decline_code == "generic_decline"
    assert sandbox.told()[-1] == "setup_intent.setup_failed"


def test_a_payment_can_keep_its_card_for_later(sandbox):
    owner = customer(sandbox)

    intent = pay(sandbox, customer=owner.id, setup_future_usage="off_session")

    assert sandbox.v1.payment_methods.retrieve(intent.payment_method).customer == owner.id


def test_a_setup_keeps_a_card(sandbox):
    owner = customer(sandbox)
    intent = sandbox.v1.setup_intents.create({"customer": owner.id, "usage": "off_session"})
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.setup_intents.confirm(intent.id)

    done = sandbox.v1.setup_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert sandbox.v1.setup_intents.create({"payment_method": "pm_card_visa", "confirm": True}).status == "succeeded"

    assert done.status == "succeeded"
    assert [one.id for one in sandbox.v1.customers.payment_methods.list(owner.id).data] == [done.payment_method]
    assert sandbox.told()[-4:-2] == ["payment_method.attached", "setup_intent.succeeded"]
    assert len(sandbox.v1.setup_intents.list({"customer": owner.id}).data) == 1


def test_a_setup_that_is_not_confirmed_fails(sandbox):
    intent = sandbox.v1.setup_intents.create({"payment_method": "pm_card_authenticationRequired", "confirm": True})

    visit(intent.next_action.redirect_to_url.url, {"outcome": "fail"})

    failed = sandbox.v1.setup_intents.retrieve(intent.id)
    assert failed.last_setup_error.code == "setup_intent_authentication_failure"


@pytest.mark.parametrize("kind", ["payment_intents", "setup_intents"])
def test_an_intent_can_be_given_up(sandbox, kind):
    service = getattr(sandbox.v1, kind)
    intent = service.create({"amount": 500, "currency": "eur"} if kind == "payment_intents" else {})

    cancelled = service.cancel(intent.id, {"cancellation_reason": "abandoned"})

    assert (cancelled.status, cancelled.cancellation_reason) == ("canceled", "abandoned")
    assert sandbox.told()[-1] == f"{kind[:-1]}.canceled"


@pytest.mark.parametrize("kind", ["payment_intents", "setup_intents"])
def test_intents_take_no_method_types_any_more(sandbox, kind):
    terms = {"amount": 500, "currency": "eur"} if kind == "payment_intents" else {}

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        getattr(sandbox.v1, kind).create({**terms, "payment_method_types": ["card"]})

    assert refusal.value.code == "payment_method_types_no_longer_supported"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"amount": 49}, "amount_too_small"),
        ({"amount": 10**8}, "amount_too_large"),
        ({"method": "pm_card_nothing"}, "resource_missing"),
        ({"method": "pm_nothing"}, "resource_missing"),
        ({"customer": "cus_nobody"}, "resource_missing"),
    ],
)
def test_what_cannot_be_paid_is_refused(sandbox, fields, code):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        pay(sandbox, **fields)

    assert refusal.value.code == code


def test_an_invoice_is_not_paid_by_its_intent(sandbox):
    sandbox.member(FAILS_LATER)
    sandbox.advance(months=1)
    sandbox.advance(seconds=7200)
    intent = sandbox.v1.payment_intents.list().data[0]

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})

    assert refusal.value.code == "sandbox_unsupported"


def test_a_card_belongs_to_one_customer_and_never_comes_back(sandbox):
    owner, other = customer(sandbox), customer(sandbox)
    method = sandbox.v1.payment_methods.attach("pm_card_visa", {"customer": owner.id})
    assert sandbox.v1.payment_methods.attach(method.id, {"customer": owner.id}).customer == owner.id
    for attempt in (
        lambda: sandbox.v1.payment_methods.attach(method.id, {"customer": other.id}),
        lambda: pay(sandbox, method.id, customer=other.id),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            attempt()
    sandbox.v1.customers.update(owner.id, {"invoice_settings": {"default_payment_method": method.id}})

    assert sandbox.v1.payment_methods.detach(method.id).customer is None

    assert sandbox.v1.customers.retrieve(owner.id).invoice_settings.default_payment_method is None
    for attempt in (
        lambda: sandbox.v1.payment_methods.detach(method.id),
        lambda: sandbox.v1.payment_methods.attach(method.id, {"customer": owner.id}),
    ):
        with pytest.raises(stripe.InvalidRequestError):
            attempt()


def test_a_card_taken_off_pays_no_subscription(sandbox):
    subscription = sandbox.member()

    sandbox.v1.payment_methods.detach(subscription.default_payment_method)

    assert sandbox.v1.subscriptions.retrieve(subscription.id).default_payment_method is None


def test_a_card_says_whose_it_is(sandbox):
    details = {"email": "o@example.org", "name": "Olena"}
    method = sandbox.v1.payment_methods.create(
        {"type": "card", "card": {"token": "tok_visa"}, "billing_details": details, "metadata": {"a": "b"}}
    )
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.payment_methods.update(method.id, {"metadata": {"a": "c"}})
    sandbox.v1.payment_methods.attach(method.id, {"customer": customer(sandbox).id})

    updated = sandbox.v1.payment_methods.update(method.id, {"metadata": {"a": "c"}, "billing_details": {"name": "Ola"}})

    assert (updated.billing_details.email, updated.billing_details.name) == ("o@example.org", "Ola")
    assert (method.metadata["a"], updated.metadata["a"]) == ("b", "c")
    assert len(sandbox.v1.payment_methods.list({"type": "card"}).data) == 1


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"type": "card", "card": {"number": "1234"}}, "incorrect_number"),
        ({"type": "blik", "blik": {}}, "sandbox_unsupported"),
    ],
)
def test_only_test_cards_are_kept(sandbox, params, code):
    with pytest.raises(stripe.StripeError) as refusal:
        sandbox.v1.payment_methods.create(params)

    assert refusal.value.code == code


def test_a_customer_comes_with_a_card(sandbox):
    made = customer(sandbox, payment_method="pm_card_visa", invoice_settings={"default_payment_method": "pm_card_visa"})

    default = made.invoice_settings.default_payment_method
    assert sandbox.v1.payment_methods.retrieve(default).customer == made.id


def test_a_default_card_must_be_her_own(sandbox):
    stranger = sandbox.v1.payment_methods.attach("pm_card_visa", {"customer": customer(sandbox).id})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.customers.update(customer(sandbox).id, {"invoice_settings": {"default_payment_method": stranger.id}})

    assert refusal.value.code == "resource_missing"


def test_a_confirmation_at_the_checkout_can_be_given_up_and_taken_up_later(sandbox):
    session = sandbox.open_gift()
    visit(session.url, {"card": ASKS, "email": "d@example.org"})
    (intent,) = sandbox.v1.payment_intents.list().data
    assert intent.status == "requires_action"
    sandbox.advance(seconds=3600)

    page = visit(f"{session.url}/confirm", {"outcome": "complete"})

    assert page.status == 303
    assert sandbox.v1.payment_intents.retrieve(intent.id).status == "succeeded"
