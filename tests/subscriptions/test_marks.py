"""A version that was seen once is never undercut unnoticed."""

from sqlalchemy import select, update

from membership.db import session as reading
from membership.db import transaction
from membership.subscriptions.handlers import mark_versions
from membership.subscriptions.invariants import versions_never_go_down
from membership.subscriptions.models import Subscription, VersionMark
from tests.factories import make_subscription


def test_a_version_that_goes_down_is_named(context):
    with transaction() as session:
        found = make_subscription(session).id
    for version in (3, 5, 4):
        with transaction() as session:
            session.execute(update(Subscription).values(version=version))
        mark_versions({})

    assert reading().scalars(select(VersionMark.version)).all() == [5]
    assert versions_never_go_down(reading()) == [f"subscription {found}"]
