"""What the provider takes, as staff say it."""

import json

import pytest

NAMES = ["--name-en", "a card from Europe", "--name-uk", "картка з Європи"]


def run(app, *words):
    return app.test_cli_runner().invoke(args=["fees", *words])


def test_fees_are_set_listed_and_forgotten(app):
    made = run(app, "set", "eur", "card_eea", "--percent", "1.5", "--fixed", "0.25", *NAMES)
    capped = run(app, "set", "eur", "sepa", "--percent", "0.8%", "--cap", "5", *NAMES)

    assert made.output == "eur card_eea: 1.5% and €0.25 (a card from Europe)\n"
    assert capped.output == "eur sepa: 0.8% and €0, €5 at most (a card from Europe)\n"
    assert [rate["basis_points"] for rate in json.loads(run(app, "list", "--json").output)] == [150, 80]
    for kind in ("card_eea", "sepa"):
        assert run(app, "forget", "eur", kind).exit_code == 0
    assert "cannot cover fees yet" in run(app, "list").output


@pytest.mark.parametrize("percent", ["", "1,5", "-1", "1e1", "21", "0.125"])
def test_a_share_that_cannot_be_read_is_refused_in_one_line(app, percent):
    refused = run(app, "set", "eur", "card", "--percent", percent, *NAMES)

    assert refused.exit_code == 1
    assert refused.output.startswith("Error: A share is written in percent")
