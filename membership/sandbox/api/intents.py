"""Payment intents and setup intents."""

from membership.sandbox.billing import methods, paying
from membership.sandbox.checkout import living
from membership.sandbox.currencies import check_step
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import listed
from membership.sandbox.objects import payments
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, flag, integer, merge_metadata, need, only, texts
from membership.sandbox.world import World

WORDS = "description receipt_email setup_future_usage statement_descriptor"
PAYMENT = f"{WORDS} amount automatic_payment_methods currency customer metadata payment_method shipping"
CONFIRMING = "confirm confirmation_method error_on_requires_action off_session return_url use_stripe_sdk"
SETUP = "automatic_payment_methods confirm customer description metadata payment_method return_url usage"
LEAST_MINOR, MOST_MINOR = 50, 99_999_999
WAITING = frozenset({"requires_action", "requires_confirmation", "requires_payment_method"})


def create_payment(world: World, call: Call) -> Object:
    """Make a payment intent, and confirm it where that is asked for."""
    params = call.params
    only(params, f"{PAYMENT} {CONFIRMING}")
    amount, currency = _amount(params)
    method = _method(world, params)
    customer = _customer(world, params, method)
    intent = payments.payment_intent(world, amount, currency, customer, **texts(params, WORDS))
    intent |= {"metadata": check_metadata(params.get("metadata")), "shipping": params.get("shipping")}
    intent |= {"automatic_payment_methods": _automatic(params)}
    if method:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    world.add("payment_intent.created", intent)
    return _confirm(world, call, intent) if flag(params.get("confirm", "false"), "confirm") else intent


def update_payment(world: World, call: Call) -> Object:
    """Change an intent that nobody has paid."""
    only(call.params, f"{WORDS} amount metadata payment_method")
    intent = _waiting(world, "payment_intent", call.id)
    intent |= texts(call.params, WORDS)
    merge_metadata(intent, call.params)
    if "amount" in call.params:
        intent["amount"], _ = _amount({"currency": intent["currency"]} | call.params)
    if method := _method(world, call.params):
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return intent


def confirm_payment(world: World, call: Call) -> Object:
    """Try to take the money."""
    only(call.params, f"{CONFIRMING} payment_method receipt_email setup_future_usage")
    intent = _waiting(world, "payment_intent", call.id)
    if next(world.store.where("invoice_payment", payment={"payment_intent": call.id, "type": "payment_intent"}), None):
        raise ApiError("The sandbox pays invoices by POST /v1/invoices/{id}/pay.", code="sandbox_unsupported")
    intent |= texts(call.params, "receipt_email setup_future_usage")
    if method := _method(world, call.params):
        intent["payment_method"] = method["id"]
    return _confirm(world, call, intent)


def cancel(world: World, call: Call) -> Object:
    """Give up an intent."""
    only(call.params, "cancellation_reason")
    intent = _waiting(world, call.path.split("/")[2].removesuffix("s"), call.id)
    paying.cancel(world, intent, call.params.get("cancellation_reason"))
    return intent


def create_setup(world: World, call: Call) -> Object:
    """Make a setup intent, and confirm it where that is asked for."""
    params = call.params
    only(params, SETUP)
    method = _method(world, params)
    intent = payments.setup_intent(world, _customer(world, params, method), **texts(params, "description usage"))
    intent |= {"metadata": check_metadata(params.get("metadata")), "automatic_payment_methods": _automatic(params)}
    if method:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    world.add("setup_intent.created", intent)
    return _set_up(world, call, intent) if flag(params.get("confirm", "false"), "confirm") else intent


def confirm_setup(world: World, call: Call) -> Object:
    """Try to keep the payment method for later."""
    only(call.params, "payment_method return_url")
    intent = _waiting(world, "setup_intent", call.id)
    if method := _method(world, call.params):
        intent["payment_method"] = method["id"]
    return _set_up(world, call, intent)


def _confirm(world: World, call: Call, intent: Object) -> Object:
    method = _needed(world, intent)
    is_off_session = call.params.get("off_session", "false") not in {"false", ""}
    page = _page(call, intent)
    decline = paying.confirm(world, intent, method, is_off_session=is_off_session, page=page)
    if decline:
        raise methods.refusal(decline, payment_intent=intent, payment_method=method)
    return intent


def _set_up(world: World, call: Call, intent: Object) -> Object:
    method = _needed(world, intent)
    decline = paying.set_up(world, intent, method, page=_page(call, intent))
    if decline:
        raise methods.refusal(decline, setup_intent=intent, payment_method=method)
    return intent


def _needed(world: World, intent: Object) -> Object:
    if intent["payment_method"] is None:
        kind = intent["object"].replace("_", " ")
        message = f"You cannot confirm this {kind} because it's missing a payment method."
        raise ApiError(message, code=f"{intent['object']}_unexpected_state", param="payment_method")
    return world.store.get("payment_method", intent["payment_method"])


def _page(call: Call, intent: Object) -> Object:
    return {"return_url": call.params.get("return_url"), "url": f"{call.base}/c/confirm/{intent['id']}"}


def _method(world: World, params: Object) -> Object | None:
    return methods.named(world, params["payment_method"]) if params.get("payment_method") else None


def _customer(world: World, params: Object, method: Object | None) -> str | None:
    customer: str | None = params.get("customer")
    if customer:
        living(world, customer)
    if method and method["customer"] not in {None, customer}:
        message = (
            "The provided PaymentMethod belongs to a customer. Please include the Customer in the `customer` param."
        )
        raise ApiError(message, param="payment_method")
    return customer


def _amount(params: Object) -> tuple[int, str]:
    amount, currency = integer(need(params, "amount"), "amount"), str(need(params, "currency")).lower()
    if not LEAST_MINOR <= amount <= MOST_MINOR:
        code = "amount_too_small" if amount < LEAST_MINOR else "amount_too_large"
        raise InvalidParam(f"Amount must be {LEAST_MINOR} to {MOST_MINOR}.", code=code, param="amount")
    check_step(amount, currency, "amount")
    return amount, currency


def _automatic(params: Object) -> Object | None:
    given = params.get("automatic_payment_methods")
    if given is None:
        return None
    return {"enabled": flag(given["enabled"], "enabled"), "allow_redirects": given.get("allow_redirects", "always")}


def _waiting(world: World, kind: str, id: str) -> Object:
    intent = world.store.get(kind, id)
    if intent["status"] not in WAITING:
        words = kind.replace("_intent", "Intent").capitalize()
        message = f"This {words}'s status is {intent['status']}; it can no longer be changed."
        raise ApiError(message, code=f"{kind}_unexpected_state")
    return intent


ROUTES: list[Route] = [
    ("POST", "/v1/payment_intents", create_payment),
    ("GET", "/v1/payment_intents", listed("payment_intent", "customer")),
    ("GET", "/v1/payment_intents/<id>", retrieve("payment_intent")),
    ("POST", "/v1/payment_intents/<id>", update_payment),
    ("POST", "/v1/payment_intents/<id>/confirm", confirm_payment),
    ("POST", "/v1/payment_intents/<id>/cancel", cancel),
    ("POST", "/v1/setup_intents", create_setup),
    ("GET", "/v1/setup_intents", listed("setup_intent", "customer payment_method")),
    ("GET", "/v1/setup_intents/<id>", retrieve("setup_intent")),
    ("POST", "/v1/setup_intents/<id>/confirm", confirm_setup),
    ("POST", "/v1/setup_intents/<id>/cancel", cancel),
    ("GET", "/v1/charges", listed("charge", "customer payment_intent")),
    ("GET", "/v1/charges/<id>", retrieve("charge")),
]
