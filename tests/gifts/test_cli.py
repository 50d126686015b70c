"""Gifts as staff see them and act on them by command."""

import json

from membership.access.service import flags_of
from membership.clock import utc_now
from membership.patrons.models import Patron
from tests.subscriptions.making import rows


def run(app, *words):
    return app.test_cli_runner().invoke(args=["gifts", *words])


def test_gifts_are_listed_without_names_and_codes(app, giving):
    assert "Nobody has given" in run(app, "list").output
    gift = giving.give()
    (told,) = json.loads(run(app, "list", "--json").output)

    assert (told["id"], told["state"], told["tier"], told["months"]) == (gift.public_id, "sent", "friend", 3)
    assert "Olena" not in run(app, "list").output


def test_a_code_is_sent_again_and_a_gift_returned(app, giving):
    gift = giving.give()

    assert run(app, "send-again", gift.public_id, "--to", "new@example.org").exit_code == 0
    assert giving.letters("gift_code")[-1].recipient == "new@example.org"
    assert run(app, "return", gift.public_id, "--reason", "she asked").exit_code == 0
    refused = run(app, "return", gift.public_id, "--reason", "again")
    assert (refused.exit_code, "Traceback" in refused.output) == (1, False)


def test_a_void_gift_gives_nothing_any_more(app, giving):
    gift = giving.give()
    giving.redeem(giving.code())
    assert run(app, "void", gift.public_id, "--reason", "stolen card").exit_code == 0
    (patron,) = rows(giving.session, Patron)

    assert flags_of(giving.session, patron.id, utc_now()) == set()
    giving.session.commit()
    other = giving.give(recipient_name="Ivan")
    run(app, "void", other.public_id, "--reason", "a mistake")
    assert giving.redeem(giving.code()).status_code == 409
