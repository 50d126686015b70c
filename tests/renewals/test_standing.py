"""Pausing, going on, stopping: on the account's pages, and from a letter without signing in."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.db import session as reading
from membership.db import transaction
from membership.gateway.values import PriceChange
from membership.ledger.models import Account
from membership.ledger.service import balances
from membership.mail.links import number_of, path_of, without_links
from membership.mail.models import Letter
from membership.money import Money
from membership.patrons.models import Patron
from membership.payments.fulfilment import look_up_invoice
from membership.payments.models import Refund
from membership.reports.rules import Window
from membership.reports.service.movements import list_cells
from membership.subscriptions import handlers, rules, service
from membership.subscriptions.errors import LinkOver, NotOnce, PauseNotOffered, PauseTooLong
from membership.subscriptions.models import InvoiceStatus, LetterLink, Purpose, Stop, SubscriptionStatus
from membership.subscriptions.rules import Standing
from membership.tiers.models import PriceKind
from tests.browsing import post, token_on
from tests.conftest import make_settings
from tests.factories import make_price, make_tier
from tests.subscriptions.making import letters, rows

PAUSE, RESUME, STOP = (f"/account/subscription/{act}" for act in ("pause", "resume", "stop"))
SECRET = make_settings().secret_key.get_secret_value()


@pytest.fixture
def link(order, row):
    """Return the address of a link in Olena's letters."""

    def make(purpose):
        with transaction() as session:
            number = service.link_for(session, session.merge(row(order)), Purpose(purpose))
        return path_of(number, SECRET)

    return make


def renew(story, order):
    """Let a month be paid, and record it."""
    story.gateway.renew(order)
    story.record(look_up_invoice(story.gateway, next(iter(story.gateway.list_invoices_of(order))).id))


def test_a_pause_is_offered_with_its_days_and_spares_the_months(reader, row, order, session):
    shown = reader.get(PAUSE).text
    before = row(order).period_ends_at
    post(reader, PAUSE, {"months": "2"})

    paused = row(order)
    assert "3 months" in shown
    assert rules.standing_of(paused) is Standing.PAUSED
    assert rules.pays_again_at(paused) == rules.months_after(before, 2, paused.started_at.day)
    assert letters(session)[-1] == "paused"
    assert "is paused until" in reader.get("/account").text


def test_more_months_than_are_offered_are_refused(reader, order):
    assert post(reader, PAUSE, {"months": "4"}).status_code == 400


def test_going_on_within_the_paid_time_costs_nothing_today(reader, row, order, gateway, session):
    post(reader, PAUSE, {"months": "1"})
    shown = reader.get(RESUME).text
    post(reader, RESUME)
    post(reader, RESUME, page="/account")

    assert "Nothing is charged today." in shown
    assert row(order).paused_until is None
    assert len(list(gateway.list_invoices_of(order))) == 1
    assert letters(session)[-2:] == ["paused", "resumed"]


def test_going_on_after_the_paid_time_is_charged_today_and_said_before(reader, olena, order, gateway):
    post(reader, PAUSE, {"months": "2"})
    with time_machine.travel(utc_now() + timedelta(days=40)):
        gateway.renew(order)
        assert "You are charged €5 today" in reader.get(RESUME).text
        handlers.resume(olena.id, utc_now())

    assert [one.status for one in gateway.list_invoices_of(order)] == ["paid", "void", "paid"]


def test_a_pause_that_is_over_by_itself_is_no_news(story, olena, order, row, session):
    handlers.pause(olena.id, 1)
    until = row(order).paused_until
    story.gateway.renew(order)
    with time_machine.travel(until + timedelta(minutes=5), tick=False):
        # The provider has ended the pause; its next period has not begun yet.
        handlers.mirror(story.gateway.resume(order, charge_now=False, key="by itself"))
        still = row(order).paused_until
    story.gateway.renew(order)
    with time_machine.travel(until + timedelta(hours=2), tick=False):
        handlers.mirror(story.gateway.get_subscription(order))

    assert still == until
    assert row(order).paused_until is None
    assert letters(session).count("resumed") == 0


