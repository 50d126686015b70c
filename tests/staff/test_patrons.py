"""Patrons found and looked at; every look is noted, access is granted with a reason and an end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from membership.access.models import Comp
from membership.access.service import decide_for
from membership.audit.models import AuditEntry
from membership.audit.service import verify_chain
from membership.clock import utc_now
from membership.jobs.models import Job
from membership.mail.models import Letter
from membership.payments.models import RefundStatus
from membership.privacy.service import ask_erasure
from membership.staff import service
from membership.staff.service import people
from membership.subscriptions.models import SubscriptionStatus
from tests.browsing import post
from tests.factories import (
    make_invoice,
    make_patron,
    make_payment,
    make_refund,
    make_roll_entry,
    make_round,
    make_subscription,
    make_tier,
)
from tests.staff.looking import look

REASON = {"reason": "A guest of our evening"}


@pytest.fixture
def patron(session):
    patron = make_patron(session, name="Олена Шевчук", email="olena@example.org")
    session.commit()
    return patron


@pytest.fixture
def tier(session):
    tier = make_tier(session, slug="friend")
    session.commit()
    return tier


def page_of(client, patron):
    answer = client.get(f"/staff/patrons/{patron.public_id}")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def noted(session):
    return [(entry.action, entry.subject) for entry in look(session, select(AuditEntry).order_by(AuditEntry.id))]


def comps(session):
    return look(session, select(Comp))


def make_comp(session, patron, tier):
    now = utc_now()
    comp = Comp(patron_id=patron.id, tier_id=tier.id, starts_at=now, ends_at=now + timedelta(days=9), reason="A guest")
    session.add(comp)
    session.commit()
    return comp


@pytest.mark.parametrize("words", ["olena@example.org", "olena", "OLENA@", "олена", "Олена Ш", "шевчук"])
def test_a_patron_is_found_by_how_her_address_or_name_begins(viewer, session, patron, words):
    make_patron(session, name="Somebody Else")
    session.commit()

    text = viewer.get("/staff/patrons", query_string={"q": words}).text

    assert patron.public_id in text
    assert "Somebody Else" not in text


@pytest.mark.parametrize("words", ["lena@", "%", "_lena", "' OR 1=1 --", "xyz"])
def test_what_does_not_begin_so_is_not_found(viewer, patron, words):
    text = viewer.get("/staff/patrons", query_string={"q": words}).text

    assert patron.public_id not in text
    assert "begins like this" in text


def test_a_search_is_noted_without_what_was_searched_for(viewer, session, patron):
    viewer.get("/staff/patrons?q=olena")

    assert noted(session) == [("patrons.searched", "patrons")]
    assert look(session, select(AuditEntry.details)) == [{"found": 1}]


def test_nothing_is_searched_before_something_is_typed(viewer, session, patron):
    assert "Type the beginning of an e-mail or of a name." in viewer.get("/staff/patrons").text
    assert noted(session) == []


def test_many_patrons_come_in_pages(viewer, session, monkeypatch):
    monkeypatch.setattr(people, "PAGE", 2)
    monkeypatch.setattr(service, "PAGE", 2)
    for number in range(3):
        make_patron(session, name=f"Anna {number}")
    session.commit()

    first, second = (viewer.get(f"/staff/patrons?q=anna&page={page}").text for page in (1, 2))

    assert ("Anna 1" in first, "Anna 2" in first, "Next page" in first) == (True, False, True)
    assert ("Anna 2" in second, "Next page" in second) == (True, False)


def test_whoever_opens_a_patron_s_page_is_noted(viewer, session, patron):
    page_of(viewer, patron)

    ((action, subject),) = noted(session)
    assert (action, subject) == ("patron.opened", f"patron:{patron.public_id}")
    assert verify_chain(session) == []


def test_an_unknown_patron_is_not_there_and_nothing_is_noted(viewer, session):
    assert viewer.get("/staff/patrons/nobody").status_code == 404
    assert noted(session) == []


def test_a_new_patron_s_page_says_what_will_appear(viewer, patron):
    text = page_of(viewer, patron)

    assert "Never had access. No paid subscription and no complimentary access." in text
    assert "None. A subscription is here as soon as she has paid for it." in text
    assert "Got an account." in text


def test_the_timeline_tells_what_happened_and_never_that_she_voted(viewer, session, patron, tier):
    now = utc_now()
    over = {"status": SubscriptionStatus.ENDED, "ended_at": now, "started_at": now - timedelta(days=60)}
    subscription = make_subscription(session, patron=patron, **over)
    invoice = make_invoice(session, subscription=subscription, first_failed_at=now - timedelta(days=9))
    payment = make_payment(session, patron_id=patron.id, invoice=invoice)
    make_refund(session, payment, status=RefundStatus.PENDING)
    make_comp(session, patron, tier).revoked_at = now
    round = make_round(session)
    make_roll_entry(session, round, patron_id=patron.id, voted_at=now)
    letter = {"recipient": patron.email, "locale": "en", "values": {"code": "S3CRET"}, "created_at": now}
    session.add(Letter(key="a", kind="sign_in", message_id="a", sent_at=now, **letter))
    session.add(Letter(key="v", kind="vote_receipt", message_id="v", sent_at=now, **letter))
    session.add(Letter(key="b", kind="welcome", message_id="b", **letter))
    session.add(Letter(key="c", kind="ended", message_id="c", refused_at=now, **letter))
    session.commit()

    text = page_of(viewer, patron)

    for said in (
        "Subscribed: Friend, €5 every month.",
        "The subscription ended: Friend.",
        "A payment could not be charged: Friend.",
        "Paid €20.",
        "Refund of €20: on its way.",
        "Complimentary access taken back: Friend.",
        "Letter sent: A way to sign in.",
        "Letter waiting: Welcome.",
        "Letter did not go out: The support has ended.",
    ):
        assert said in text
    assert "S3CRET" not in text
    assert round.title["en"] not in text
    assert "Receipt for a ballot" not in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "This period ends on"),
        ({"cancel_at": utc_now() + timedelta(days=3)}, "Ends on"),
        ({"status": SubscriptionStatus.ENDED, "ended_at": utc_now()}, "Ended on"),
        ({"is_surplus": True}, "A second one at the same time"),
    ],
)
def test_how_a_subscription_stands_is_said(viewer, session, patron, fields, said):
    make_subscription(session, patron=patron, **fields)
    session.commit()

    assert said in page_of(viewer, patron)


def test_nothing_is_granted_to_whoever_is_being_erased(editor, session, patron, tier):
    ask_erasure(session, patron, actor="test", reason="asked")
    session.commit()
    fields = {"tier": "friend", "ends_on": "2126-01-01", **REASON}
    address = f"/staff/patrons/{patron.public_id}/comp"
    asked, answer = editor.get(address).text, post(editor, address, fields, page="/staff")

    assert ("is being erased" in asked, 'name="ends_on"' in asked) == (True, False)
    assert (answer.status_code, comps(session)) == (409, [])


def test_access_is_granted_until_the_end_of_a_day_with_a_reason(editor, session, patron, tier):
    last = utc_now() + timedelta(days=30)
    day = last.date().isoformat()

    answer = post(editor, f"/staff/patrons/{patron.public_id}/comp", {"tier": "friend", "ends_on": day, **REASON})

    assert (answer.status_code, answer.location) == (303, f"/staff/patrons/{patron.public_id}")
    (comp,) = comps(session)
    assert (comp.patron_id, comp.tier_id, comp.reason) == (patron.id, tier.id, REASON["reason"])
    assert comp.ends_at.minute == 0
    assert "vote" in decide_for(session, patron.id, utc_now()).flags
    assert noted(session) == [("comp.granted", f"patron:{patron.public_id}")]
    assert page_of(editor, patron).count(f"until {last.day} {last:%B %Y}") == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tier": ""}, "Please choose a tier."),
        ({"ends_on": "soon"}, "Please choose a day"),
        ({"ends_on": "9999-12-31"}, "Please choose a day"),
        ({"ends_on": "2020-01-01"}, "an end that lies ahead"),
        ({"reason": ""}, "Please write the reason"),
    ],
)
def test_a_form_that_is_not_right_keeps_what_was_typed(editor, session, patron, tier, wrong, said):
    last = utc_now() + timedelta(days=30)
    day = last.date().isoformat()
    form = {"tier": "friend", "ends_on": day, "reason": "A guest of our evening"} | wrong

    answer = post(editor, f"/staff/patrons/{patron.public_id}/comp", form)

    assert answer.status_code == 400
    assert said in answer.text
    assert all(value in answer.text for value in form.values())
    assert comps(session) == []


def test_access_that_was_granted_can_be_taken_back(editor, session, patron, tier):
    comp = make_comp(session, patron, tier)
    address = f"/staff/patrons/{patron.public_id}/comps/{comp.id}/revoke"
    assert address in page_of(editor, patron)
    assert "ends at once" in editor.get(address).text

    answer = post(editor, address, REASON)

    assert answer.status_code == 303
    assert comps(session)[0].revoked_at is not None
    assert ("comp.revoked", f"patron:{patron.public_id}") in noted(session)
    assert "Taken back on" in page_of(editor, patron)
    assert editor.get(address).status_code == 404


def test_access_is_not_taken_back_without_a_reason(editor, session, patron, tier):
    comp = make_comp(session, patron, tier)

    answer = post(editor, f"/staff/patrons/{patron.public_id}/comps/{comp.id}/revoke", {"reason": ""})

    assert answer.status_code == 400
    assert comps(session)[0].revoked_at is None


def test_access_of_somebody_else_is_not_there(editor, session, patron, tier):
    other = make_comp(session, make_patron(session), tier)

    assert editor.get(f"/staff/patrons/{patron.public_id}/comps/{other.id}/revoke").status_code == 404


@pytest.mark.parametrize("path", ["/staff/patrons/%00", "/staff/patrons?q=%00", "/staff/money/rows?tier=a&tier=%00"])
def test_what_no_database_keeps_is_refused_before_it_is_asked(viewer, path):
    assert viewer.get(path).status_code == 400


def test_a_reason_that_no_database_keeps_is_refused(editor, session, patron, tier):
    form = {"tier": "friend", "ends_on": "2099-12-31", "reason": "a\0b"}

    assert post(editor, f"/staff/patrons/{patron.public_id}/comp", form).status_code == 400
    assert comps(session) == []


def test_access_that_never_was_is_not_there(editor, patron):
    address = f"/staff/patrons/{patron.public_id}/comps/{10**30}/revoke"

    assert editor.get(address).status_code == 404
    assert post(editor, address, REASON, page="/vote").status_code == 404


def test_access_that_is_over_cannot_be_taken_back(editor, session, patron, tier):
    comp = make_comp(session, patron, tier)
    comp.starts_at, comp.ends_at = utc_now() - timedelta(days=2), utc_now() - timedelta(days=1)
    session.commit()

    text = page_of(editor, patron)

    assert "Over." in text
    assert "/revoke" not in text


def test_without_a_tier_nothing_can_be_granted(editor, patron):
    assert "There is no open tier to grant." in editor.get(f"/staff/patrons/{patron.public_id}/comp").text


def test_a_viewer_is_not_offered_what_she_may_not(viewer, session, patron, tier):
    make_comp(session, patron, tier)

    text = page_of(viewer, patron)

    assert "Grant access" not in text
    assert "Take back" not in text


def test_a_name_that_is_markup_is_inert(viewer, session):
    patron = make_patron(session, name="<script>alert(1)</script>")
    session.commit()

    assert "<script>" not in page_of(viewer, patron)


def test_no_letter_is_sent_by_looking(viewer, session, patron):
    page_of(viewer, patron)

    assert look(session, select(Job)) == []


def test_a_patron_is_shut_out_and_let_in_again_with_reasons(admin, session, patron):
    page = f"/staff/patrons/{patron.public_id}"
    shut = post(admin, f"{page}/ban", {"reason": "Threatened a reporter"})
    shut_page, offer = page_of(admin, patron), admin.get(f"{page}/ban").text
    let = post(admin, f"{page}/unban", {"reason": "She apologised"}, page=f"{page}/ban")

    assert (shut.status_code, let.status_code) == (303, 303)
    assert "Shut out by the newsroom on" in shut_page
    assert "Shut out: Threatened a reporter" in shut_page
    assert "Support that was ended does not come back by itself" in offer
    assert "Let in again." in page_of(admin, patron)
    assert [action for action, _ in noted(session)].count("patron.banned") == 1


@pytest.mark.parametrize("act", ["ban", "unban"])
def test_nobody_is_shut_out_or_let_in_without_a_reason(admin, session, patron, act):
    page = f"/staff/patrons/{patron.public_id}"

    assert post(admin, f"{page}/{act}", {"reason": " "}, page=f"{page}/ban").status_code == 400
    assert noted(session) == []
