"""Erasures after the commit: the provider first, then our own rows; what was cut off is gone on with."""

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from os import fsync
from pathlib import Path
from typing import Any

from membership.db import release, session, transaction
from membership.gateway.current import gateway
from membership.gateway.errors import GatewayMissing
from membership.gateway.values import CheckoutStatus
from membership.jobs.sweeping import do_each
from membership.privacy import service
from membership.subscriptions.handlers import close_checkout, end_now
from membership.support.handlers import settle
from membership.web import settings


def turn(_: dict[str, Any]) -> None:
    """Erase everybody who asked for it and is not erased yet."""
    pending = service.list_pending(session())
    lines = service.list_erased(session(), pending)
    release()
    if (path := settings().erasures_file) is not None:
        _keep_beside_backups(path, lines)
    do_each(partial(_erase, erasure_id) for erasure_id in pending)


def _keep_beside_backups(path: Path, lines: Iterable[str]) -> None:
    """Write down who is erased before she is, so that no backup can bring anybody back unknown."""
    kept_before = path.read_text() if path.exists() else ""
    known = kept_before.splitlines()
    if new := [line for line in lines if line not in known]:
        # The last line may have been cut off.
        begin = "" if kept_before.endswith("\n") or not kept_before else "\n"
        with path.open("a") as kept:
            kept.write(begin + "".join(f"{line}\n" for line in new))
            kept.flush()
            fsync(kept.fileno())


def _erase(erasure_id: int) -> None:
    # Each is asked for, so that one page that is being paid right now keeps no other one open.
    closed = [_close(session_id) for session_id in _plan(erasure_id).stripe_session_ids]
    if not all(closed):
        return
    # Planned anew: what a page that was paid meanwhile began is to be ended, too.
    plan = _plan(erasure_id)
    for stripe_subscription_id in plan.stripe_subscription_ids:
        end_now(stripe_subscription_id)
    for customer_id in plan.stripe_customer_ids:
        with suppress(GatewayMissing):
            gateway().delete_customer(customer_id)
    with transaction() as current:
        service.finish(current, erasure_id)


def _plan(erasure_id: int) -> service.ErasurePlan:
    plan = service.plan_erasure(session(), erasure_id)
    release()
    return plan


def _close(session_id: str) -> bool:
    """Close a page, or record what became of it; return False while it is open still, for the next turn to ask."""
    return close_checkout(session_id) or settle(session_id) is not CheckoutStatus.OPEN
