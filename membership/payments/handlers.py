"""Work after the commit: refunds that got no answer."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from membership import db
from membership.clock import utc_now
from membership.config import Consequence
from membership.db import transaction
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayRefused
from membership.jobs.sweeping import do_each
from membership.payments import service
from membership.payments.policy import policy_of
from membership.subscriptions.handlers import end_now

PATIENCE = timedelta(minutes=2)
# Stripe may forget a key after a day, and a forgotten key would send the money twice:
# https://docs.stripe.com/api/idempotent_requests
KEY_LIFE = timedelta(hours=20)
log = structlog.get_logger("membership.payments")


def sweep_refunds(_: dict[str, Any]) -> None:
    """Ask again for the refunds that got no answer: the same key and body, so that nothing is sent twice."""
    now = utc_now()
    stuck = service.list_stuck_refunds(db.session(), now - PATIENCE)
    db.release()
    do_each(partial(_send_again if plan.created_at > now - KEY_LIFE else _look_for, plan) for plan in stuck)


def _send_again(plan: service.RefundPlan) -> None:
    with suppress(GatewayRefused):
        send_refund(plan)


def _look_for(plan: service.RefundPlan) -> None:
    """Learn what became of a refund whose key may be forgotten: what the provider does not list was never made."""
    refunds = gateway().get_payment(plan.payment_intent_id).refunds
    made = [one for one in refunds if one.reference == plan.reference]
    with transaction() as session:
        for snapshot in made:
            service.record_refund(session, snapshot)
        service.fail_refund(session, plan.reference)


def respond(payload: dict[str, Any]) -> None:
    """Do what a refund, a dispute or a fraud warning brings with it at the provider: money back, no more charges."""
    receipt_number, why = payload["receipt_number"], payload["why"]
    with transaction() as session:
        policy = policy_of(session)
        plan = None
        if why == "fraud_warning":
            plan = service.plan_protection(session, receipt_number, policy)
        subscription_id = service.subscription_behind(session, receipt_number)
    if plan is not None:
        with suppress(GatewayRefused):
            send_refund(plan)
    if subscription_id is not None and Consequence.SUBSCRIPTION in getattr(policy, f"on_{why}"):
        end_now(subscription_id)


def send_refund(plan: service.RefundPlan) -> None:
    """Ask for a refund and record the answer; a refusal is final, silence is not."""
    try:
        snapshot = service.ask_refund(gateway(), plan)
    except GatewayRefused:
        with transaction() as session:
            service.fail_refund(session, plan.reference)
        log.warning("refund refused", reference=plan.reference)
        raise
    with transaction() as session:
        service.record_refund(session, snapshot)