@pytest.mark.parametrize(("interval", "months"), [("year", 3), ("month", 0)])
def test_what_cannot_be_paused_says_so(reader, session, order, row, interval, months):
    price = session.merge(row(order).price)
    price.interval, price.tier.pause_months = interval, months
    session.commit()
    row(order)

    assert "Only monthly support can be paused." in reader.get(PAUSE).text
    with pytest.raises(PauseNotOffered):
        rules.pause_until(row(order), 1)


def test_a_pause_is_as_long_as_the_tier_bears(order, row):
    with pytest.raises(PauseTooLong):
        rules.pause_until(row(order), 4)


def test_why_she_stops_is_kept_if_she_tells(reader, order, session):
    post(reader, STOP, {"reason": "money", "words": "A hard month"})

    (stop,) = rows(session, Stop)
    assert (stop.door, stop.reason, stop.words) == ("account", "money", "A hard month")


def test_whoever_stops_while_late_ends_at_once_and_is_asked_for_nothing(reader, story, order, row):
    story.gateway.fail_renewal(order)
    newest = next(iter(story.gateway.list_invoices_of(order)))
    story.record(look_up_invoice(story.gateway, newest.id))
    shown = reader.get(STOP).text
    post(reader, STOP)

    assert "not tried any more" in shown
    assert row(order).status is SubscriptionStatus.ENDED
    assert story.gateway.get_invoice(newest.id).status == InvoiceStatus.VOID


def test_an_invoice_that_was_paid_meanwhile_does_not_keep_an_end(story, order, row, olena):
    story.gateway.fail_renewal(order)
    newest = next(iter(story.gateway.list_invoices_of(order)))
    story.record(look_up_invoice(story.gateway, newest.id))
    story.gateway.refuses = {"void_invoice"}

    handlers.stop(olena.id)

    assert row(order).status is SubscriptionStatus.ENDED


def test_a_link_in_a_letter_stops_without_signing_in_and_only_when_pressed(client, link, row, order, session):
    where = link("stop")
    shown = client.get(where)
    before = row(order).cancel_at
    done = post(client, f"{where}/stop", {"reason": "nonsense"}, page=where)

    assert (shown.status_code, before) == (200, None)
    assert "You will not be charged again." in done.text
    assert row(order).cancel_at is not None
    assert (rows(session, Stop)[0].door, rows(session, Stop)[0].reason) == ("letter", None)
    assert "It is ending on" in client.get(where).text


def test_a_link_in_a_letter_pauses(client, link, row, order):
    where = link("stop")
    post(client, f"{where}/pause", {"months": "1"}, page=where)

    assert row(order).paused_until is not None
    assert "Or pause" not in client.get(where).text


def test_a_late_payment_is_said_to_end_today(client, story, link, order):
    story.gateway.fail_renewal(order)
    story.record(look_up_invoice(story.gateway, next(iter(story.gateway.list_invoices_of(order))).id))

    assert "your support ends today" in client.get(link("stop")).text


def test_the_first_letter_makes_a_single_gift_of_it(client, link, row, order, session, story):
    where = link("once")
    shown = client.get(where).text
    post(client, f"{where}/once", page=where)

    assert "You meant to give once" in shown
    assert row(order).cancel_at is not None
    assert rows(session, Refund) == []
    assert ("made_once" in letters(session), "stopping" in letters(session)) == (True, False)


def test_a_link_that_was_used_says_so_until_she_changes_her_mind(client, link, row, order, session):
    where = link("once")
    offered = token_on(client, where)
    post(client, f"{where}/once", page=where)
    seen, again = client.get(where), client.post(f"{where}/once", data={"csrf_token": offered})
    assert ["Make it a single gift" in page.text for page in (seen, again)] == [False, False]
    assert len(rows(session, Stop)) == 1

    handlers.go_on(row(order).patron_id)
    assert "Make it a single gift" in client.get(where).text
    handlers.stop(row(order).patron_id)
    assert letters(session)[-1] == "stopping"


