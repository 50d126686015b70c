"""What happens on the hosted checkout page: somebody pays, is refused, or lets the session expire."""

from membership.sandbox import redemption
from membership.sandbox.billing import charging, methods, renewing, subscribing
from membership.sandbox.billing.subscribing import Opening
from membership.sandbox.cards import NOT_CONFIRMED, Card, Decline
from membership.sandbox.errors import ApiError, CardDeclined, Missing
from membership.sandbox.objects import customers, payments
from membership.sandbox.objects.sessions import customer_details
from membership.sandbox.store import Object
from membership.sandbox.world import World

DAY = 24 * 3600


class SessionClosed(ApiError):
    """The session was paid or has expired."""

    status = 409


class WrongCurrency(ApiError):
    """A bank account cannot pay in this currency."""


class CodeUsedUp(ApiError):
    """The coupon was used as often as it may be, or ended, while the session was open."""


def pay(world: World, session: Object, card: Card | None, *, email: str | None, name: str | None) -> None:
    """Pay for a session with a card whose bank has nothing more to ask; without one where none is needed."""
    check_open(session)
    _check_coupon(world, session)
    email = email or email_of(world, session)
    if card and card.is_account and session["currency"] != "eur":
        raise WrongCurrency("A bank account can be debited only in euros.", code="payment_method_currency_mismatch")
    if card and card.first:
        raise _refuse(world, session, card, card.first, email=email)
    customer = _customer(world, session, email, name)
    customer_id = str(customer["id"]) if customer else None
    method = _keep_method(world, card, customer_id, email=email, name=name) if card else None
    is_paid = True
    if customer and session["mode"] == "subscription":
        invoice = _subscribe(world, session, customer, method)
        is_paid = invoice["status"] == "paid"
    elif session["amount_total"] and method:
        intent = _intent(world, session, customer_id)
        charging.take(world, intent, method, is_first=True)
        is_paid = intent["status"] == "succeeded"
    status = "no_payment_required" if session["amount_total"] == 0 else "paid" if is_paid else "unpaid"
    session |= {
        "customer": customer_id,
        "customer_details": customer_details(email, name),
        "payment_status": status,
        "status": "complete",
        "url": None,
    }
    world.emit("checkout.session.completed", session)


def ask(world: World, session: Object) -> None:
    """Let the buyer's bank ask; she may never answer, or much later."""
    if session["mode"] == "payment":
        intent = _intent(world, session, session["customer"])
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
        intent |= {"next_action": action, "status": "requires_action"}
        world.emit("payment_intent.requires_action", intent)


def fail_confirmation(world: World, session: Object, card: Card) -> CardDeclined:
    """Note that the buyer did not confirm the payment to her bank; return the refusal."""
    check_open(session)
    return _refuse(world, session, card, NOT_CONFIRMED, email=email_of(world, session))


def expire(world: World, session: Object) -> None:
    """Close a session that nobody paid for."""
    session |= {"status": "expired", "url": None}
    world.emit("checkout.session.expired", session)


def expire_due(world: World, id: str) -> None:
    """Close a session at its time, if it still waits."""
    session = world.store.get("checkout.session", id)
    if session["status"] == "open":
        expire(world, session)


def check_open(session: Object) -> None:
    """Refuse a session that was paid or has expired."""
    if session["status"] != "open":
        raise SessionClosed(f"This Checkout Session is {session['status']}.", code="checkout_session_closed")


def _check_coupon(world: World, session: Object) -> None:
    # A use counts when a session is completed, not when it is opened: several may be open for the last one.
    untold = world.store.untold[session["id"]]
    things = (
        world.store.find("coupon", untold["coupon"] or ""),
        world.store.find("promotion_code", untold["code"] or ""),
    )
    if any(thing and not redemption.is_usable(world, thing) for thing in things):
        raise CodeUsedUp("This coupon is used up or expired.", code="coupon_expired", param="discounts")


def email_of(world: World, session: Object) -> str | None:
    """Return the e-mail address that is known before anybody types one."""
    customer = world.store.find("customer", session["customer"] or "") or {}
    return session["customer_email"] or customer.get("email")


