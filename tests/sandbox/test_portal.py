import pytest
import stripe

from tests.sandbox.driver import ASKS, DECLINED, FAILS_LATER, GOOD, day
from tests.sandbox.test_pages import visit

BACK = "http://shop.test/account"


def portal(sandbox, subscription, **fields):
    return sandbox.v1.billing_portal.sessions.create({"customer": subscription.customer, "return_url": BACK, **fields})


def configure(sandbox, **features):
    return sandbox.v1.billing_portal.configurations.create({"features": features})


def flow(kind, subscription, **fields):
    about = {} if kind == "payment_method_update" else {kind: {"subscription": subscription.id}}
    return {"type": kind, **about, **fields}


def late_member(sandbox):
    subscription = sandbox.member(FAILS_LATER)
    sandbox.advance(months=1)
    sandbox.advance(seconds=7200)
    return subscription


def test_the_portal_shows_what_runs(sandbox):
    subscription = sandbox.member()

    page = visit(portal(sandbox, subscription).url)

    for words in (
        "What you give to The Open Daily",
        "Friend",
        "€5.00 every month",
        "Next payment on",
        "ending in 4242",
    ):
        assert words in page.text
    assert "paid" in page.text
    assert f'href="{BACK}"' in page.source
    assert "form-action 'self' http://shop.test" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.source


def test_the_portal_speaks_ukrainian(sandbox):
    assert "Ваша підтримка" in visit(portal(sandbox, sandbox.member()).url, language="uk").text


def test_an_empty_portal_says_so(sandbox):
    session = sandbox.v1.billing_portal.sessions.create({"customer": sandbox.v1.customers.create({}).id})

    page = visit(session.url)

    for words in ("Nothing is running", "No card is kept", "no invoices yet"):
        assert words in page.text


def test_she_stops_with_a_reason_and_changes_her_mind(sandbox):
    subscription = sandbox.member()
    session = portal(sandbox, subscription)
    path = f"{session.url}/cancel/{subscription.id}"
    asked = visit(path)
    assert "It is too expensive" in asked.text

    stopped = visit(path, {"feedback": "too_expensive", "comment": "Sorry"})

    ending = sandbox.v1.subscriptions.retrieve(subscription.id)
    assert (day(ending.cancel_at), ending.cancel_at_period_end) == (
        day(subscription["items"].data[0].current_period_end),
        False,
    )
    assert (ending.cancellation_details.feedback, ending.cancellation_details.comment) == ("too_expensive", "Sorry")
    home = visit(sandbox.url + stopped.location)
    assert "You can change your mind until then" in home.text
    assert "Go on after all" in home.text
    for _ in range(2):
        assert visit(f"{session.url}/resume/{subscription.id}", {}).status == 303
    assert sandbox.v1.subscriptions.retrieve(subscription.id).cancel_at is None


@pytest.mark.parametrize("prorates", ["none", "create_prorations"])
def test_the_portal_can_end_at_once(sandbox, prorates):
    subscription = sandbox.member()
    cancel = {"enabled": True, "mode": "immediately", "proration_behavior": prorates}
    session = portal(sandbox, subscription, configuration=configure(sandbox, subscription_cancel=cancel).id)
    path = f"{session.url}/cancel/{subscription.id}"
    assert "it ends at once" in visit(path).text

    page = visit(path, {})

    assert sandbox.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    assert "It has ended." in visit(sandbox.url + page.location).text


def test_she_changes_the_card_of_all_that_runs(sandbox):
    subscription = sandbox.member()
    session = portal(sandbox, subscription)
    assert "Number of the new card" in visit(f"{session.url}/card").text

    page = visit(f"{session.url}/card", {"card": "5555 5555 5555 4444"})

    assert "The new card is used from now on" in visit(sandbox.url + page.location).text
    method = sandbox.v1.subscriptions.retrieve(subscription.id).default_payment_method
    assert sandbox.v1.payment_methods.retrieve(method).card.last4 == "4444"
    customer = sandbox.v1.customers.retrieve(subscription.customer)
    assert customer.invoice_settings.default_payment_method == method


@pytest.mark.parametrize(
    ("card", "status", "words"),
    [("1234", 400, "only the test cards"), (DECLINED, 402, "was declined"), ("4000000000000069", 402, "has expired")],
)
def test_a_card_that_cannot_be_kept_is_told(sandbox, card, status, words):
    page = visit(f"{portal(sandbox, sandbox.member()).url}/card", {"card": card})

    assert (page.status, words in page.text) == (status, True)


