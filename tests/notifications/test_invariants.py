from membership.clock import utc_now
from membership.notifications.invariants import INVARIANTS
from membership.notifications.models import Notification, ToldDecision
from tests.access.asking import register


def test_what_offends_is_found(session):
    register(session)
    told = {"site_id": 1, "state": "none", "flags": [], "version": 0, "check_at": utc_now()}
    session.add(ToldDecision(subject="abc", **told))
    session.add(Notification(public_id="msg_1", site_id=1, kind="x", body='"olena@example.org"', created_at=utc_now()))
    session.flush()

    assert [rows for find in INVARIANTS.values() for rows in find(session)] == ["message msg_1", "told decision 1"]
