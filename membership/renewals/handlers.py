"""What the worker does about standing orders in time, and what a new card or a link in a letter sets off."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayRefused
from membership.jobs.service import enqueue
from membership.jobs.sweeping import do_each
from membership.payments.fulfilment import look_up_invoice, record
from membership.payments.handlers import send_refund
from membership.renewals import service
from membership.subscriptions import handlers as subscriptions
from membership.subscriptions import service as orders
from membership.subscriptions.errors import NoSubscription

RETRY, ONCE = "card.retry", "once.finish"
# Two tries with one card within this time are one: the page and the message about a card come together.
SAME_TRY = timedelta(minutes=2)


def write(_: dict[str, Any]) -> None:
    """Write to whoever is late, whose pause ends, whose price rises; each letter once."""
    now = utc_now()
    for tell in (service.remind_of_late_payments, service.remind_of_pauses, service.tell_of_rises):
        with transaction() as current:
            tell(current, now)


def act(_: dict[str, Any]) -> None:
    """End what has been late for too long, and ask the new price where it was announced."""
    hopeless, moves = service.list_hopeless_cases(session(), utc_now()), service.list_moves(session())
    release()
    do_each([*(partial(_give_up, one) for one in hopeless), *(partial(_move, one) for one in moves)])


def _give_up(stripe_subscription_id: str) -> None:
    with transaction() as current:
        orders.note_giving_up(current, stripe_subscription_id)
    subscriptions.end_now(stripe_subscription_id)


def _move(move: service.Move) -> None:
    key = f"rise:{move.notice_id}"
    moved = gateway().move_price(move.stripe_subscription_id, move.stripe_item_id, move.stripe_price_id, key=key)
    with transaction() as current:
        orders.sync_subscription(current, moved)
        service.record_move(current, move.notice_id, utc_now())


def try_new_card(patron_id: int) -> None:
    """Have a new card of the patron tried for what is late, by the worker; twice in a moment is once."""
    moment = int(utc_now().timestamp() // SAME_TRY.total_seconds())
    with transaction() as current:
        enqueue(current, RETRY, f"{RETRY}:{patron_id}:{moment}", {"patron_id": patron_id, "moment": moment})


def retry(payload: dict[str, Any]) -> None:
    """Let the customer's own card count from now on, and try it at once for what is late."""
    due = service.find_due(session(), payload["patron_id"])
    release()
    if due is None:
        return
    act_key = f"{due.stripe_subscription_id}:{payload['moment']}"
    with suppress(GatewayRefused):
        subscriptions.mirror(gateway().use_customers_card(due.stripe_subscription_id, key=f"card:{act_key}"))
    if due.stripe_invoice_id is not None:
        with suppress(GatewayRefused):
            gateway().pay_invoice(due.stripe_invoice_id, key=f"pay:{due.stripe_invoice_id}:{payload['moment']}")
        facts = look_up_invoice(gateway(), due.stripe_invoice_id)
        with transaction() as current:
            record(current, facts)


def make_once(number: int) -> None:
    """Make a gift a single one: nothing repeats, and a second payment goes back. Raises LinkOver or NotOnce."""
    with transaction() as current:
        found = service.undo_repetition(current, orders.get_link(current, number), utc_now())
        payload = {
            "patron_id": found.patron_id,
            "stripe_subscription_id": found.stripe_subscription_id,
            "is_over": found.refund is not None,
        }
        enqueue(current, ONCE, f"{ONCE}:{number}", payload)
    finish_once(payload)
    if found.refund is not None:
        send_refund(found.refund)


def finish_once(payload: dict[str, Any]) -> None:
    """Let nothing repeat; what she gave is hers to the end of its period, unless that is over."""
    if payload["is_over"]:
        subscriptions.end_now(payload["stripe_subscription_id"])
        return
    with suppress(NoSubscription):
        subscriptions.stop(payload["patron_id"])
