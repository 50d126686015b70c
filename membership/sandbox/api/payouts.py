"""The balance, what moved it, and payouts to the bank."""

from membership.sandbox.billing import balance
from membership.sandbox.currencies import check_payout_step
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import CURSOR, page
from membership.sandbox.objects import platform
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, integer, merge_metadata, need, only, texts
from membership.sandbox.world import World

ONLY_AUTOMATIC = "Balance transaction history can only be filtered on automatic transfers, not manual."


def list_transactions(world: World, call: Call) -> Object:
    """List what moved the balance; by an automatic payout, once it tells what is in it."""
    only(call.params, f"{CURSOR} currency payout source type")
    transactions = world.store.newest("balance_transaction")
    if "payout" in call.params:
        payout = world.store.get("payout", call.params["payout"], "payout")
        if not payout["automatic"]:
            raise ApiError(ONLY_AUTOMATIC, param="payout")
        transactions = iter(balance.members(world, payout)[::-1])
    return page(call, transactions, "currency", "source", "type")


def list_all(world: World, call: Call) -> Object:
    """List payouts, the newest first."""
    only(call.params, f"{CURSOR} arrival_date destination status")
    return page(call, world.store.newest("payout"), "destination", "status")


def create(world: World, call: Call) -> Object:
    """Send some of what is available to the bank."""
    only(call.params, "amount currency description metadata statement_descriptor")
    amount, currency = integer(need(call.params, "amount"), "amount"), str(need(call.params, "currency"))
    if amount < 1:
        raise InvalidParam("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    check_payout_step(amount, currency, "amount")
    if amount > balance.available(world, currency):
        message = "You have insufficient funds in your Stripe account for this transfer."
        raise ApiError(message, code="balance_insufficient", param="amount")
    given = texts(call.params, "description statement_descriptor")
    return balance.pay_out(world, amount, currency, metadata=check_metadata(call.params.get("metadata")), **given)


def update(world: World, call: Call) -> Object:
    """Change what is noted on a payout."""
    only(call.params, "metadata")
    payout = world.store.get("payout", call.id)
    with world.changing("payout.updated", payout):
        merge_metadata(payout, call.params)
    return payout


def cancel(world: World, call: Call) -> Object:
    """Stop a payout that somebody asked for and the bank does not know yet."""
    payout = world.store.get("payout", call.id)
    if payout["automatic"] or payout["status"] != "pending":
        raise ApiError(f"Only a manual payout that is pending can be canceled; this one is {payout['status']}.")
    balance.cancel(world, payout)
    return payout


def show_balance(world: World, call: Call) -> Object:
    """Show what the account holds."""
    return platform.balance(world)


ROUTES: list[Route] = [
    ("GET", "/v1/balance", show_balance),
    ("GET", "/v1/balance_transactions", list_transactions),
    ("GET", "/v1/balance_transactions/<id>", retrieve("balance_transaction")),
    ("POST", "/v1/payouts", create),
    ("GET", "/v1/payouts", list_all),
    ("GET", "/v1/payouts/<id>", retrieve("payout")),
    ("POST", "/v1/payouts/<id>", update),
    ("POST", "/v1/payouts/<id>/cancel", cancel),
]
