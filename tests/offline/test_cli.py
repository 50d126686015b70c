"""Other ways, gifts past Stripe and the bank's files, by command."""

import json

from membership.money import Money
from membership.offline import service
from membership.offline.models import BankLine
from membership.payments.models import Payment
from tests.factories import make_patron
from tests.offline.statements import camt, entry
from tests.subscriptions.making import rows


def run(app, *words):
    return app.test_cli_runner().invoke(args=list(words))


def test_ways_are_opened_listed_and_closed(app):
    assert "No other way" in run(app, "ways", "list").output
    texts = ["--text-en", "Send a cheque.", "--text-uk", "Надішліть чек."]
    assert run(app, "ways", "set", "paypal", *texts, "--detail", "url=https://paypal.example").exit_code == 0
    (way,) = json.loads(run(app, "ways", "list", "--json").output)
    assert (way["kind"], way["details"]) == ("paypal", {"url": "https://paypal.example"})
    assert run(app, "ways", "set", "bank", *texts, "--detail", "iban=DE00").exit_code == 1
    assert run(app, "ways", "close", "paypal").exit_code == 0


def test_a_gift_is_entered_and_given_back(app):
    told = ["--amount", "50", "--method", "cheque", "--received-on", "2026-11-03", "--email", "olena@example.org"]
    number = json.loads(run(app, "offline", "enter", *told, "--anonymous", "--json").output)["receipt_number"]
    part = run(app, "offline", "give-back", number, "--reason", "half", "--amount", "20")
    rest = run(app, "offline", "give-back", number, "--reason", "it bounced", "--json")
    wrong = run(app, "offline", "enter", *told[:-4], "--received-on", "2999-01-01")

    assert part.output == f"€20 of {number} went back.\n"
    assert json.loads(rest.output)["minor"] == 3000
    assert run(app, "offline", "give-back", number, "--reason", "again").exit_code == 1
    assert wrong.exit_code == 1


def test_what_comes_past_the_provider_may_be_any_amount(app, session):
    told = ["--amount", "5.123", "--currency", "kwd", "--method", "bank", "--received-on", "2026-11-03"]
    assert run(app, "offline", "enter", *told, "--email", "olena@example.org").exit_code == 0

    assert [one.gross for one in rows(session, Payment)] == [Money(5123, "kwd")]


def test_a_file_is_read_and_its_lines_are_decided(app, session, account, tmp_path):
    patron = make_patron(session, name="Olena Kovalenko")
    reference = service.reference_for(session, patron.id)
    session.commit()
    assert run(app, "bank", "list").output == "Nothing waits.\n"
    path = tmp_path / "a.xml"
    path.write_bytes(camt(entry("1", text=reference), *(entry(str(n), payer="Olena Kovalenko") for n in range(2, 6))))
    read = run(app, "bank", "import", str(path), "--accept-matched")
    path.write_bytes(camt(entry("9", text=reference)))
    run(app, "bank", "import", str(path))

    assert read.output == "new: 5, known: 0, left out: 0, booked: 1\n"
    assert run(app, "bank", "accept-matched").output == "Booked: 1\n"
    first, second, third, _ = [line for line in rows(session, BankLine) if line.donation_id is None]
    assert "suggested" in run(app, "bank", "list").output
    assert len(json.loads(run(app, "bank", "list", "--json").output)) == 4
    assert run(app, "bank", "accept", str(first.id)).exit_code == 0
    assert run(app, "bank", "assign", str(second.id), "--email", "ivan@example.org").exit_code == 0
    assert run(app, "bank", "reject", str(third.id), "--reason", "rent").exit_code == 0
    again = run(app, "bank", "reject", str(third.id), "--reason", "rent")
    assert (again.exit_code, "Traceback" in again.output) == (1, False)
