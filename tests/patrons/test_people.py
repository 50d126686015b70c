"""One spelling for one address, one patron for one spelling."""

from threading import Thread

import pytest
from sqlalchemy import func, select

from membership.db import transaction
from membership.patrons.errors import EmailUnreadable, UnknownPatron
from membership.patrons.models import Patron
from membership.patrons.service import canonical_email, describe, find_by_email, get_patron, register
from tests.factories import make_patron


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        (" Olena@Example.ORG ", "olena@example.org"),
        ("olena+news@example.org", "olena+news@example.org"),
        ("olena@XN--80A1ACN3A.xn--j1amh", "olena@пошта.укр"),
        ("olena@Пошта.УКР", "olena@пошта.укр"),
        ("José@example.org", "josé@example.org"),
        ("Jose\u0301@example.org", "josé@example.org"),
    ],
)
def test_an_address_has_one_spelling(typed, known):
    assert canonical_email(typed) == known
    assert canonical_email(canonical_email(typed)) == known


@pytest.mark.parametrize(
    "typed",
    [
        *["", "olena", "olena@", "@example.org", "a@b@example.org", "a@b.org, c@d.org", "A <a@example.org>"],
        *["a@example.org\r\nBcc: b@c.org", "o" * 300 + "@example.org", "olena@localhost", "a@[127.0.0.1]", "o l@b.org"],
    ],
)
def test_what_is_no_address_is_refused_at_its_field(typed):
    with pytest.raises(EmailUnreadable) as refusal:
        canonical_email(typed)
    assert refusal.value.field == "email"


def test_a_patron_is_registered_once_however_the_address_is_spelt(session):
    first = register(session, "Olena@example.org", locale="uk", name="Olena")
    second = register(session, " olena@EXAMPLE.org", locale="en", name="Eve")

    assert second is first
    assert (second.name, second.locale, second.confirmed_at) == ("Olena", "uk", None)
    assert len(second.public_id) >= 22


def test_registering_at_once_makes_one_patron(app, session):
    def many():
        with app.app_context(), transaction() as current:
            register(current, "olena@example.org", locale="en")

    threads = [Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert session.scalar(select(func.count()).select_from(Patron)) == 1


def test_no_public_id_reads_like_an_option_of_a_command(session, monkeypatch):
    monkeypatch.setattr("secrets.token_urlsafe", lambda size: "-" * size)

    assert register(session, "olena@example.org", locale="en").public_id[0].isalpha()


def test_a_patron_is_found_by_her_address_and_by_her_public_id(session):
    patron = make_patron(session, email="olena@example.org")

    assert find_by_email(session, "OLENA@example.org") is patron
    assert find_by_email(session, "taras@example.org") is None
    assert get_patron(session, patron.public_id) is patron
    with pytest.raises(UnknownPatron):
        get_patron(session, "nobody")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(" Olena \r\n Kovalenko\x00", "Olena Kovalenko"), ("<b>O</b>", "<b>O</b>"), ("x" * 80, "x" * 80), ("", "")],
)
def test_a_name_is_one_line(session, typed, kept):
    patron = describe(session, make_patron(session).id, name=typed, locale="uk")

    assert (patron.name, patron.locale) == (kept, "uk")
