"""The ways to ask about readers beside the site's own random name: its number for her, her e-mail, many at once."""

from dataclasses import replace

import pytest
import time_machine
from sqlalchemy import select

from membership.access import service
from membership.access.errors import SiteExists
from membership.access.models import SiteSubject
from membership.access.service import SiteDraft
from membership.clock import utc_now
from tests.access.asking import CHALLENGE, ORIGIN, VERIFIER, bearer, counting, register
from tests.conftest import make_settings
from tests.factories import make_patron, make_price, make_subscription, make_tier

LINKS, ACCESS, BATCH = "/api/v1/links", "/api/v1/access", "/api/v1/access/batch"


@pytest.fixture
def settings(database_url, tmp_path):
    few = {"api_quota_per_minute": 12, "email_lookups_per_minute": 2}
    return make_settings(database_url=database_url, pass_keys_dir=tmp_path / "keys", **few)


@pytest.fixture
def site(session):
    """Register a site that may ask by e-mail and link."""
    site, key = register(session)
    site.scopes = ["email", "link"]
    session.commit()
    return site, key


@pytest.fixture
def olena(session):
    price = make_price(session, tier=make_tier(session, slug="friend", flags=["vote"]))
    patron = make_subscription(session, price=price, patron=make_patron(session, email="olena@example.org")).patron
    session.commit()
    return patron


@pytest.fixture
def subject(session, site, olena):
    found = service.subject_of(session, site[0].id, olena.id)
    session.commit()
    return found


@pytest.fixture
def send(client, site):
    def sent(path, body, method="POST", key=None, **headers):
        return client.open(path, method=method, json=body, headers=bearer(key or site[1]) | headers)

    return sent


def test_a_reader_is_found_by_the_sites_own_number_once_they_are_linked(send, subject):
    assert send(f"{ACCESS}?external_id=user/42", None, "GET").status_code == 404
    assert send(LINKS, {"subject": subject, "external_id": "user/42"}).json == {
        "subject": subject,
        "external_id": "user/42",
    }

    answer = send(f"{ACCESS}?external_id=user/42", None, "GET")
    assert (answer.json["subject"], answer.json["state"]) == (subject, "active")
    etag = answer.headers["ETag"]
    assert send(f"{ACCESS}?external_id=user/42", None, "GET", **{"If-None-Match": etag}).status_code == 304


def test_linking_again_changes_nothing_and_unlinking_forgets(send, subject):
    for _ in range(2):
        assert send(LINKS, {"subject": subject, "external_id": "42"}).status_code == 200
    assert send(f"{LINKS}?external_id=42", None, "DELETE").status_code == 204

    assert send(f"{ACCESS}?external_id=42", None, "GET").status_code == 404
    assert send(f"{LINKS}?external_id=42", None, "DELETE").status_code == 404


def test_a_number_belongs_to_one_reader_and_a_reader_has_one_number(session, send, site, subject):
    other = service.subject_of(session, site[0].id, make_patron(session).id)
    session.commit()
    send(LINKS, {"subject": subject, "external_id": "42"})

    for wish in ({"subject": other, "external_id": "42"}, {"subject": subject, "external_id": "43"}):
        refusal = send(LINKS, wish)
        assert (refusal.status_code, refusal.json["title"]) == (409, "ReaderHasAnotherName")
    assert send(LINKS, {"subject": "nobody", "external_id": "44"}).status_code == 404


def test_two_sites_may_have_the_same_number_for_different_readers(session, send, subject):
    other_site, other_key = register(session, "weekly")
    other_site.scopes = ["link"]
    other = service.subject_of(session, other_site.id, make_patron(session).id)
    session.commit()
    send(LINKS, {"subject": subject, "external_id": "42"})

    assert send(LINKS, {"subject": other, "external_id": "42"}, key=other_key).status_code == 200
    assert send(LINKS, {"subject": subject, "external_id": "7"}, key=other_key).status_code == 404
    assert send(f"{ACCESS}?external_id=42", None, "GET", key=other_key).json["subject"] == other


def test_a_hand_over_may_bring_the_link_with_it(session, send, site, olena):
    code = service.open_handover(session, site[0], olena.id, challenge=CHALLENGE, now=utc_now())
    session.commit()
    brought = send("/access/token", {"code": code, "verifier": VERIFIER, "external_id": "42"})

    assert send(f"{ACCESS}?external_id=42", None, "GET").json["subject"] == brought.json["subject"]


def test_a_reader_is_found_by_her_e_mail_and_gets_a_name_for_this_site(session, send, site, olena):
    answer = send(ACCESS, {"email": "Olena@Example.org"})

    assert answer.json["state"] == "active"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert session.scalars(select(SiteSubject.subject)).one() == answer.json["subject"]
    session.commit()


