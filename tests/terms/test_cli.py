"""Which money is how much time, as staff say it."""

import json

from tests.factories import make_tier


def run(app, *words):
    return app.test_cli_runner().invoke(args=["terms", *words])


def test_a_policy_is_set_listed_and_ended(app, session):
    make_tier(session, slug="friend")
    session.commit()
    made = run(app, "set-policy", "eur", "--month", "5", "--tier", "friend", "--cards")

    assert made.output == "€5 is a month of friend, 12 months at most, gifts by card too\n"
    (policy,) = json.loads(run(app, "policies", "--json").output)
    assert policy == {
        "month": {"minor": 500, "currency": "eur"},
        "tier": "friend",
        "most_months": 12,
        "patience_days": 10,
        "counts_cards": True,
    }
    assert run(app, "end-policy", "eur").exit_code == 0
    assert "gives no time" in run(app, "policies").output


def test_a_policy_in_an_unknown_currency_is_refused_in_one_line(app):
    refused = run(app, "set-policy", "doge", "--month", "5", "--tier", "friend")

    assert (refused.exit_code, "Traceback" in refused.output) == (1, False)
