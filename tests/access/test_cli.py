import json

import pytest

from membership.access import service
from membership.audit.models import AuditEntry
from membership.clock import utc_now
from tests.access.asking import bearer

ADD = ["sites", "add", "open-daily", "--name", "The Open Daily", "--origin", "http://localhost:8002"]


@pytest.fixture
def run(app):
    def ran(*words):
        return app.test_cli_runner().invoke(args=[*words])

    return ran


def test_a_registered_site_may_ask(run, client):
    told = json.loads(run(*ADD, "--return-url", "http://localhost:8002/return", "--json").output)

    assert told["audience"] == "open-daily"
    assert client.get("/api/v1/access/nobody", headers=bearer(told["key"])).status_code == 404


def test_the_key_is_told_in_words(run):
    assert "Its key, shown once: site_" in run(*ADD).output


def test_a_site_is_registered_once(run):
    run(*ADD)
    again = run(*ADD)

    assert again.exit_code == 1
    assert "There is a site of this name or audience already." in again.output


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["sites", "add", "Open Daily", "--name", "x"], "slug"),
        (["sites", "add", "daily", "--name", " "], "name"),
        ([*ADD, "--origin", "http://daily.example"], "origins"),
        ([*ADD, "--origin", "https://daily.example/"], "origins"),
        ([*ADD, "--origin", "https://me@daily.example"], "origins"),
        ([*ADD, "--origin", "https://*.daily.example"], "origins"),
        ([*ADD, "--origin", "https://Daily.example"], "origins"),
        ([*ADD, "--origin", "https://daily.example:443"], "origins"),
        ([*ADD, "--return-url", "https://daily.example/?a=b"], "return_urls"),
        ([*ADD, "--return-url", "https://daily.example/#top"], "return_urls"),
        ([*ADD, "--return-url", "javascript:alert(1)"], "return_urls"),
    ],
)
def test_a_site_that_cannot_be_is_refused(run, words, field):
    refusal = run(*words)

    assert refusal.exit_code == 1
    assert f"({field})" in refusal.output


def test_a_new_key_works_beside_the_old_ones_for_a_day(run, session):
    run(*ADD)
    told = run("sites", "rotate-key", "open-daily").output

    assert "work for another 24 hours" in told
    assert len(service.list_keys(session, service.get_site(session, "open-daily"))) == 2


def test_a_new_key_can_replace_the_old_ones_at_once(run, session):
    run(*ADD)
    told = json.loads(run("sites", "rotate-key", "open-daily", "--at-once", "--json").output)

    assert told["key"].startswith("site_")
    assert [key.works(utc_now()) for key in service.list_keys(session, service.get_site(session, "open-daily"))] == [
        True,
        False,
    ]


def test_an_unknown_site_gets_no_key(run):
    assert "We do not know this site." in run("sites", "rotate-key", "nobody").output


def test_the_sites_are_listed_with_the_use_of_their_keys(run, client):
    before = run("sites", "list").output
    key = json.loads(run(*ADD, "--json").output)["key"]
    unused = run("sites", "list").output
    client.get("/api/v1/access/nobody", headers=bearer(key))
    [site] = json.loads(run("sites", "list", "--json").output)["sites"]

    assert "No site yet" in before
    assert "never" in unused
    assert site["keys_last_used"][0].startswith(str(utc_now().year))
    assert key not in unused


def test_keys_are_made_listed_and_destroyed(run):
    first = json.loads(run("keys", "list", "--json").output)["keys"]
    both = json.loads(run("keys", "rotate", "--json").output)["keys"]
    left = run("keys", "rotate", "--remove", both[1]["kid"]).output

    assert [key["signs"] for key in first] == [True]
    assert [key["signs"] for key in both] == [True, False]
    assert left.split() == [first[0]["kid"], "made", first[0]["made_at"], "signs"]


def test_compromised_keys_are_destroyed_at_once(run, client, session):
    [old] = json.loads(run("keys", "list", "--json").output)["keys"]
    [new] = json.loads(run("keys", "rotate", "--compromised", "--json").output)["keys"]
    published = client.get("/.well-known/jwks.json")

    assert old["kid"] != new["kid"]
    assert [key["kid"] for key in published.json["keys"]] == [new["kid"]]
    assert published.headers["Cache-Control"] == "public, max-age=300"
    assert session.query(AuditEntry).one().action == "keys.compromised"


def test_one_key_is_removed_or_all_are_compromised(run):
    assert run("keys", "rotate", "--compromised", "--remove", "1-x").exit_code == 2


def test_the_key_that_signs_is_not_destroyed(run):
    [key] = json.loads(run("keys", "list", "--json").output)["keys"]
    refusal = run("keys", "rotate", "--remove", key["kid"])

    assert refusal.exit_code == 1
    assert "This key signs passes now." in refusal.output


def test_a_folder_that_cannot_be_used_is_one_clear_line(run, settings):
    settings.pass_keys_dir.write_text("not a folder")
    refusal = run("keys", "list")

    assert refusal.exit_code == 1
    assert refusal.output.startswith("Error: PASS_KEYS_DIR")


def test_what_was_done_to_sites_and_keys_is_noted(run, session):
    run(*ADD)
    run("sites", "rotate-key", "open-daily")
    run("keys", "rotate")

    assert [entry.action for entry in session.query(AuditEntry)] == ["site.added", "site.key_rotated", "key.made"]


def test_a_site_is_shown_and_described_anew(run):
    run(*ADD, "--scope", "email")
    told = json.loads(run("sites", "set", "open-daily", "--name", "Daily", "--clear", "scopes", "--json").output)
    words = run("sites", "show", "open-daily").output

    assert (told["name"], told["origins"], told["scopes"]) == ("Daily", ["http://localhost:8002"], [])
    assert "name: Daily" in words
    assert "last used: never  works" in words


def test_a_site_has_several_keys_and_each_ends_alone(run, client):
    first = json.loads(run(*ADD, "--json").output)["key"]
    second = json.loads(run("sites", "add-key", "open-daily", "--json").output)["key"]
    numbers = [row["number"] for row in json.loads(run("sites", "show", "open-daily", "--json").output)["keys"]]
    ended = run("sites", "revoke-key", "open-daily", str(numbers[-1]))

    answers = [client.get("/api/v1/access/nobody", headers=bearer(key)).status_code for key in (first, second)]
    assert answers == [401, 404]
    assert "does not work any more" in ended.output
    assert "ended" in run("sites", "show", "open-daily").output


def test_a_key_that_a_site_does_not_have_cannot_be_ended(run):
    run(*ADD)

    assert "The site has no such key." in run("sites", "revoke-key", "open-daily", "99").output
