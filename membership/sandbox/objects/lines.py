"""Invoice items that wait for an invoice, and the lines of invoices."""

from membership.sandbox.objects import nulls
from membership.sandbox.objects.catalogue import amount_in
from membership.sandbox.proration import Debit, Span
from membership.sandbox.store import Object
from membership.sandbox.world import World


def line(world: World, subscription: Object, item: Object, *, amount: int, words: str) -> Object:
    """Render the line that pays for an item's current period."""
    return {
        "id": world.store.new_id("line_item"),
        "object": "line_item",
        "amount": amount,
        "currency": subscription["currency"],
        "description": words,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(subscription["metadata"]),
        "parent": _parent(item),
        "period": {"end": item["current_period_end"], "start": item["current_period_start"]},
        "pretax_credit_amounts": [],
        "pricing": _pricing(world, item["price"], subscription["currency"]),
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "subscription": subscription["id"],
        "subtotal": amount,
        "taxes": [],
    }


def line_of(world: World, waiting: Object) -> Object:
    """Render the line that an invoice item becomes."""
    shared = "amount currency description discountable metadata period pricing quantity quantity_decimal"
    about = waiting["parent"]["subscription_details"]
    credited = (waiting["proration_details"]["credited_items"] or {}).get("invoice_line_item_details")
    details = {"subscription_item": about["subscription_item"], "subscription": about["subscription"]}
    details |= {"invoice_item": waiting["id"], "proration": True, "proration_details": {"credited_items": credited}}
    return {
        "id": world.store.new_id("line_item"),
        "object": "line_item",
        "discount_amounts": [],
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "parent": _of_item(details),
        "pretax_credit_amounts": [],
        "subscription": about["subscription"],
        "subtotal": waiting["amount"],
        "taxes": [],
    } | {name: waiting[name] for name in shared.split()}


def invoice_item(world: World, subscription: Object, item: Object, *, amount: int, span: Span) -> Object:
    """Render what a change costs or gives back, as it waits for an invoice."""
    about = {"subscription": subscription["id"], "subscription_item": item["id"]}
    return {
        "id": world.store.new_id("invoiceitem"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": subscription["currency"],
        "customer": subscription["customer"],
        "customer_account": None,
        "date": world.now(),
        "description": None,
        "discountable": False,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(subscription["metadata"]),
        "net_amount": amount,
        "parent": {"subscription_details": about, "type": "subscription_details"},
        "period": {"end": span[1], "start": span[0]},
        "pricing": _pricing(world, item["price"], subscription["currency"]),
        "proration": True,
        "proration_details": {"credited_items": None, "discount_amounts": []},
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "tax_rates": [],
        "test_clock": None,
    }


def own_item(world: World, customer: str, amount: int, currency: str, **given: object) -> Object:
    """Render what a customer owes beside her subscriptions, as it waits for an invoice."""
    own = {
        "id": world.store.new_id("invoiceitem"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency,
        "customer": customer,
        "date": world.now(),
        "discountable": True,
        "discounts": [],
        "livemode": False,
        "metadata": {},
        "net_amount": amount,
        "period": {"end": world.now(), "start": world.now()},
        "proration": False,
        "quantity": 1,
        "quantity_decimal": "1",
        "tax_rates": [],
    }
    empty = nulls("customer_account description invoice parent pricing proration_details test_clock")
    return empty | own | given


def line_of_own(world: World, item: Object) -> Object:
    """Render the line that an item of no subscription becomes."""
    details = {"invoice_item": item["id"], "proration": False, "proration_details": None, "subscription": None}
    parent = {"invoice_item_details": details, "subscription_item_details": None, "type": "invoice_item_details"}
    shared = "amount currency description discountable metadata period pricing quantity quantity_decimal"
    return {
        "id": world.store.new_id("line_item"),
        "object": "line_item",
        "discount_amounts": [],
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "parent": parent,
        "pretax_credit_amounts": [],
        "subscription": None,
        "subtotal": item["amount"],
        "taxes": [],
    } | {name: item[name] for name in shared.split()}


def credited(debit: Debit) -> Object:
    """Render what a credit gives back: lines of an invoice, or an invoice item that still waits for one."""
    if debit.line is None:
        return {"invoice_item": debit.invoice_item, "invoice_line_item_details": None, "type": "invoice_item"}
    where = {"invoice": debit.invoice, "invoice_line_items": [debit.line]}
    return {"invoice_item": None, "invoice_line_item_details": where, "type": "invoice_line_items"}


def _pricing(world: World, price: Object, currency: str) -> Object:
    details = {"price": price["id"], "product": price["product"]}
    unit = str(amount_in(world, price, currency))
    return {"price_details": details, "type": "price_details", "unit_amount_decimal": unit}


def _parent(item: Object) -> Object:
    details = {"proration": False, "subscription": item["subscription"], "subscription_item": item["id"]}
    return _of_item(nulls("invoice_item proration_details") | details)


def _of_item(details: Object) -> Object:
    return {"invoice_item_details": None, "subscription_item_details": details, "type": "subscription_item_details"}
