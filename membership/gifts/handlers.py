"""Work after the commit: letters to givers and codes to recipients, and money that goes back."""

from functools import partial
from typing import Any

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.gifts import service
from membership.jobs.sweeping import do_each
from membership.payments.handlers import send_refund


def turn(_: dict[str, Any]) -> None:
    """Write what is due to givers and recipients; again writes nothing."""
    due = service.list_due(session(), utc_now())
    release()
    do_each(partial(_write, gift_id) for gift_id in due)


def _write(gift_id: int) -> None:
    with transaction() as current:
        service.write_letters(current, gift_id, utc_now())


def give_back(public_id: str, *, actor: str, reason: str) -> None:
    """Return the money of an unused gift. Raises what plan_return raises, and GatewayFailed."""
    with transaction() as current:
        plan = service.plan_return(current, public_id, actor=actor, reason=reason)
    send_refund(plan)
