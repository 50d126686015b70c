"""Who pays herself and accepts a gift: nothing is charged while the gift runs, and it goes on by itself."""

from datetime import timedelta

import pytest
import time_machine

from membership.clock import utc_now
from membership.db import transaction
from membership.gifts.invariants import INVARIANTS
from membership.gifts.models import Gift, GiftPause, PauseStatus
from membership.gifts.service.pausing import NOTICE
from membership.mail.rendering import compose
from membership.payments import fulfilment
from membership.renewals import service as renewals
from membership.subscriptions import rules
from membership.subscriptions.models import Subscription
from membership.terms.models import Term
from membership.terms.rules import add_months
from tests.browsing import post
from tests.conftest import make_settings
from tests.payments.story import Story
from tests.subscriptions.making import rows, sign_in

DAY = timedelta(days=1)


class Olena:
    """Somebody who gives five euros a month, or for another interval, and is signed in."""

    def __init__(self, giving, client, interval):
        self.giving, self.client, self.gateway = giving, client, giving.gateway
        self.story = Story(giving.gateway)
        with giving.app.app_context():
            patron, price = self.story.patron(name="Olena"), self.story.price()
            with transaction() as session:
                session.merge(price).interval = interval
            giving.gateway.add_price(price.stripe_price_id, price.amount, interval)
            checkout = giving.gateway.pay_checkout(self.story.open_subscription(patron, price).id)
            self.story.fulfil(checkout.id)
        self.id, self.order = patron.id, checkout.subscription_id
        sign_in(client, giving.session, patron)

    def redeem(self):
        self.gift = self.giving.give()
        return self.accept()

    def accept(self):
        return self.giving.redeem(self.giving.code(), self.client)

    def mirror(self):
        self.record(fulfilment.look_up_subscription(self.gateway, self.order))

    def record(self, facts):
        with self.giving.app.app_context():
            self.story.record(facts)

    def void(self, gift):
        words = ["gifts", "void", gift.public_id, "--reason", "stolen card"]
        assert self.giving.app.test_cli_runner().invoke(args=words).exit_code == 0

    def last(self, model):
        return next(iter(rows(self.giving.session, model)[::-1]), None)

    @property
    def term(self) -> Term:
        return self.last(Term)

    @property
    def subscription(self) -> Subscription:
        return self.last(Subscription)

    @property
    def pause(self) -> GiftPause:
        return self.last(GiftPause)


@pytest.fixture
def olena(request, giving, client):
    return Olena(giving, client, getattr(request, "param", "month"))


def test_what_she_pays_rests_until_the_gift_is_over_and_not_a_day_is_between(olena):
    paid_until = olena.subscription.period_ends_at
    page = olena.client.get("/redeem").text
    assert olena.redeem().status_code == 200

    term = olena.term
    assert (term.starts_at, term.ends_at) == (paid_until, add_months(paid_until, 3))
    assert olena.subscription.paused_until == term.ends_at - rules.PAUSE_MARGIN
    assert rules.pays_again_at(olena.subscription) == term.ends_at
    assert olena.pause.status is PauseStatus.PAUSED
    assert "rests until the gift is over" in page
    assert olena.giving.letters("gift_begun")[-1].values["rests"]["en"] == "Friend"
    assert not olena.giving.letters("paused")
    account = olena.client.get("/account").text
    assert "; then your gift begins." in account
    assert "Your own support rests while the gift runs" in account
    with time_machine.travel(paid_until + DAY, tick=False):
        assert "then your gift begins" not in olena.client.get("/account").text


def test_she_is_told_a_week_before_the_next_payment_and_then_it_is_asked(olena, gateway):
    olena.redeem()
    until = olena.subscription.paused_until
    for _ in range(3):
        gateway.renew(olena.order)
    with time_machine.travel(until - 5 * DAY, tick=False):
        renewals.remind_of_pauses(olena.giving.session, utc_now())
        olena.giving.session.commit()
    assert len(olena.giving.letters("pause_ending")) == 1

    with time_machine.travel(until + rules.PAUSE_MARGIN, tick=False):
        gateway.renew(olena.order)
        olena.giving.turn()
        olena.mirror()

    assert olena.pause.status is PauseStatus.OVER
    assert olena.subscription.paused_until is None
    assert [one.status for one in gateway.world.invoices.values()].count("paid") == 2


def test_she_undoes_it_in_her_account(olena):
    olena.redeem()
    post(olena.client, "/account/subscription/resume", {}, page="/account/subscription/resume")

    assert olena.subscription.paused_until is None
    assert len(olena.giving.letters("resumed")) == 1
    assert olena.term.revoked_at is None


@pytest.mark.parametrize("olena", ["year"], indirect=True)
def test_what_is_paid_yearly_goes_on_with_the_day_after_the_gift(olena, gateway):
    paid_until = olena.subscription.period_ends_at
    olena.redeem()
    ends_at = add_months(paid_until, 3)
    assert olena.term.ends_at == ends_at
    gateway.renew(olena.order)
    olena.mirror()
    assert rules.pays_again_at(olena.subscription) == ends_at

    with time_machine.travel(ends_at, tick=False):
        olena.giving.turn()
        olena.giving.turn()

    assert olena.pause.status is PauseStatus.OVER
    now = gateway.world.subscriptions[olena.order]
    assert (now.period_starts_at, now.paused_until) == (ends_at, None)
    assert [one.status for one in gateway.world.invoices.values()] == ["paid", "void", "paid"]


