"""The manager's page and the reader's: invited, taken, left; nobody sees what is not hers to see."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.groups.models import Seat
from membership.groups.service import PAGE
from membership.jobs.models import Job
from membership.mail.models import Letter
from membership.patrons.handlers import write_link
from membership.patrons.models import Patron, SignInLink
from membership.patrons.service.links import MOST_PER_NETWORK
from membership.privacy.service import ask_erasure
from tests.browsing import post, token_on
from tests.factories import make_group, make_patron, make_seat
from tests.staff.signing_in import sign_in
from tests.subscriptions.making import rows

TWO = "olena@example.org\nivan@example.org"


def words(answer):
    return " ".join(answer.text.split())


@pytest.fixture
def page(group):
    return f"/groups/{group.public_id}"


@pytest.fixture
def manager(app, session, group):
    return sign_in(app.test_client(), session, group.manager)


@pytest.fixture
def invite(manager, page):
    def act(addresses=TWO, **more):
        return post(manager, f"{page}/invite", {"addresses": addresses, "locale": "uk"} | more, page=page)

    return act


def test_a_manager_invites_several_at_once_and_sees_how_they_stand(manager, page, session, invite, letters):
    assert "Nobody yet." in words(manager.get(page))
    assert invite().status_code == 303
    shown = words(manager.get(page))

    assert "2 invitations are on their way." in shown
    assert "Taken: 0 of 3. Invited: 2. Free: 1." in shown
    assert [letter.locale for letter in letters("seat_invitation")] == ["uk", "uk"]
    assert rows(session, AuditEntry)[-1].details == {"new": 2}


def test_what_is_known_already_is_said_and_not_sent_again(manager, page, invite):
    invite("olena@example.org")
    invite()
    both = words(manager.get(page))
    invite()

    assert "1 invitation is on its way. 1 address was invited already." in both
    assert "2 addresses were invited already." in words(manager.get(page))


def test_what_cannot_be_sent_is_refused_at_the_field_and_kept(invite, letters):
    for addresses, status, said in (
        ("", 400, "at least one address"),
        ("olena@example.org\nnobody", 400, "“nobody” is no e-mail address. Nobody has been invited yet."),
        ("\n".join(f"a{n}@example.org" for n in range(4)), 409, "fewer free seats than new addresses: 3 for 4"),
    ):
        refused = invite(addresses)

        assert (refused.status_code, said in words(refused)) == (status, True)
        assert addresses.split("\n")[0] in refused.text
    assert letters("seat_invitation") == []


def test_nobody_else_sees_a_group_and_a_stranger_signs_in_first(app, session, page, client):
    other = sign_in(app.test_client(), session, make_patron(session))

    assert (other.get(page).status_code, client.get(page).status_code) == (404, 303)
    token = token_on(other, "/account")
    assert other.post(f"{page}/invite", data={"csrf_token": token, "addresses": TWO}).status_code == 404
    assert other.post(f"{page}/invite", data={"addresses": TWO}).status_code == 400


def test_the_manager_sees_the_address_that_she_invited_and_not_the_one_of_the_account(manager, page, session, group):
    make_seat(session, group=group, email="work@example.org", patron=make_patron(session, email="own@example.org"))
    session.commit()
    shown = manager.get(page).text

    assert ("work@example.org" in shown, "own@example.org" in shown) == (True, False)
    assert "has taken the seat" in shown


def test_an_invitation_is_sent_again_withdrawn_and_a_seat_taken_back(manager, page, session, group, reader, letters):
    invited = make_seat(session, group=group, sent_at=utc_now() - timedelta(hours=2))
    taken = make_seat(session, group=group, patron=reader)
    session.commit()
    again = post(manager, f"{page}/seats/{invited.public_id}/send", page=page)

    assert (again.status_code, len(letters("seat_invitation"))) == (303, 1)
    assert "sent; again from" in words(manager.get(page))
    assert post(manager, f"{page}/seats/{invited.public_id}/send", page=page).status_code == 409
    for seat, said in ((invited, "Withdraw the invitation"), (taken, "Take the seat back")):
        removing = f"{page}/seats/{seat.public_id}/remove"
        assert said in manager.get(removing).text
        assert post(manager, removing).status_code == 303
    assert [seat.ended_by.value for seat in rows(session, Seat)] == ["withdrawn", "taken_back"]
    assert manager.get(removing).status_code == 404


def test_a_group_that_is_over_is_shown_without_ways_to_invite(manager, page, session, group):
    group.ends_at = utc_now()
    make_seat(session, group=group, expires_at=utc_now())
    session.commit()
    shown = words(manager.get(page))

    assert ("The group ended on" in shown, "Send the invitations" in shown, "Send again" in shown) == (
        True,
        False,
        False,
    )


def test_many_seats_come_in_pages(manager, page, session, group):
    told = {"group_id": group.id, "locale": "en", "times_sent": 1, "sent_at": utc_now(), "expires_at": utc_now()}
    emails = [f"reader{n:03}@example.org" for n in range(PAGE + 1)]
    session.execute(insert(Seat), [told | {"public_id": email, "email": email} for email in emails])
    session.commit()
    first, second = manager.get(page).text, manager.get(f"{page}?page=2").text

    assert ("reader099" in first, "reader100" in first, "reader100" in second) == (True, False, True)


def test_whoever_is_invited_signs_in_and_takes_her_seat(app, session, invite, codes, drain, has_access):
    invite()
    browser, address = app.test_client(), f"/groups/join?code={codes()['olena@example.org']}"
    shown = words(browser.get(address))
    asked = post(browser, "/groups/join/sign-in", _code(address) | {"email": "own@example.org"}, page=address)
    (job,) = [one.payload for one in rows(session, Job) if one.kind == "sign_in.write"]
    drain()
    (link,) = rows(session, SignInLink)
    assert _code(address)["code"] not in f"{job} {link.next_path}"
    (letter,) = [one for one in rows(session, Letter) if one.kind == "sign_in"]
    entered = post(browser, f"/sign-in/{letter.values['token']}")

    assert ("City Library invites you to a seat" in shown, 'value="olena@example.org"' in shown) == (True, True)
    assert (asked.headers["Location"], entered.headers["Location"]) == ("/sign-in/code", address)
    taken = post(browser, "/groups/join", _code(address), page=address, follow_redirects=True)
    patron = rows(session, Patron)[-1]
    assert (patron.email, has_access(patron)) == ("own@example.org", True)
    assert "You have a seat in the group City Library; it costs you nothing." in words(taken)
    assert "You have taken this seat." in words(browser.get(address))


def _code(address):
    return {"code": address.partition("code=")[2]}


def test_one_link_makes_no_more_accounts_than_letters_are_sent(session, client, invite, codes):
    invite()
    address = f"/groups/join?code={codes()['olena@example.org']}"
    told = _code(address) | {"csrf_token": token_on(client, address)}
    before = len(rows(session, Patron))
    for n in range(MOST_PER_NETWORK + 2):
        client.post("/groups/join/sign-in", data=told | {"email": f"own{n}@example.org"})

    assert len(rows(session, Patron)) == before + MOST_PER_NETWORK


def test_whoever_types_an_address_into_an_invitation_learns_nothing_of_its_erasure(
    app, session, client, invite, codes, letters
):
    invite()
    ask_erasure(session, make_patron(session, email="own@example.org"), actor="test", reason="asked")
    session.commit()
    address = f"/groups/join?code={codes()['olena@example.org']}"
    asked = post(client, "/groups/join/sign-in", _code(address) | {"email": "own@example.org"}, page=address)
    with app.app_context():
        write_link({**rows(session, Job)[-1].payload})

    assert asked.headers["Location"] == "/sign-in/code"
    assert [one.recipient for one in letters("erasure_under_way")] == ["own@example.org"]


def test_an_address_that_is_none_is_refused_on_the_page_of_the_invitation(client, invite, codes):
    invite()
    address = f"/groups/join?code={codes()['olena@example.org']}"
    refused = post(client, "/groups/join/sign-in", _code(address) | {"email": "own"}, page=address)

    assert (refused.status_code, "write an e-mail address" in refused.text) == (400, True)


def test_a_link_that_does_not_count_says_so(client):
    answer = client.get("/groups/join?code=nonsense")

    assert (answer.status_code, "This invitation does not count any more" in answer.text) == (404, True)


def test_a_group_that_begins_later_says_when(client, session, group, invite, codes):
    group.starts_at = utc_now() + timedelta(days=3)
    session.commit()
    invite()

    assert "The group begins on" in client.get(f"/groups/join?code={codes()['olena@example.org']}").text


def test_a_reader_leaves_a_group_and_a_manager_finds_hers_in_her_account(app, session, group, reader, manager):
    seat = make_seat(session, group=group, patron=reader)
    lapsed = make_seat(session, group=make_group(session, ends_at=utc_now()), patron=reader)
    make_seat(session, group=make_group(session, ends_at=None), patron=reader)
    browser = sign_in(app.test_client(), session, reader)
    account = words(browser.get("/account"))
    leaving = f"/groups/seats/{seat.public_id}/leave"

    assert (leaving in account, "ended on" in account) == (True, True)
    assert "City Library" in browser.get(leaving).text
    for _ in range(2):  # a doubled click
        left = post(browser, leaving, page="/account", follow_redirects=True)
        assert (left.status_code, "You have left the group." in left.text) == (200, True)
    assert browser.get(leaving).status_code == 404
    assert f"/groups/{group.public_id}" in manager.get("/account").text
    assert lapsed.ended_at is None
