import re

import pytest
from sqlalchemy import select

from membership.access import service
from membership.access.models import Site, SiteKey
from membership.clock import utc_now
from tests.access.asking import bearer, register
from tests.browsing import post
from tests.staff.looking import acts, look

FORM = {
    "slug": "weekly",
    "name": "The Weekly",
    "audience": "https://weekly.test",
    "origins": "https://weekly.test\nhttps://www.weekly.test",
    "return_urls": "https://weekly.test/welcome",
    "scopes": ["email"],
}


@pytest.fixture
def daily(session):
    return register(session)


def shown_key(page):
    return re.search(r"site_[A-Za-z0-9_-]{43}", page.text)[0]


def may_ask(client, key):
    return client.get("/api/v1/access/nobody", headers=bearer(key)).status_code == 404


def test_a_site_is_registered_and_its_key_shown_once(admin, client, session):
    key = shown_key(post(admin, "/staff/sites/new", FORM))
    page = admin.get("/staff/sites/weekly").text

    assert may_ask(client, key)
    assert key not in page
    assert key[:11] in page
    assert "https://www.weekly.test" in page
    assert "ask about a reader by her e-mail" in page
    assert "The Weekly" in admin.get("/staff/sites").text
    assert acts(session) == ["site.added"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("slug", "The Weekly"), ("name", " "), ("origins", "http://weekly.test"), ("origins", "https://[")),
        *(("return_urls", "https://weekly.test/?a"), ("scopes", "everything"), ("audience", "x" * 501)),
    ],
)
def test_a_site_that_cannot_be_is_refused_at_its_field_and_the_form_kept(admin, session, field, value):
    answer = post(admin, "/staff/sites/new", FORM | {field: value})
    told = re.search(rf'id="{field}-error">([^<]+)', answer.text)

    assert answer.status_code == 400
    assert value in told[1] or field in ("slug", "name", "audience")
    assert "https://www.weekly.test" in answer.text or field == "origins"
    assert look(session, select(Site)) == []


def test_a_site_is_described_anew(admin, session, daily):
    answer = post(admin, "/staff/sites/daily/edit", FORM)
    site = look(session, select(Site))[0]

    assert answer.location == "/staff/sites/daily"
    assert (site.slug, site.name, site.audience, site.scopes) == (
        "daily",
        "The Weekly",
        "https://weekly.test",
        ["email"],
    )
    assert acts(session) == ["site.changed"]


def test_two_sites_have_no_audience_in_common(admin, session, daily):
    register(session, "other")
    answer = post(admin, "/staff/sites/daily/edit", FORM | {"audience": "aud-other"})

    assert answer.status_code == 400
    assert "There is a site of this name or audience already." in answer.text


@pytest.mark.parametrize(("old", "still"), [("overlap", True), ("stay", True), ("end", False)])
def test_a_new_key_leaves_no_gap_unless_the_old_one_has_become_known(admin, client, session, daily, old, still):
    key = shown_key(post(admin, "/staff/sites/daily/keys/new", {"old": old}))
    ends = look(session, select(SiteKey.revoked_at).order_by(SiteKey.id))

    assert may_ask(client, key)
    assert may_ask(client, daily[1]) is still
    assert (ends[0] is None) is (old == "stay")
    assert acts(session) == ["site.key_added" if old == "stay" else "site.key_rotated"]


def test_a_key_is_ended_with_a_reason(admin, client, session, daily):
    number = service.list_keys(session, daily[0])[0].id
    session.commit()
    path = f"/staff/sites/daily/keys/{number}/revoke"
    without = post(admin, path)
    post(admin, path, {"reason": "It was in a screenshot"})
    ended = look(session, select(SiteKey.revoked_at))[0]
    post(admin, path, {"reason": "Again"})

    assert without.status_code == 400
    assert not may_ask(client, daily[1])
    assert look(session, select(SiteKey.revoked_at)) == [ended]
    assert "no more" in admin.get("/staff/sites/daily").text


def test_a_key_of_another_site_is_not_found(admin, session, daily):
    other, _ = register(session, "other")
    number = service.list_keys(session, other)[0].id
    session.commit()

    assert admin.get(f"/staff/sites/daily/keys/{number}/revoke").status_code == 404


def test_an_empty_list_says_how_to_begin(admin):
    assert "None yet." in admin.get("/staff/sites").text


def test_only_an_admin_is_shown_the_way_to_the_sites(admin, finance):
    assert ["/staff/sites" in browser.get("/staff").text for browser in (admin, finance)] == [True, False]


def test_a_key_from_before_hints_is_shown_too(admin, session, daily):
    session.add(SiteKey(site_id=daily[0].id, key_hash="x", hint="", created_at=utc_now()))
    session.commit()

    assert "<code>site_…</code>" in admin.get("/staff/sites/daily").text
