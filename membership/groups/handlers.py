"""Work after the commit: letters about groups that end and seats that are lost, and what is forgotten."""

from functools import partial
from typing import Any

from membership.clock import utc_now
from membership.db import release, session, transaction
from membership.groups import service
from membership.jobs.sweeping import do_each


def turn(_: dict[str, Any]) -> None:
    """Write what is due about groups and seats, once each; again does nothing."""
    now = utc_now()
    ending, lost = service.list_ending(session(), now), service.list_lost(session(), now)
    release()
    do_each([*(partial(_warn, group_id) for group_id in ending), *([partial(_tell, lost)] if lost else [])])


def forget(_: dict[str, Any]) -> None:
    """Forget the addresses of invitations that are over."""
    with transaction() as current:
        service.forget_invitations(current, utc_now())


def _warn(group_id: int) -> None:
    with transaction() as current:
        service.warn(current, group_id, utc_now())


def _tell(seat_ids: list[int]) -> None:
    with transaction() as current:
        service.tell_holders(current, seat_ids, utc_now())