def success_url(session: Object) -> str:
    """Return where the buyer goes after paying."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _customer(world: World, session: Object, email: str | None, name: str | None) -> Object | None:
    if session["customer"]:
        return living(world, session["customer"])
    if session["mode"] == "payment" and session["customer_creation"] != "always":
        return None
    return world.add("customer.created", customers.customer(world, email=email, name=name))


def living(world: World, id: str) -> Object:
    """Return a customer that was not deleted."""
    customer = world.store.get("customer", id, "customer")
    if "deleted" in customer:
        raise Missing("customer", id, "customer")
    return customer


def _keep_method(world: World, card: Card, customer: str | None, *, email: str | None, name: str | None) -> Object:
    method = methods.keep(world, card, customer=customer, email=email, name=name)
    world.store.untold[method["id"]]["is_set_up"] = True
    return method


def _subscribe(world: World, session: Object, customer: Object, method: Object | None) -> Object:
    untold = world.store.untold[session["id"]]
    if method:
        attach(world, customer, method)
    with world.changing("customer.updated", customer):
        customer["currency"] = session["currency"]
    proposal = subscribing.render_opening(world, _opening(world, session, customer, method))
    coupon = world.store.find("coupon", untold["coupon"] or "")
    if coupon:
        code = world.store.find("promotion_code", untold["code"] or "")
        proposal.after["discounts"] = [redemption.grant(world, proposal.after, coupon, code)]
        world.store.get("discount", proposal.after["discounts"][0])["checkout_session"] = session["id"]
    subscription, invoice = subscribing.start(world, proposal)
    subscribing.pay_first(world, subscription, invoice, method, is_first=True)
    session |= {"invoice": invoice["id"], "subscription": subscription["id"]}
    return invoice


def _opening(world: World, session: Object, customer: Object, method: Object | None) -> Opening:
    untold = world.store.untold[session["id"]]
    trial, given = untold["trial"], dict(untold["data"])
    if method:
        given["default_payment_method"] = method["id"]
    if "trial_settings" in trial:
        end = {"billing_cycle_anchor": "now", "missing_payment_method": "create_invoice"}
        given["trial_settings"] = {"end_behavior": end | trial["trial_settings"]["end_behavior"]}
    items = [(item["price"], item["quantity"]) for item in untold["items"]]
    ends = int(trial.get("trial_end", world.now() + int(trial.get("trial_period_days", 0)) * DAY))
    return Opening(
        customer["id"], session["currency"], items, trial_end=ends if ends > world.now() else None, given=given
    )


def attach(world: World, customer: Object, method: Object) -> None:
    """Make a card the one that a customer is charged by."""
    world.emit("payment_method.attached", method)
    methods.set_default(world, customer, method["id"])


def change_card(world: World, customer: Object, card: Card) -> None:
    """Let a customer give another card, as in the portal, for all her subscriptions."""
    method = _keep_method(world, card, customer["id"], email=customer["email"], name=customer["name"])
    world.emit("payment_method.attached", method)
    use_card(world, customer, method)


def use_card(world: World, customer: Object, method: Object) -> None:
    """Let a customer's card pay for all that runs."""
    methods.set_default(world, customer, method["id"])
    for subscription in world.store.where("subscription", customer=customer["id"]):
        if subscription["status"] in renewing.LIVE:
            with world.changing(renewing.CHANGED, subscription):
                subscription["default_payment_method"] = method["id"]


def _refuse(world: World, session: Object, card: Card, decline: Decline, *, email: str | None) -> CardDeclined:
    if session["mode"] == "payment":
        intent = _intent(world, session, session["customer"])
        method = _keep_method(world, card, session["customer"], email=email, name=None)
        if decline is NOT_CONFIRMED:
            charging.fail(world, intent, method, decline)
        else:
            charging.take(world, intent, method, is_first=True)
    return CardDeclined(decline.message, code=decline.code, decline_code=decline.decline_code)


def _intent(world: World, session: Object, customer: str | None) -> Object:
    if session["payment_intent"]:
        intent = world.store.get("payment_intent", session["payment_intent"])
        intent["customer"] = customer
        return intent
    data = world.store.untold[session["id"]]["data"]
    intent = payments.payment_intent(world, session["amount_total"], session["currency"], customer, **data)
    session["payment_intent"] = intent["id"]
    return world.add("payment_intent.created", intent)
