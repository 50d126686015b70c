from membership.access import service
from membership.access.invariants import INVARIANTS
from membership.access.models import Handover, Site, SiteSubject
from membership.clock import utc_now
from tests.access.asking import CHALLENGE, register
from tests.factories import make_patron


def findings(session):
    return [find(session) for find in INVARIANTS.values()]


def test_a_sound_database_offends_nothing(session):
    site, _ = register(session)
    patron = make_patron(session)
    service.subject_of(session, site.id, patron.id)
    code = service.open_handover(session, site, patron.id, challenge=CHALLENGE, now=utc_now())
    service.take_code(session, site.id, code, utc_now())

    assert findings(session) == [[], [], []]


def test_what_is_wrong_is_named(session):
    now, patron = utc_now(), make_patron(session)
    site = Site(slug="bare", name="Bare", audience="bare", origins=[], return_urls=[], created_at=now)
    session.add(site)
    session.flush()
    session.add(SiteSubject(site_id=site.id, patron_id=patron.id, subject="olena"))
    session.add(
        Handover(site_id=site.id, patron_id=patron.id, code_hash="x", challenge="y", expires_at=now, used_at=now)
    )
    session.flush()

    assert findings(session) == [["site subject 1"], ["site bare"], ["hand-over 1"]]
