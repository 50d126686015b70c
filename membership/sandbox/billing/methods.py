"""Payment methods: kept, attached to a customer, taken off again."""

from membership.sandbox.cards import Card, Decline, find_card
from membership.sandbox.errors import ApiError, CardDeclined, InvalidParam
from membership.sandbox.objects import customers
from membership.sandbox.store import Object
from membership.sandbox.world import World

WORD = "pm_card_"
USED_UP = (
    "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, "
    "shared with a connected account without Customer attachment, or was detached from a Customer. "
    "It may not be used again."
)


def keep(world: World, card: Card, **who: str | None) -> Object:
    """Keep a card that belongs to nobody yet."""
    known = {"customer": None, "email": None, "name": None} | who
    method = customers.payment_method(world, card, **known)
    method = customers.bank_account(method, card) if card.is_account else method
    return world.store.add(method, number=card.number)


def named(world: World, id: str, param: str = "payment_method") -> Object:
    """Return a payment method by its id, or a new one where a word stands for a test card (`pm_card_visa`)."""
    if id.startswith(WORD) and world.store.find("payment_method", id) is None:
        card = find_card(id)
        if card is None:
            raise InvalidParam(f"No such PaymentMethod: '{id}'", code="resource_missing", param=param)
        return keep(world, card)
    method = world.store.get("payment_method", id, param)
    if world.store.untold[id].get("is_used_up"):
        raise ApiError(USED_UP, param=param)
    return method


def attach(world: World, method: Object, customer: Object) -> None:
    """Give a payment method to a customer; a bank may refuse to have it kept."""
    if method["customer"] == customer["id"]:
        return
    if method["customer"]:
        raise ApiError("The payment method you provided has already been attached to a customer.")
    card = find_card(world.store.untold[method["id"]].get("number", ""))
    if card and card.first and not card.attaches:
        raise refusal(card.first)
    method["customer"] = customer["id"]
    world.emit("payment_method.attached", method)


def detach(world: World, method: Object) -> None:
    """Take a payment method off its customer, for good."""
    customer = world.store.get("customer", method["customer"])
    previous = {"customer": method["customer"]}
    method["customer"] = None
    world.store.untold[method["id"]]["is_used_up"] = True
    world.emit("payment_method.detached", method, previous)
    if customer.get("invoice_settings", {}).get("default_payment_method") == method["id"]:
        set_default(world, customer, None)
    for subscription in world.store.where("subscription", default_payment_method=method["id"]):
        with world.changing("customer.subscription.updated", subscription):
            subscription["default_payment_method"] = None


def set_default(world: World, customer: Object, method: str | None) -> None:
    """Choose the payment method that a customer's invoices are paid with."""
    with world.changing("customer.updated", customer):
        customer["invoice_settings"] = customer["invoice_settings"] | {"default_payment_method": method}


def refusal(decline: Decline, **about: Object) -> CardDeclined:
    """Return a bank's refusal as the API tells it."""
    return CardDeclined(decline.message, code=decline.code, decline_code=decline.decline_code, about=about)
