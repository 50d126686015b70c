"""The audit log: one chain, appended by one at a time, changed by nobody."""

from threading import Event, Thread

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from membership.audit.models import AuditEntry
from membership.audit.service import note, verify_chain
from membership.db import transaction
from membership.patrons.models import Patron
from tests.factories import make_patron


def write(session, action="tier.retired", **details):
    return note(session, actor="cli", action=action, subject="tier:friend", **details)


def test_entries_are_chained_and_the_chain_holds(session):
    first, second = write(session, price={"minor": 500}, marks=("a", "b")), write(session)
    session.commit()
    session.expire_all()

    assert second.previous_hash == first.hash
    assert verify_chain(session) == []


@pytest.mark.parametrize("change", [update(AuditEntry).values(actor="nobody"), delete(AuditEntry)], ids=str)
def test_what_was_noted_is_neither_changed_nor_deleted(session, change):
    write(session)
    session.commit()

    with pytest.raises(DBAPIError, match="only appended"):
        session.execute(change)


def test_whoever_goes_round_the_database_is_found_out(session):
    entries = [write(session, action=action) for action in ("a", "b", "c")]
    for statement in _switch_triggers(session, off=True):
        session.execute(text(statement))
    session.execute(update(AuditEntry).where(AuditEntry.id == entries[1].id).values(actor="somebody"))
    for statement in _switch_triggers(session, off=False):
        session.execute(text(statement))
    session.expire_all()

    assert verify_chain(session) == [f"audit entry {entries[1].id}"]


def test_a_missing_entry_is_found_out(session):
    entries = [write(session, action=action) for action in ("a", "b", "c")]
    for statement in _switch_triggers(session, off=True):
        session.execute(text(statement))
    session.execute(delete(AuditEntry).where(AuditEntry.id == entries[1].id))
    for statement in _switch_triggers(session, off=False):
        session.execute(text(statement))

    assert verify_chain(session) == [f"audit entry {entries[2].id}"]


def test_two_who_note_at_once_keep_one_chain(app, session):
    def many(name):
        with app.app_context():
            for _ in range(10):
                with transaction() as current:
                    note(current, actor=name, action="act", subject="thing")

    threads = [Thread(target=many, args=(f"worker {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert session.scalar(select(func.count()).select_from(AuditEntry)) == 40
    assert verify_chain(session) == []


def test_whoever_waits_for_a_row_does_not_hold_the_chain_meanwhile(app, session):
    patron = make_patron(session)
    session.commit()

    def rename():
        with app.app_context(), transaction() as current:
            current.get_one(Patron, patron.id).name = "Olena"
            write(current, action="renamed")

    session.execute(select(Patron.id).filter_by(id=patron.id).with_for_update())
    other = Thread(target=rename)
    other.start()
    _wait_for_somebody_waiting(session)
    write(session, action="looked")
    session.commit()
    other.join(10)

    assert list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))) == ["looked", "renamed"]


def _wait_for_somebody_waiting(session):
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    # On SQLite whoever begins to write waits before anything else.
    while session.get_bind().dialect.name == "postgresql" and not session.scalar(waiting):
        Event().wait(0.01)


def _switch_triggers(session, off):
    if session.get_bind().dialect.name == "postgresql":
        return [f"ALTER TABLE audit_entries {'DISABLE' if off else 'ENABLE'} TRIGGER audit_entries_kept"]
    return ["DROP TRIGGER audit_entries_keep_words", "DROP TRIGGER audit_entries_keep_rows"] if off else []