@pytest.mark.parametrize(("outcome", "last4"), [("complete", "3155"), ("fail", "4242")])
def test_her_bank_may_ask_about_the_new_card(sandbox, outcome, last4):
    subscription = sandbox.member()
    asked = visit(f"{portal(sandbox, subscription).url}/card", {"card": ASKS})

    back = visit(asked.location, {"outcome": outcome})
    page = visit(back.location)

    assert page.status == (303 if outcome == "complete" else 402)
    method = sandbox.v1.subscriptions.retrieve(subscription.id).default_payment_method
    assert sandbox.v1.payment_methods.retrieve(method).card.last4 == last4


def test_what_is_late_is_paid_with_the_new_card_if_she_wishes(sandbox):
    subscription = late_member(sandbox)
    session = portal(sandbox, subscription)
    assert "Pay the €5.00 that is late" in visit(f"{session.url}/card").text

    visit(f"{session.url}/card", {"card": GOOD, "pay": "on"})

    assert sandbox.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert sandbox.v1.invoices.retrieve(subscription.latest_invoice).status == "paid"


def test_a_new_card_that_cannot_pay_is_kept_and_told(sandbox):
    subscription = late_member(sandbox)

    page = visit(f"{portal(sandbox, subscription).url}/card", {"card": FAILS_LATER, "pay": "on"})

    assert (page.status, "was declined" in page.text) == (402, True)


def test_what_is_late_can_be_paid_by_itself(sandbox):
    subscription = late_member(sandbox)
    session = portal(sandbox, subscription)
    late = sandbox.v1.subscriptions.retrieve(subscription.id).latest_invoice
    assert "did not go through" in visit(session.url).text
    assert visit(f"{session.url}/pay/{late}", {}).status == 402

    visit(f"{session.url}/card", {"card": GOOD})
    page = visit(f"{session.url}/pay/{late}", {})

    assert "Thank you. It is paid." in visit(sandbox.url + page.location).text
    assert visit(f"{session.url}/pay/{late}", {}).status == 303


def test_she_switches_to_another_tier(sandbox):
    subscription, dearer = sandbox.member(), sandbox.price(1000)
    session = portal(sandbox, subscription)
    path = f"{session.url}/switch/{subscription.id}"
    page = visit(path)
    assert "what you give now" in page.text
    assert "€10.00 every month" in page.text

    done = visit(path, {"price": dearer.id})

    assert "It is changed." in visit(sandbox.url + done.location).text
    item = sandbox.v1.subscriptions.retrieve(subscription.id)["items"].data[0]
    assert item.price.id == dearer.id
    assert visit(path, {"price": "price_other"}).status == 400


def test_only_the_listed_tiers_are_offered(sandbox):
    subscription, listed, other = sandbox.member(), sandbox.price(1000), sandbox.price(3000)
    product = {"product": listed.product, "prices": [listed.id]}
    update = {"enabled": True, "default_allowed_updates": ["price"], "products": [product]}
    made = configure(sandbox, subscription_update=update)
    session = portal(sandbox, subscription, configuration=made.id)

    page = visit(f"{session.url}/switch/{subscription.id}")

    assert listed.id in page.text
    assert other.id not in page.text


def test_a_switch_that_cannot_be_paid_changes_nothing(sandbox):
    subscription, dearer = sandbox.member(FAILS_LATER), sandbox.price(1000)
    session = portal(sandbox, subscription)

    page = visit(f"{session.url}/switch/{subscription.id}", {"price": dearer.id})

    assert page.status == 402
    assert "was declined" in page.text
    item = sandbox.v1.subscriptions.retrieve(subscription.id)["items"].data[0]
    assert item.price.unit_amount == 500


@pytest.mark.parametrize(
    ("kind", "path"),
    [("payment_method_update", "card"), ("subscription_cancel", "cancel"), ("subscription_update", "switch")],
)
def test_a_flow_leads_straight_to_its_page(sandbox, kind, path):
    subscription = sandbox.member()

    page = visit(portal(sandbox, subscription, flow_data=flow(kind, subscription)).url)

    about = "" if path == "card" else f"/{subscription.id}"
    assert page.location.endswith(f"/{path}{about}")
    assert visit(sandbox.url + page.location).status == 200


