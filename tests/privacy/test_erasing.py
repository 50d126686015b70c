"""Whoever is erased is gone everywhere; money, counted votes and topics stay, and nothing is half done."""

import json

import pytest
from sqlalchemy import select, text

from membership.access.models import SiteSubject
from membership.access.service import decide_for
from membership.clock import utc_now
from membership.db import release, transaction
from membership.db import session as reading
from membership.donations.models import Donation
from membership.gateway.errors import GatewayUnreachable
from membership.gateway.values import CheckoutStatus
from membership.jobs.models import Job
from membership.jobs.service import enqueue
from membership.ledger.service import balances
from membership.mail import service as mail
from membership.mail.models import Letter
from membership.patrons.models import Patron, Role, SignIn
from membership.patrons.service import sign_ins
from membership.patrons.service.staff import add_staff
from membership.payments.models import Payment
from membership.privacy import handlers, service
from membership.privacy.errors import StaffErased
from membership.privacy.invariants import still_known, told_since
from membership.privacy.models import Erasure
from membership.subscriptions.models import Subscription, SubscriptionStatus
from membership.topics.models import TopicComment
from membership.voting.invariants import find_ballots_off_the_roll, find_rounds_out_of_count
from membership.voting.models import Ballot, RollEntry, RoundState
from membership.webhooks.handlers import forget, process
from membership.webhooks.models import StoredEvent
from tests.access.asking import register
from tests.factories import make_comp, make_patron, make_roll_entry, make_round, make_topic
from tests.payments.story import Story
from tests.webhooks.posting import event_body, post

EMAIL, NAME = "olena@example.org", "Olena Kovalenko"


@pytest.fixture
def story(context, gateway, sound_books):
    return Story(gateway)


@pytest.fixture
def olena(story):
    """Let somebody leave a trace everywhere."""
    patron = story.patron(email=EMAIL, name=NAME)
    checkout = story.gateway.pay_checkout(story.open_subscription(patron).id)
    story.fulfil(checkout.id)
    gift = story.give(patron=patron, message=f"from {NAME}", honouree=NAME)
    story.fulfil(gift)
    story.open_donation(patron=patron)
    with transaction() as session:
        mine = session.get_one(Patron, patron.id)
        sign_ins.begin(session, mine)
        mail.write(session, "ended", to=EMAIL, locale="uk", about="x", tier={"en": NAME})
        enqueue(session, "sign_in.write", "sign_in.write:1", {"email": EMAIL, "browser_hash": "", "next_path": ""})
        make_comp(session, patron_id=patron.id, reason=NAME)
        round = make_round(session, state=RoundState.OPEN, is_anonymous=False)
        entry = make_roll_entry(session, round, patron_id=patron.id, reason=NAME, voted_at=utc_now())
        session.add(
            Ballot(round_id=round.id, roll_entry_id=entry.id, receipt="R", weight=entry.weight, marks=[], name=NAME)
        )
        said = {"topic_id": make_topic(session).id, "patron_id": patron.id, "signed_as": NAME, "text": "Do it"}
        session.add(TopicComment(**said, created_at=utc_now()))
        told = {"id": "evt_1", "type": "customer.updated", "payload": json.dumps({"email": EMAIL})}
        session.add(StoredEvent(**told, created_at=utc_now(), received_at=utc_now(), processed_at=utc_now()))
    return patron


def ask(patron):
    with transaction() as session:
        service.ask_erasure(session, session.get_one(Patron, patron.id), actor="test", reason="asked")


def whole_database():
    reading().rollback()
    names = reading().connection().dialect.get_table_names(reading().connection())
    return {name: str(reading().execute(text(f'SELECT * FROM "{name}"')).all()) for name in names}


def all_of(model):
    reading().rollback()
    reading().expire_all()
    return list(reading().scalars(select(model)))


def test_nothing_of_a_person_is_left_and_no_money_is_lost(story, olena):
    before, customer_id = balances(reading()), olena.stripe_customer_id
    ask(olena)
    assert [one.ended_at is None for one in all_of(SignIn)] == [False]

    handlers.turn({})

    told = whole_database().items()
    left = {name: rows for name, rows in told if "lena" in rows or customer_id in rows}
    assert (left, still_known(reading()), balances(reading())) == ({}, [], before)
    assert [one.status for one in all_of(Subscription)] == [SubscriptionStatus.ENDED]
    assert (len(all_of(Payment)), {one.email for one in all_of(Donation)}) == (2, {None})
    assert customer_id not in story.gateway.world.customers
    decision = decide_for(reading(), olena.id, utc_now())
    assert (decision.flags, "Erased" in decision.reason) == (frozenset(), True)


