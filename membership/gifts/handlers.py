"""Work after the commit: letters to givers and codes to recipients, money that goes back, support that rests."""

from contextlib import suppress
from functools import partial
from typing import Any

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.errors import GatewayFailed
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayRefused
from membership.gifts import service
from membership.gifts.models import PauseStatus
from membership.jobs.sweeping import do_each
from membership.payments.handlers import send_refund
from membership.subscriptions.errors import NoSubscription
from membership.subscriptions.handlers.standing import apply


def turn(_: dict[str, Any]) -> None:
    """Write what is due to givers and recipients, and let support rest and go on as gifts run; again does nothing."""
    now = utc_now()
    due, returned = service.list_due(session(), now), service.list_returned(session(), now)
    wanted, over = service.list_wanted(session(), now), service.list_due_resumptions(session(), now)
    release()
    do_each(
        [
            *(partial(_write, gift_id) for gift_id in due),
            *(partial(_take_back, gift_id) for gift_id in returned),
            *(partial(ask_for_pause, plan) for plan in wanted),
            *(partial(_go_on, resumption) for resumption in over),
        ]
    )


def _write(gift_id: int) -> None:
    with transaction() as current:
        service.write_letters(current, gift_id, utc_now())


def give_back(public_id: str, *, actor: str, reason: str) -> None:
    """Return the money of an unused gift. Raises what plan_return raises, and GatewayFailed."""
    with transaction() as current:
        plan = service.plan_return(current, public_id, actor=actor, reason=reason)
    send_refund(plan)


def _take_back(gift_id: int) -> None:
    with transaction() as current:
        service.take_returned_back(current, gift_id, utc_now())
        plan = service.find_wanted(current, gift_id)
    ask_soon(plan)


def ask_soon(plan: service.PausePlan | None) -> None:
    """Ask for a pause if one is wanted; without an answer the sweeper asks again."""
    if plan is not None:
        with suppress(GatewayFailed):
            ask_for_pause(plan)


def ask_for_pause(plan: service.PausePlan) -> None:
    """Ask that nothing is charged while a gift runs; what has ended or cannot rest stays as it is."""
    try:
        apply(plan.change, partial(gateway().pause, until=plan.until), lambda found: found.paused_until == plan.until)
        status = PauseStatus.PAUSED
    except (GatewayRefused, NoSubscription):
        status = PauseStatus.OVER
    with transaction() as current:
        service.conclude(current, plan, status)


def _go_on(resumption: service.Resumption) -> None:
    with suppress(GatewayRefused, NoSubscription):
        apply(resumption.change, partial(gateway().resume, charge_now=True), lambda found: not found.paused_until)
    with transaction() as current:
        service.end_pause(current, resumption)
