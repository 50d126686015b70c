"""Rounds turned by the clock, and letters to those who voted."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from membership.clock import utc_now
from membership.db import overwrite_deleted, release, session, transaction
from membership.errors import Conflict
from membership.voting import service
from membership.voting.errors import StillRead
from membership.voting.models import Round

CLOCK = "clock"
log = structlog.get_logger("membership.voting")


def turn(_: dict[str, Any]) -> None:
    """Close the rounds whose time is over, publish what was held back, open those that are due, count the live."""
    now = utc_now()
    for slug in service.list_due_to_close(session(), now):
        # Who voted last has her receipt on its way before the seal is broken; the next turn breaks it.
        if not _confirm_all(slug):
            _act(service.close_due_round, slug)
    for slug in service.list_due_to_publish(session(), now):
        _act(service.publish_round, slug)
    # A vote that is still to be closed may hold the topics of the next one.
    if not service.list_due_to_close(session(), now):
        for slug in service.list_due_to_open(session(), now):
            _open(slug)
    for slug in service.list_live(session()):
        _act(service.show_standing, slug)


def _act(change: Callable[[Session, Round, datetime, str], None], slug: str) -> None:
    try:
        with transaction() as current:
            change(current, service.get_round(current, slug), utc_now(), CLOCK)
    except Conflict as refusal:
        log.warning("round not turned", round=slug, reason=type(refusal).__name__)


def _open(slug: str) -> None:
    """Open a draft; one that cannot waits for staff, who are told why, and not for a later moment that fits."""
    try:
        with transaction() as current:
            service.open_round(current, service.get_round(current, slug), utc_now(), CLOCK)
    except Conflict as refusal:
        log.warning("round not opened", round=slug, reason=type(refusal).__name__)
        with transaction() as current:
            service.record_unopened(current, service.get_round(current, slug), refusal, utc_now(), actor=CLOCK)


def scrub(_: dict[str, Any]) -> None:
    """Overwrite what a closing deleted, so that no file of the database ties a ballot to its voter."""
    release()
    if not overwrite_deleted("ballots"):
        raise StillRead


def confirm(_: dict[str, Any]) -> None:
    """Write to those who voted lately, with their receipts."""
    for slug in service.list_open(session()):
        _confirm_all(slug)


def _confirm_all(slug: str) -> int:
    written = more = _confirm_some(slug)
    while more:
        more = _confirm_some(slug)
    return written


def tell(payload: dict[str, Any]) -> None:
    """Write to everyone who voted in a closed round, some at a time."""
    last = _tell_some(payload["round"], 0)
    while last:
        last = _tell_some(payload["round"], last)


def invite(payload: dict[str, Any]) -> None:
    """Write to everyone on the roll of a round that has opened, some at a time."""
    _write_all(payload["round"], service.INVITATION)


def remind(_: dict[str, Any]) -> None:
    """Write to those who have not voted in rounds that close soon, once."""
    for slug in service.list_due_to_remind(session(), utc_now()):
        _write_all(slug, service.REMINDER)


def _write_all(slug: str, kind: str) -> None:
    last = _write_some(slug, kind, 0)
    while last:
        last = _write_some(slug, kind, last)


def _write_some(slug: str, kind: str, after: int) -> int:
    with transaction() as current:
        return service.invite_some(current, service.get_round(current, slug), kind, after, utc_now())


def _confirm_some(slug: str) -> int:
    with transaction() as current:
        return service.confirm_some(current, service.get_round(current, slug), utc_now())


def _tell_some(slug: str, after: int) -> int:
    with transaction() as current:
        return service.tell_voters(current, service.get_round(current, slug), after)
