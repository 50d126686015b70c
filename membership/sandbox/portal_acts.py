"""What somebody does in the portal, each through the same doors as the API."""

from membership.sandbox import checkout
from membership.sandbox.api import subscriptions
from membership.sandbox.billing import methods, paying, renewing
from membership.sandbox.cards import Card, Decline
from membership.sandbox.errors import Missing
from membership.sandbox.objects import payments
from membership.sandbox.routes import Call, Handler
from membership.sandbox.store import Object
from membership.sandbox.world import World


def own(world: World, session: Object, kind: str, id: str) -> Object:
    """Return an object of the session's customer."""
    thing = world.store.get(kind, id)
    if thing["customer"] != session["customer"]:
        raise Missing(kind, id, "id")
    return thing


def late_of(world: World, customer: str) -> Object | None:
    """Return the newest invoice of a customer that is not paid, once it was tried."""
    invoices = world.store.where("invoice", customer=customer, status="open")
    return next((invoice for invoice in invoices if invoice["attempted"]), None)


def card_of(world: World, customer: str) -> Object | None:
    """Return the card that a customer's invoices are paid with."""
    settings = world.store.get("customer", customer).get("invoice_settings", {})
    method = world.store.find("payment_method", settings.get("default_payment_method") or "")
    return method["card"] if method and "card" in method else None


def offer_card(world: World, customer: str, card: Card, wishes: Object, done: str) -> Object:
    """Set up another card; its bank may refuse, or ask first and lead to `done`."""
    known = world.store.get("customer", customer)
    method = methods.keep(world, card, email=known["email"], name=known["name"])
    intent = world.add("setup_intent.created", payments.setup_intent(world, customer), **wishes)
    base = done.split("/p/session/")[0]
    page = {"return_url": done, "url": f"{base}/c/confirm/{intent['id']}"}
    decline = paying.set_up(world, intent, method, page=page)
    if decline:
        raise methods.refusal(decline)
    return intent


def adopt_card(world: World, intent: Object) -> Decline | None:
    """Use the card that was set up for all that runs, and pay what is late if that was wished."""
    method = world.store.get("payment_method", intent["payment_method"])
    customer = world.store.get("customer", intent["customer"])
    checkout.use_card(world, customer, method)
    late = late_of(world, intent["customer"])
    pays = world.store.untold[intent["id"]].pop("pays", False)
    return renewing.pay_now(world, late) if late and pays else None


def stop(world: World, subscription: Object, feature: Object, details: Object) -> None:
    """End a subscription as the portal is set up: with its period, or at once."""
    given = {"cancellation_details": details} if details else {}
    if feature["mode"] == "immediately":
        prorates = {"prorate": "true"} if feature["proration_behavior"] != "none" else {}
        _ask(world, subscriptions.cancel, subscription, given | prorates)
    else:
        # Flexible subscriptions get the moment alone; `cancel_at_period_end` stays false.
        _ask(world, subscriptions.update, subscription, given | {"cancel_at": "min_period_end"})


def go_on(world: World, subscription: Object) -> None:
    """Take back that a subscription ends."""
    if subscription["cancel_at"]:
        _ask(world, subscriptions.update, subscription, {"cancel_at": ""})


def prices_for(world: World, subscription: Object, feature: Object) -> list[Object]:
    """Return the prices that the portal offers, the least first; all active ones where nobody listed any."""
    listed = [id for product in feature["products"] or [] for id in product["prices"]]
    currency = subscription["currency"]
    found = (
        price
        for price in world.store.newest("price")
        if price["active"] and price["recurring"] and price["currency"] == currency and price["unit_amount"]
    )
    return sorted((one for one in found if not listed or one["id"] in listed), key=lambda one: int(one["unit_amount"]))


def switch(world: World, subscription: Object, price: Object, feature: Object) -> None:
    """Change the price of a subscription's first item."""
    item = {"id": subscription["items"]["data"][0]["id"], "price": price["id"]}
    terms = {"payment_behavior": "error_if_incomplete", "proration_behavior": feature["proration_behavior"]}
    _ask(world, subscriptions.update, subscription, terms | {"items": [item]})


def _ask(world: World, handler: Handler, subscription: Object, params: Object) -> None:
    handler(world, Call(params, subscription["id"], f"/v1/subscriptions/{subscription['id']}", ""))