def test_her_ballot_counts_and_is_nobodys(story, olena):
    ask(olena)
    handlers.turn({})

    assert [(one.patron_id, one.reason) for one in all_of(RollEntry)] == [(None, "erased")]
    assert [(one.name, one.roll_entry_id is None) for one in all_of(Ballot)] == [(None, False)]
    assert find_ballots_off_the_roll(reading()) == find_rounds_out_of_count(reading()) == []
    assert [(one.patron_id, one.signed_as, one.text) for one in all_of(TopicComment)] == [(None, "", "Do it")]


def test_no_letter_goes_to_her_any_more(story, olena):
    with transaction() as session:
        letter = session.scalars(select(Letter).filter_by(kind="welcome")).one()
        letter.sent_at, letter.text = utc_now(), f"Dear {NAME}"
    ask(olena)
    handlers.turn({})

    assert {(one.recipient, one.text) for one in all_of(Letter)} == {("", None)}
    assert [one.key for one in all_of(Job) if one.kind == "sign_in.write"] == []


def test_while_the_provider_is_away_nothing_is_half_done(story, olena):
    ask(olena)
    story.gateway.silent_about.add(olena.stripe_customer_id)
    with pytest.raises(GatewayUnreachable):
        handlers.turn({})
    assert [one.email for one in all_of(Patron)] == [EMAIL]

    story.gateway.silent_about.clear()
    for _ in range(2):
        handlers.turn({})

    assert ([one.email for one in all_of(Patron)], all_of(Erasure)[0].done_at is None) == ([None], False)


def test_a_customer_who_is_gone_already_and_a_checkout_that_is_paid_keep_nobody_waiting(story, olena):
    story.gateway.delete_customer(olena.stripe_customer_id)
    page = all_of(Donation)[-1].stripe_session_id
    story.gateway.pay_checkout(page)
    ask(olena)
    ask(olena)
    erasure_id = all_of(Erasure)[0].id

    handlers.turn({})
    with transaction() as session:
        service.finish(session, erasure_id)

    assert still_known(reading()) == []


def test_whoever_never_paid_is_erased_as_well(story):
    with transaction() as session:
        patron = make_patron(session, email=None)
    ask(patron)
    handlers.turn({})

    assert all_of(Erasure)[0].done_at is not None


def test_what_is_given_without_an_account_after_she_asked_is_of_nobody(story, olena):
    before = story.open_donation(email=EMAIL)
    ask(olena)
    after, waiting = story.give(email=EMAIL), story.open_donation(email=EMAIL)
    story.fulfil(after)
    handlers.turn({})

    kept = {one.stripe_session_id: one.email for one in all_of(Donation)}
    assert (kept[before.id], kept[after], kept[waiting.id]) == (None, EMAIL, EMAIL)
    assert story.gateway.get_checkout(waiting.id).status is CheckoutStatus.OPEN
    assert [one.kind for one in all_of(Letter) if one.recipient] == ["receipt"]
    assert still_known(reading()) == []


def test_late_news_of_her_money_brings_nobody_back(story, olena):
    subscription_id = all_of(Subscription)[0].stripe_subscription_id
    payment_id = next(one.stripe_payment_intent_id for one in all_of(Payment) if one.invoice_id)
    ask(olena)
    handlers.turn({})
    story.gateway.settle()
    for session_id in list(story.gateway.world.checkouts):
        story.fulfil(session_id)

    assert (still_known(reading()), len(all_of(Patron))) == ([], 1)
    assert payment_id
    assert subscription_id


def test_staff_are_not_erased_while_they_work_here(story):
    with transaction() as session:
        add_staff(session, "taras@example.org", Role.EDITOR, actor="test")
        patron = session.scalars(select(Patron)).one()

    with pytest.raises(StaffErased):
        ask(patron)


def test_what_is_left_of_the_erased_is_named(story, olena):
    ask(olena)
    handlers.turn({})
    with transaction() as session:
        session.get_one(Patron, olena.id).name = NAME
    assert still_known(reading()) == [f"erasure {all_of(Erasure)[0].id}"]
    with transaction() as session:
        session.get_one(Patron, olena.id).name = ""


def test_she_can_have_all_that_is_kept_about_her(story, olena):
    told = service.tell_everything(reading(), reading().get_one(Patron, olena.id))

    assert {"patrons", "subscriptions", "invoices", "payments", "donations", "letters", "comps"} <= told.keys()
    assert NAME in json.dumps(told, ensure_ascii=False)
    assert not [name for rows in told.values() for row in rows for name in row if "hash" in name or "token" in name]


