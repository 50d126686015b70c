"""A library that bought seats for its readers: some are taken, one invitation is open."""

from datetime import timedelta

from membership.clock import utc_now
from membership.db import session, transaction
from membership.groups import service as groups
from membership.mail.models import Letter
from membership.patrons import service as patrons

LIBRARIAN = "library@example.org"
TAKEN = ("nadia.readers@example.org", "tom.readers@example.org", "iryna.readers@example.org")
WAITING = "pavlo.readers@example.org"


def seat_all() -> None:
    """Make a group, invite to it as its manager does, and let most of the invited take their seats."""
    now = utc_now()
    draft = groups.GroupDraft(
        name="Riverton City Library",
        tier="friend",
        seats=25,
        starts_at=now,
        ends_at=now + timedelta(days=365),
        manager_email=LIBRARIAN,
        locale="en",
        note="Pays by invoice once a year; ask Vera at the desk.",
    )
    with transaction() as current:
        group = groups.add_group(current, draft, now, actor="demonstration")
        groups.invite(current, group.id, [*TAKEN, WAITING], "en", now)
    for email in TAKEN:
        _take(email)


def _take(email: str) -> None:
    sent = session().query(Letter).filter_by(kind="seat_invitation", recipient=email).one()
    with transaction() as current:
        reader = patrons.register(current, email, locale="en")
        groups.take(current, sent.values["join_url"].partition("code=")[2], reader.id, utc_now())