def test_what_was_meant_once_is_booked_and_reported_as_a_gift(client, link, order, session, story, sound_books):
    renew(story, order)
    where = link("once")
    post(client, f"{where}/once", page=where)

    held, month = balances(session), utc_now()
    assert (held[Account.SUBSCRIPTION_INCOME, "eur"], held[Account.DONATION_INCOME, "eur"]) == (-500, -500)
    cells = list_cells(session, [Window(month.date(), month - timedelta(days=70), month + timedelta(days=70))])
    session.rollback()
    assert {(one.purpose, bool(one.tier)): one.gross for one in cells} == {
        ("subscription", True): 500,
        ("donation", False): 500,
    }


def test_the_second_payment_comes_back(client, link, row, order, session, story, drain):
    renew(story, order)
    where = link("once")
    done = post(client, f"{where}/once", page=where)

    (refund,) = rows(session, Refund)
    assert "the second payment goes back to you" in done.text
    assert (refund.status, refund.amount.minor) == ("succeeded", 500)
    assert row(order).status is SubscriptionStatus.ENDED
    drain()
    assert len(rows(session, Refund)) == 1
    assert client.get(where).status_code == 410


def test_a_second_payment_that_went_back_already_is_not_sent_twice(client, link, order, story, session):
    renew(story, order)
    newest = next(iter(story.gateway.list_invoices_of(order)))
    story.gateway.refund(newest.payment_intent_ids[0], newest.total, reference="", key="by hand")
    story.record(look_up_invoice(story.gateway, newest.id))
    where = link("once")
    post(client, f"{where}/once", page=where)

    assert len(rows(session, Refund)) == 1


def test_after_a_third_payment_or_a_month_it_is_too_late(client, link, order, story):
    renew(story, order)
    where = link("once")
    with time_machine.travel(utc_now() + timedelta(days=70), tick=False):
        too_late = client.get(where)
    renew(story, order)
    third = client.get(where)

    assert (too_late.status_code, third.status_code) == (409, 409)
    assert NotOnce.message in third.text


def test_each_link_does_one_thing(client, link, order):
    stop, once = link("stop"), link("once")
    token = token_on(client, stop)

    for path in (f"{once}/stop", f"{once}/pause", f"{stop}/once"):
        assert client.post(path, data={"csrf_token": token, "months": "1"}).status_code == 410


@pytest.mark.parametrize("token", ["1-0000", "x-1", "9999999999999999999999-1", "1-ї", "7", "²-1"])
def test_nobody_writes_a_link_herself(client, link, order, token):
    link("stop")

    assert client.get(f"/letter/{token}").status_code == 410


def test_a_link_is_known_by_any_secret_that_still_counts_and_hidden_in_what_is_kept():
    path = path_of(17, "the old secret")

    assert number_of(path.removeprefix("/letter/"), ["the new secret", "the old secret"]) == 17
    assert number_of(path.removeprefix("/letter/"), ["the new secret"]) is None
    assert without_links(f"Stop here: http://localhost{path} or not") == "Stop here: http://localhost/letter/… or not"


def test_the_copy_that_staff_see_has_no_link(order, session, drain, app, monkeypatch):
    monkeypatch.setattr("membership.mail.handlers.send", lambda message, url: None)
    drain()

    welcome = next(letter for letter in rows(session, Letter) if letter.kind == "welcome")
    assert "/letter/…" in welcome.text
    assert "/letter/1" not in welcome.text + welcome.html


def test_a_link_ends_with_its_subscription(order, row, link):
    link("stop")
    handlers.end_now(order)
    reading().expire_all()

    with pytest.raises(LinkOver):
        service.get_link(reading(), 1)
    with pytest.raises(LinkOver):
        service.get_link(reading(), None)