def test_her_ballot_is_hers_to_read_until_the_close_and_so_is_what_she_gave_without_an_account(story, olena):
    unknown = story.open_donation()
    with transaction() as session:
        given = session.scalars(select(Donation).filter_by(stripe_session_id=unknown.id)).one()
        given.email = EMAIL
    story.gateway.pay_checkout(unknown.id)
    story.fulfil(unknown.id)
    told = service.tell_everything(reading(), reading().get_one(Patron, olena.id))
    assert [(one["receipt"], one["name"]) for one in told["ballots"]] == [("R", NAME)]
    assert (given.id in {one["id"] for one in told["donations"]}, len(told["payments"])) == (True, 3)

    with transaction() as session:
        session.scalars(select(Ballot)).one().roll_entry_id = None
        session.scalars(select(RollEntry)).one().voted_at = None
    reading().expire_all()
    assert "ballots" not in service.tell_everything(reading(), reading().get_one(Patron, olena.id))
    with transaction() as session:
        session.delete(session.scalars(select(Ballot)).one())


def test_only_hers_is_told(story, olena):
    other = story.patron(email="taras@example.org")
    told = service.tell_everything(reading(), reading().get_one(Patron, other.id))

    assert (list(told), "lena" in json.dumps(told)) == (["patrons"], False)


def test_a_page_paid_since_the_plan_ends_with_her_and_one_that_is_being_paid_is_waited_for(story):
    olena = story.patron(email=EMAIL)
    page = story.open_subscription(olena)
    unknown = story.open_donation()
    with transaction() as session:
        session.scalars(select(Donation).filter_by(stripe_session_id=unknown.id)).one().email = EMAIL
    ask(olena)
    story.gateway.refuses.add("expire_checkout")
    handlers.turn({})
    assert all_of(Erasure)[0].done_at is None

    story.gateway.refuses.clear()
    story.gateway.pay_checkout(page.id)
    handlers.turn({})

    assert {one.status for one in all_of(Subscription)} == {SubscriptionStatus.ENDED}
    assert (len(all_of(Subscription)), story.gateway.get_checkout(unknown.id).status) == (1, CheckoutStatus.EXPIRED)
    assert (all_of(Erasure)[0].done_at is None, still_known(reading())) == (False, [])


def test_other_peoples_letters_and_messages_stay_and_sites_keep_no_number_of_hers(story, olena):
    taras = story.patron(email="taras@example.org")
    with transaction() as session:
        session.scalars(select(Donation).filter_by(patron_id=olena.id, status="open")).one().email = taras.email
        mail.write(session, "ended", to=taras.email, locale="uk", about="y", tier={"en": "Friend"})
        told = {"id": "evt_2", "type": "customer.updated", "payload": json.dumps({"email": f"my.{EMAIL}"})}
        session.add(StoredEvent(**told, created_at=utc_now(), received_at=utc_now(), processed_at=utc_now()))
        site, _ = register(session)
        session.flush()
        session.add(SiteSubject(site_id=site.id, patron_id=olena.id, subject="r" * 22, external_id="7"))
    ask(olena)
    handlers.turn({})

    assert [one.recipient for one in all_of(Letter) if one.recipient] == [taras.email]
    assert {one.id: one.payload != "{}" for one in all_of(StoredEvent)} == {"evt_1": False, "evt_2": True}
    assert [(one.subject, one.external_id) for one in all_of(SiteSubject)] == [("r" * 22, None)]


def test_what_the_provider_tells_after_an_erasure_is_worked_on_and_not_kept(client, story, olena):
    held = event_body("customer.deleted", olena.stripe_customer_id, data={"object": {"id": "cus_1", "email": EMAIL}})
    ask(olena)
    handlers.turn({})
    assert post(client, held).status_code == 204
    (came,) = (one for one in all_of(StoredEvent) if one.type == "customer.deleted")
    process({"event_id": came.id})

    assert EMAIL not in json.dumps(whole_database(), default=str)
    assert {one.payload for one in all_of(StoredEvent)} == {"{}"}


def test_what_an_earlier_version_kept_is_found_and_emptied(story, olena):
    ask(olena)
    handlers.turn({})
    told = {"id": "evt_9", "type": "charge.updated", "payload": json.dumps({"email": EMAIL})}
    with transaction() as session:
        session.add(StoredEvent(**told, created_at=utc_now(), received_at=utc_now(), processed_at=utc_now()))
    assert told_since(reading()) == ["event evt_9"]
    release()

    forget({})
    assert told_since(reading()) == []