def test_without_an_answer_the_sweeper_asks_again(olena, gateway):
    olena.gift = olena.giving.give()
    gateway.unreachable = True
    assert olena.accept().status_code == 200
    assert (olena.pause.status, olena.subscription.paused_until) == (PauseStatus.WANTED, None)
    gateway.unreachable = False
    with time_machine.travel(utc_now() + 2 * timedelta(hours=1), tick=False):
        assert INVARIANTS["I18 no stuck gift pause"](olena.giving.session) == [f"gift pause {olena.pause.id}"]
        olena.giving.session.commit()

    with time_machine.travel(utc_now() + timedelta(minutes=3), tick=False):
        olena.giving.turn()

    assert (olena.pause.status, olena.subscription.paused_until) == (PauseStatus.PAUSED, olena.pause.until)


def test_what_stripe_does_not_let_rest_goes_on_as_it_was(olena, gateway):
    gateway.refuses = {"pause"}

    assert olena.redeem().status_code == 200
    assert (olena.pause.status, olena.subscription.paused_until) == (PauseStatus.OVER, None)


def test_a_gift_that_is_voided_lets_what_she_pays_go_on_with_its_next_renewal(olena):
    paid_until = olena.subscription.period_ends_at
    olena.redeem()
    olena.void(olena.gift)

    assert rules.pays_again_at(olena.subscription) == paid_until


def test_money_that_goes_back_takes_the_time_back_and_she_is_told_before_she_pays_again(olena, gateway):
    olena.redeem()
    paid_until = olena.subscription.period_ends_at
    with time_machine.travel(paid_until + DAY, tick=False):
        dispute_id = gateway.dispute(olena.last(Gift).donation.stripe_payment_intent_id)
        olena.record(fulfilment.look_up_dispute(gateway, dispute_id))
        olena.giving.turn()
        olena.giving.turn()

        assert olena.term.revoked_at is not None
        assert olena.subscription.paused_until == (utc_now() + NOTICE).replace(microsecond=0)
        assert olena.pause.status is PauseStatus.PAUSED


def test_a_second_gift_follows_the_first_and_moves_forward_when_that_is_taken_back(olena):
    paid_until = olena.subscription.period_ends_at
    olena.redeem()
    first, first_until = olena.gift, olena.pause.until
    olena.redeem()
    assert olena.term.starts_at == add_months(paid_until, 3)
    assert olena.pause.until == add_months(first_until + rules.PAUSE_MARGIN, 3) - rules.PAUSE_MARGIN

    olena.void(first)
    with time_machine.travel(utc_now() + timedelta(minutes=3), tick=False):
        olena.giving.turn()

    assert (olena.term.starts_at, olena.term.ends_at) == (paid_until, add_months(paid_until, 3))
    assert olena.subscription.paused_until == olena.pause.until == olena.term.ends_at - rules.PAUSE_MARGIN
    told = olena.giving.letters("gift_begun")[-1].values
    assert (len(olena.giving.letters("gift_begun")), told["ends_at"]) == (3, olena.term.ends_at.isoformat())


def test_without_money_of_her_own_the_second_begins_at_once_and_a_third_after_it(giving, client):
    gifts = []
    for _ in range(3):
        gifts.append(giving.give())
        giving.redeem(giving.code(), client, email="olena@example.org")
    terms = rows(giving.session, Term)
    assert terms[2].starts_at == terms[1].ends_at

    giving.app.test_cli_runner().invoke(args=["gifts", "void", gifts[1].public_id, "--reason", "stolen card"])
    assert rows(giving.session, Term)[2].starts_at == terms[0].ends_at
    giving.app.test_cli_runner().invoke(args=["gifts", "void", gifts[0].public_id, "--reason", "stolen card"])

    third = rows(giving.session, Term)[2]
    assert third.starts_at < terms[0].ends_at
    assert third.ends_at == add_months(third.starts_at, 3)


def test_who_stops_or_pays_nothing_has_nothing_that_rests(olena, gateway):
    olena.record(fulfilment.look_up_subscription(gateway, gateway.cancel_at_period_end(olena.order, key="1").id))
    olena.redeem()

    assert olena.pause is None
    assert olena.giving.letters("gift_begun")[-1].values["rests"] == ""


def test_a_pause_of_her_own_that_lasts_longer_stays_as_it_is(olena, gateway):
    until = (utc_now() + 200 * DAY).replace(microsecond=0)
    gateway.pause(olena.order, until, key="hers")
    olena.mirror()
    paid_until = olena.subscription.period_ends_at
    olena.redeem()

    assert (olena.pause, olena.subscription.paused_until) == (None, until)
    assert olena.term.starts_at == paid_until


def test_what_is_late_rests_from_its_next_period_on(olena, gateway):
    gateway.fail_renewal(olena.order)
    olena.mirror()
    olena.redeem()

    assert olena.term.starts_at < utc_now() < olena.subscription.period_ends_at
    assert olena.subscription.paused_until == olena.term.ends_at - rules.PAUSE_MARGIN


def test_a_planned_price_that_the_pause_drops_is_named_before(olena, gateway):
    with olena.giving.app.app_context():
        price = olena.story.price()
    gateway.schedule_price(olena.order, price.stripe_price_id, key="hers")
    olena.mirror()

    assert "is dropped by this" in olena.client.get("/redeem").text
    olena.redeem()
    letter = olena.giving.letters("gift_begun")[-1]
    assert "is dropped by this" in compose("gift_begun", "en", letter.values, make_settings()).text