def test_the_same_link_serves_all_letters(order, session, link):
    assert link("stop") == link("stop")
    assert len([one for one in rows(session, LetterLink) if one.purpose is Purpose.STOP]) == 1


def test_staff_act_on_a_patrons_behalf_and_it_is_noted(app, order, olena, session):
    def flask(*words):
        result = app.test_cli_runner().invoke(args=["subscriptions", *words, "--reason", "she called"])
        assert result.exit_code == 0, result.output
        return result.output

    assert "is paused" in flask("pause", olena.public_id, "--months", "1")
    assert "is active" in flask("resume", olena.public_id)
    assert "is ending" in flask("stop", olena.public_id)
    assert [(stop.door, stop.words) for stop in rows(session, Stop)] == [("staff", "she called")]
    assert [entry.action.rpartition(".")[2] for entry in rows(session, AuditEntry)] == ["paused", "resumed", "stopped"]


def give_more(story, order, minor):
    """Let Olena give more from now on, and record what that costs today."""
    price_id = f"price_{minor}"
    story.gateway.add_price(price_id, Money(minor, "eur"), "month")
    with transaction() as session:
        price = service.get_live_subscription(session, session.scalars(select(Patron.id)).one()).price
        make_price(
            session, tier=price.tier, kind=PriceKind.CHOSEN, stripe_price_id=price_id, amount=Money(minor, "eur")
        )
    found = story.gateway.get_subscription(order)
    wish = PriceChange(order, found.item_id, price_id, utc_now().replace(microsecond=0))
    story.gateway.change_price(wish, key=str(minor))
    story.record(look_up_invoice(story.gateway, next(iter(story.gateway.list_invoices_of(order))).id))


def receipts_with_link(session):
    told = [letter for letter in rows(session, Letter) if letter.kind == "receipt_renewal"]
    return ["once_link" in letter.values for letter in told]


def test_what_was_chosen_more_stays_and_what_followed_comes_back(client, link, row, order, session, story, sound_books):
    give_more(story, order, 800)
    renew(story, order)
    where = link("once")
    shown = client.get(where).text
    post(client, f"{where}/once", page=where)

    assert "a single gift of €8." in shown
    assert "goes back to you, €8;" in shown
    assert [refund.amount.minor for refund in rows(session, Refund)] == [800]
    told = next(letter for letter in rows(session, Letter) if letter.kind == "made_once").values
    assert (told["amount"]["minor"], told["returned"]["minor"]) == (800, 800)
    assert receipts_with_link(session) == [True]


def test_the_link_is_in_no_letter_that_comes_too_late_for_it(order, session, story):
    for _ in range(2):
        renew(story, order)

    assert receipts_with_link(session) == [True, False]


def test_what_she_gave_at_first_is_told_though_she_gives_less_now(client, link, row, order, session, story):
    """She paid 5 as a Friend, gives 3 as another tier now, and 2 of the first went back."""
    first = next(iter(story.gateway.list_invoices_of(order)))
    story.gateway.refund(first.payment_intent_ids[0], Money(200, "eur"), reference="", key="part")
    story.record(look_up_invoice(story.gateway, first.id))
    with transaction() as current:
        subscription = current.merge(row(order))
        subscription.price = make_price(
            current, tier=make_tier(current, name={"en": "Circle"}), amount=Money(400, "eur")
        )
    where = link("once")
    shown = client.get(where).text
    post(client, f"{where}/once", page=where)

    told = next(letter for letter in rows(session, Letter) if letter.kind == "made_once").values
    assert "a single gift of €3." in shown
    assert (told["tier"]["en"], told["amount"]["minor"]) == ("Friend", 300)
    assert "returned" not in told


def test_a_gift_of_which_nothing_stays_is_no_single_one(client, link, order, story):
    first = next(iter(story.gateway.list_invoices_of(order)))
    story.gateway.refund(first.payment_intent_ids[0], first.total, reference="", key="all")
    story.record(look_up_invoice(story.gateway, first.id))

    assert client.get(link("once")).status_code == 409
