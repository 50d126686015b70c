"""The description is true: every door is in it, it is valid, and whatever it allows is answered as it says."""

from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings, strategies
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from membership.access import service
from tests.access.asking import bearer, register
from tests.factories import make_price, make_subscription, make_tier

# A code that nobody was given is as well-formed as one that somebody was (400, as in OAuth), and not all that JSON
# Schema takes for an address is one.
PARTICULAR = {"POST /access/token", "POST /api/v1/access"}
UNDESCRIBED = {"oidc.discover", "access.go_back", "access.hand_over", "access.let_page_ask", "openapi.document"}
DOORS = ("/api/", "/access/", "/.well-known/")


@pytest.fixture
def document(client):
    return client.get("/api/openapi.json").json


def test_every_door_for_programs_is_described(app, document):
    doors = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(DOORS)]
    missing = {rule.endpoint for rule in doors if not hasattr(app.view_functions[rule.endpoint], "described")}

    assert missing == UNDESCRIBED
    assert {rule.rule.replace("<", "{").replace(">", "}") for rule in doors if rule.endpoint not in missing} <= set(
        document["paths"]
    )


def test_what_takes_an_idempotency_key_says_so(app, document):
    for path in ("/access/token", "/access/pass", "/api/v1/links"):
        named = {parameter["name"] for parameter in document["paths"][path]["post"]["parameters"]}
        assert "Idempotency-Key" in named


def test_people_can_read_it_too(client, document):
    page = client.get("/developers").text

    for path, operations in document["paths"].items():
        assert path in page
        assert all(operation["summary"] and operation["description"] for operation in operations.values())


@pytest.fixture
def site(session):
    site, key = register(session)
    site.scopes = ["email", "link"]
    tier = make_tier(session, slug="friend", flags=["vote"])
    patron = make_subscription(session, price=make_price(session, tier=tier)).patron
    service.subject_of(session, site.id, patron.id)
    session.commit()
    return key


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_whatever_the_description_allows_or_not_is_answered_as_it_says(app, site, mode):
    asked = set()

    @settings(max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(data=strategies.data())
    def answers_as_described(operation, data):
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if mode is GenerationMode.POSITIVE and "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = uuid4().hex  # another request under a key that was used is refused
        asked.add(operation.label)
        excluded = [positive_data_acceptance] if operation.label in PARTICULAR else []
        case.call_and_validate(headers=bearer(site), excluded_checks=excluded)

    for found in schemathesis.openapi.from_wsgi("/api/openapi.json", app).get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.POSITIVE or operation.body or operation.path_parameters or operation.query:
            answers_as_described(operation)

    assert len(asked) > 8