def test_strangers_are_unknown_and_addresses_cannot_be_tried_out(send):
    answers = [send(ACCESS, {"email": f"stranger{number}@example.org"}) for number in range(3)]

    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60


def test_without_the_scope_a_site_may_neither_ask_by_e_mail_nor_link(session, send, subject, olena):
    key = register(session, "weekly")[1]
    asked = [
        send(ACCESS, {"email": "olena@example.org"}, key=key),
        send(LINKS, {"subject": subject, "external_id": "42"}, key=key),
        send("/access/token", {"code": "c", "verifier": VERIFIER, "external_id": "42"}, key=key),
        send(f"{LINKS}?external_id=42", None, "DELETE", key=key),
    ]

    assert {(refusal.status_code, refusal.json["title"]) for refusal in asked} == {(403, "ScopeMissing")}


def test_an_origin_belongs_to_one_site(session):
    register(session)
    other, _ = register(session, "weekly")
    draft = SiteDraft("weekly", "Weekly", "aud-weekly", (ORIGIN,), ())
    for put in (
        lambda: service.change_site(session, draft),
        lambda: service.add_site(session, replace(draft, slug="x", audience="x"), utc_now()),
    ):
        with pytest.raises(SiteExists):
            put()
    assert other.origins == ["http://weekly.test"]


def test_many_readers_are_asked_about_in_two_queries_and_strangers_are_listed(app, session, send, site, subject, olena):
    plain = service.subject_of(session, site[0].id, make_patron(session).id)
    foreign_site, _ = register(session, "weekly")
    foreign = service.subject_of(session, foreign_site.id, olena.id)
    service.link_reader(session, site[0].id, subject, "42")
    session.commit()
    with time_machine.travel(utc_now(), tick=False), counting(app) as sent:
        send(BATCH, {"subjects": [subject]})
        sent.clear()
        answer = send(BATCH, {"subjects": [plain, foreign, "nobody"], "external_ids": ["42"]})

    told = {reader["subject"]: reader for reader in answer.json["readers"]}
    assert {name: reader["state"] for name, reader in told.items()} == {subject: "active", plain: "none"}
    assert told[subject]["external_id"] == "42"
    assert answer.json["unknown"] == {"subjects": sorted([foreign, "nobody"]), "external_ids": []}
    assert len(sent) == 2


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        (BATCH, {"subjects": ["x"] * 1000}, "subjects"),
        (BATCH, {"subjects": ["x"] * 60, "external_ids": ["1"] * 60}, "body"),
        (BATCH, {"subjects": [1]}, "subjects.0"),
        (BATCH, {"subjects": ["x", "x" * 65]}, "subjects.1"),
        (BATCH, {"subjects": ["x"], "is_admin": True}, "is_admin"),
        (ACCESS, {"email": "no address"}, "email"),
        (ACCESS, [], "body"),
        (LINKS, {"external_id": "42"}, "subject"),
        (LINKS, {"external_id": "with space", "subject": "x"}, "external_id"),
    ],
)
def test_what_cannot_be_read_is_named(send, path, body, where):
    refusal = send(path, body)

    assert (refusal.status_code, refusal.json["title"]) == (400, "BodyUnreadable")
    assert where in refusal.json["detail"]


@pytest.mark.parametrize("query", ["", "?external_id=", "?external_id=%00", "?external_id=" + "x" * 129])
def test_a_number_must_be_one(send, query):
    assert send(f"{ACCESS}{query}", None, "GET").status_code == 400


def test_a_request_that_may_be_sent_again_counts_once(send, subject):
    with time_machine.travel(utc_now().replace(second=30), tick=False):
        asked = [send("/access/pass", {"subject": subject}, **{"Idempotency-Key": f"k{n}"}) for n in range(13)]

    assert [answer.status_code for answer in asked] == [200] * 12 + [429]


def test_a_site_that_asks_too_much_waits_for_the_next_minute_while_others_go_on(session, client, send, subject):
    other_key = register(session, "weekly")[1]
    with time_machine.travel(utc_now().replace(second=30), tick=False):
        assert send(BATCH, {"subjects": [subject] * 10}).status_code == 200
        direct = [send(f"{ACCESS}/{subject}", None, "GET") for _ in range(3)]
        assert [answer.status_code for answer in direct] == [200, 200, 429]
        assert direct[2].headers["Retry-After"] == "30"
        assert send(f"{ACCESS}/nobody", None, "GET", key=other_key).status_code == 404
    with time_machine.travel(utc_now().replace(second=31).timestamp() + 60, tick=False):
        assert send(f"{ACCESS}/{subject}", None, "GET").status_code == 200
