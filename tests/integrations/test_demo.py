"""What the demonstration fills in, by the commands and rules that any newsroom uses."""

from demo import giving, past_cards, seats
from membership.clock import utc_now
from membership.groups.models import Seat
from membership.offline.models import BankLine
from membership.payments.models import Payment
from tests.factories import make_patron, make_tier
from tests.subscriptions.making import rows


def test_its_other_ways_fees_and_transfers_are_taken_and_shown(app, client, session, tmp_path):
    make_patron(session, name="Olivia Hart")
    session.commit()
    runner, statement = app.test_cli_runner(), giving.statement(tmp_path, utc_now())
    for command in (*giving.commands(), *giving.entries(utc_now()), statement.command()):
        said = runner.invoke(args=command)
        assert said.exit_code == 0, said.output

    english, ukrainian = client.get("/ways").text, client.get("/ways?lang=uk").text
    assert past_cards.BANK["iban"][:4] in english
    assert "Make it out to The Open Daily" in english
    assert "Випишіть його на The Open Daily" in ukrainian
    assert len(rows(session, Payment)) == len(past_cards.PAST_THE_CARDS)
    assert [line.match for line in rows(session, BankLine)] == ["suggested", "unknown", "unknown"]


def test_its_library_has_readers_in_some_of_its_seats(context, session):
    make_tier(session, slug="friend")
    session.commit()
    seats.seat_all()

    assert sum(seat.patron_id is not None for seat in rows(session, Seat)) == len(seats.TAKEN)
