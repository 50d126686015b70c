"""The matrix is the behaviour: every route, every method, every role; nobody without the second factor."""

from datetime import timedelta

import pytest

from membership.access.models import Comp
from membership.access.service import list_keys
from membership.clock import utc_now
from membership.patrons.models import Role
from membership.patrons.rules import reaches
from membership.topics.models import TopicComment
from tests.access.asking import register
from tests.browsing import token_on
from tests.factories import make_group, make_patron, make_payment, make_round, make_seat, make_tier
from tests.staff.matrix import MATRIX
from tests.staff.signing_in import make_staff, sign_in, staff_client

# Its own pages let staff through who have not shown their second factor yet: that is what they are for.
SECOND_FACTOR = "second_factor."
ACTS = [entry for entry in MATRIX if entry.method == "POST"]
READ_ONLY = {"HEAD", "OPTIONS"}


@pytest.fixture
def names(session):
    patron, round, payment = make_patron(session), make_round(session), make_payment(session)
    comp = Comp(patron_id=patron.id, tier_id=make_tier(session).id, starts_at=utc_now(), reason="A guest of ours")
    comp.ends_at = utc_now() + timedelta(days=3)
    topic = round.topics[0].topic
    comment = TopicComment(topic_id=topic.id, patron_id=patron.id, signed_as="", text="Well", created_at=utc_now())
    session.add_all([comp, comment])
    site, _ = register(session)
    group = make_group(session)
    return {
        "receipt": payment.receipt_number,
        "patron": patron.public_id,
        "comp": comp.id,
        "line": 1,
        "round": round.slug,
        "topic": topic.slug,
        "comment": comment.id,
        "group": group.public_id,
        "seat": make_seat(session, group=group).public_id,
        "site": site.slug,
        "key": list_keys(session, site)[0].id,
    }


def ask(client, entry, names):
    path = entry.path.format(**names)
    if entry.method == "GET":
        return client.get(path, buffered=True)
    return client.post(path, data={"csrf_token": token_on(client, "/vote")})


def test_every_route_of_the_newsroom_is_in_the_matrix(app):
    routes = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - READ_ONLY
        if (rule.rule == "/staff" or rule.rule.startswith("/staff/")) and not rule.endpoint.startswith(SECOND_FACTOR)
    }

    assert routes == {(entry.method, f"staff.{entry.endpoint}") for entry in MATRIX}
    assert len(MATRIX) == len(routes)


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_matrix_says_and_no_more(app, session, names, role):
    client = staff_client(app, session, role)

    for entry in MATRIX:
        answer = ask(client, entry, names)

        assert (answer.status_code != 403) is reaches(role, entry.role), entry
        assert "/sign-in" not in answer.headers.get("Location", ""), entry


def test_nobody_gets_in_without_the_second_factor(app, session, names):
    client = sign_in(app.test_client(), session, make_staff(session, Role.ADMIN), has_second_factor=False)

    for entry in MATRIX:
        answer = ask(client, entry, names)

        assert answer.status_code == 303, entry
        assert answer.location.startswith("/staff/second-factor"), entry


def test_nobody_gets_in_without_signing_in(client, names):
    for entry in MATRIX:
        answer = ask(client, entry, names)

        assert answer.status_code == 303, entry
        assert answer.location.startswith("/sign-in"), entry


def test_readers_and_former_staff_do_not_get_in(app, session, names):
    former = make_staff(session, Role.ADMIN)
    former.staff.disabled_at = utc_now()
    browsers = [sign_in(app.test_client(), session, patron) for patron in (make_patron(session), former)]

    for entry in MATRIX:
        assert [ask(client, entry, names).status_code for client in browsers] == [403, 403], entry


@pytest.mark.parametrize(
    "entry", [entry for entry in MATRIX if entry.method == "POST"], ids=lambda entry: entry.endpoint
)
def test_nothing_is_done_without_the_token_of_a_form(admin, names, entry):
    assert admin.post(entry.path.format(**names)).status_code == 400


def test_a_role_that_was_taken_away_counts_at_once(app, session):
    patron = make_staff(session, Role.ADMIN)
    client = sign_in(app.test_client(), session, patron)
    assert client.get("/staff").status_code == 200

    patron.staff.disabled_at = utc_now()
    session.commit()

    assert client.get("/staff").status_code == 403