@pytest.mark.parametrize(
    ("after", "location"),
    [
        ({"type": "redirect", "redirect": {"return_url": "http://shop.test/done"}}, "http://shop.test/done"),
        ({"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": "Bye"}}, "/p/session"),
    ],
)
def test_a_flow_ends_where_it_was_told(sandbox, after, location):
    subscription = sandbox.member()
    data = flow("subscription_cancel", subscription, after_completion=after)
    session = portal(sandbox, subscription, flow_data=data)

    assert visit(f"{session.url}/cancel/{subscription.id}", {}).location.startswith(location)


def test_the_portal_may_have_no_way_back(sandbox):
    session = sandbox.v1.billing_portal.sessions.create({"customer": sandbox.member().customer})

    assert "Back to" not in visit(session.url).text


def test_a_flow_may_end_at_the_portals_home(sandbox):
    subscription = sandbox.member()
    after = {"type": "portal_homepage"}
    session = portal(sandbox, subscription, flow_data=flow("subscription_cancel", subscription, after_completion=after))

    assert session.flow.after_completion.type == "portal_homepage"


def test_a_listed_product_may_have_many(sandbox):
    price = sandbox.price()
    many = {"enabled": True, "minimum": 1, "maximum": 5}
    product = {"product": price.product, "prices": [price.id], "adjustable_quantity": many}

    made = configure(sandbox, subscription_update={"enabled": True, "products": [product]})

    assert made.features.subscription_update.products[0].adjustable_quantity.maximum == 5


def test_flows_that_lead_nowhere_are_refused(sandbox):
    subscription, other = sandbox.member(), sandbox.member()
    portal(sandbox, subscription)
    closed = configure(sandbox, invoice_history={"enabled": True}).id
    for fields in (
        {"flow_data": {"type": "customer_update"}},
        {"flow_data": flow("subscription_cancel", other)},
        {"flow_data": flow("subscription_cancel", subscription), "configuration": closed},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            portal(sandbox, subscription, **fields)


def test_what_the_portal_does_not_allow_is_neither_shown_nor_done(sandbox):
    subscription = sandbox.member()
    closed = configure(sandbox, customer_update={"enabled": False, "allowed_updates": ""})
    session = portal(sandbox, subscription, configuration=closed.id)

    page = visit(session.url)

    for words in ("Change the card", "Stop", "Change the tier", "Invoices"):
        assert words not in page.text
    assert visit(f"{session.url}/card").status == 403


def test_nobody_sees_what_belongs_to_another(sandbox):
    session, other = portal(sandbox, sandbox.member()), sandbox.member()

    assert visit(f"{session.url}/cancel/{other.id}").status == 404
    assert visit(f"{sandbox.url}/p/session/bps_nothing").status == 404


def test_a_link_expires(sandbox):
    session = portal(sandbox, sandbox.member())
    sandbox.advance(seconds=3700)

    page = visit(session.url)

    assert (page.status, "This link has expired" in page.text) == (410, True)


def test_a_paused_subscription_says_so(sandbox):
    subscription = sandbox.member()
    sandbox.world.store.get("subscription", subscription.id)["status"] = "paused"

    assert "Paused. Nothing is charged." in visit(portal(sandbox, subscription).url).text


def test_the_portal_is_set_up_by_configurations(sandbox):
    service = sandbox.v1.billing_portal.configurations
    cancel = {"enabled": True, "cancellation_reason": {"enabled": True, "options": ["unused", "other"]}}
    profile = {"headline": "Thank you"}
    made = service.create({"features": {"subscription_cancel": cancel}, "business_profile": profile, "name": "main"})

    assert service.update(made.id, {"metadata": {"c": "d"}}).active
    changed = service.update(
        made.id,
        {
            "active": False,
            "metadata": {"a": "b"},
            "default_return_url": BACK,
            "features": {
                "subscription_cancel": {"enabled": False},
                "subscription_update": {"enabled": False, "products": ""},
            },
        },
    )

    assert service.retrieve(made.id).metadata.to_dict() == {"a": "b", "c": "d"}
    assert (made.is_default, made.business_profile.headline) == (True, "Thank you")
    assert made.features.subscription_cancel.cancellation_reason.options == ["unused", "other"]
    assert (changed.active, changed.features.subscription_cancel.enabled) == (False, False)
    assert [one.id for one in service.list({"active": False, "is_default": True}).data] == [made.id]
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        conditions = [{"type": "decreasing_item_amount"}]
        update = {"enabled": True, "schedule_at_period_end": {"conditions": conditions}}
        configure(sandbox, subscription_update=update)
    assert refusal.value.code == "sandbox_unsupported"
