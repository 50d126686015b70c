"""Two accounts of one person become one: not a cent and not a vote is lost, doubled or somebody else's."""

import json
import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from membership.access.errors import UnknownSubject
from membership.access.models import AppealRest, Handover
from membership.access.service import decide_for, patron_behind
from membership.access.service.sites import SiteDraft, add_site, subject_of
from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.donations.models import Donation, Purpose
from membership.gifts.models import Gift, GiftPause, PauseStatus
from membership.jobs.models import Job
from membership.ledger.service import balances
from membership.mail import service as mail
from membership.mail.models import Letter
from membership.merging.errors import BothChoose, BothPay, ErasureComes, SameAccount, StaffMerged
from membership.merging.invariants import unemptied
from membership.merging.service import MergeWish, merge
from membership.money import Money
from membership.notifications.service import TELL
from membership.offline.models import BankReference, Match
from membership.offline.reading import Received
from membership.offline.service import reference_for
from membership.offline.service.importing import _match
from membership.patrons.models import Ban, LetterWish, Merger, Role, SignIn
from membership.patrons.service import find_by_customer, find_by_email, get_patron, sign_ins, wishes_of
from membership.patrons.service.staff import add_staff
from membership.payments.models import Payment
from membership.privacy.invariants import still_known
from membership.privacy.service import ask_erasure, finish, plan_erasure, tell_everything
from membership.subscriptions.models import IntentStatus, Subscription, SubscriptionIntent, SubscriptionStatus
from membership.subscriptions.rules import PAUSE_MARGIN
from membership.terms.models import Term, TermSource
from membership.tiers.models import Price
from membership.topics.models import TopicFollower
from membership.voting import service as voting
from membership.voting.models import Ballot, RollEntry, RoundGuest, RoundState
from tests.factories import (
    make_comp,
    make_donation,
    make_invoice,
    make_patron,
    make_payment,
    make_price,
    make_roll_entry,
    make_round,
    make_subscription,
    make_term,
    make_topic,
)

OLD, NEW = "old@example.org", "olena@example.org"


@pytest.fixture
def leaving(session):
    patron = make_patron(session, email=OLD, name="Olena", stripe_customer_id="cus_old")
    session.commit()
    return patron


@pytest.fixture
def staying(session, leaving):
    patron = make_patron(session, email=NEW, name="", stripe_customer_id="cus_new")
    session.commit()
    return patron


@pytest.fixture
def unite(session, leaving, staying, sound_books):
    def act(**more):
        told = merge(
            session, MergeWish(leaving=leaving, staying=staying, reason="she wrote", **more), utc_now(), actor="test"
        )
        session.commit()
        session.expire_all()
        assert unemptied(session) == []
        return told

    return act


def sums(session):
    paid = select(Payment.patron_id, func.sum(Payment.gross_minor - Payment.refunded_minor)).group_by(Payment.patron_id)
    given = select(Donation.patron_id, func.sum(Donation.amount_minor)).group_by(Donation.patron_id)
    return dict(session.execute(paid).all()), dict(session.execute(given).all())


@pytest.mark.parametrize("seed", range(2))
def test_whatever_both_paid_is_the_sum_that_she_paid(session, leaving, staying, seed):
    dice, bystander = random.Random(seed), make_patron(session)
    for _ in range(12):
        patron = dice.choice([leaving, staying, bystander])
        if dice.random() < 0.6:
            make_payment(session, patron_id=patron.id, donation=make_donation(session, patron_id=patron.id))
        else:
            order = make_subscription(session, patron=patron, status=SubscriptionStatus.ENDED, ended_at=utc_now())
            make_payment(session, patron_id=patron.id, donation=None, invoice=make_invoice(session, order))
    (paid, given), books = sums(session), balances(session)

    merge(session, MergeWish(leaving=leaving, staying=staying, reason="she wrote"), utc_now(), actor="test")

    for before, after in zip((paid, given), sums(session), strict=True):
        hers = before.pop(leaving.id, 0) + before.pop(staying.id, 0)
        assert after == before | ({staying.id: hers} if hers else {})
    assert balances(session) == books


def test_late_news_of_either_customer_finds_her(session, leaving, staying, unite):
    make_subscription(session, patron=leaving)
    unite()

    assert staying.stripe_customer_id == "cus_old"
    assert {find_by_customer(session, one).id for one in ("cus_old", "cus_new")} == {staying.id}
    assert get_patron(session, leaving.public_id).id == staying.id
    assert "vote" in decide_for(session, staying.id, utc_now()).flags


def test_who_went_over_twice_is_found_at_the_last_place(session, leaving, staying, unite):
    first = make_patron(session, email="first@example.org", stripe_customer_id="cus_first")
    wish = MergeWish(leaving=first, staying=leaving, reason="one person")
    merge(session, wish, utc_now(), actor="test")
    unite()

    assert find_by_customer(session, "cus_first").id == staying.id
    assert {one.into_id for one in session.scalars(select(Merger))} == {staying.id}


def test_two_that_pay_are_refused_or_both_kept_openly(session, leaving, staying, unite):
    make_subscription(session, patron=leaving)
    own = make_subscription(session, patron=staying)
    session.commit()
    with pytest.raises(BothPay):
        unite()
    session.rollback()

    told = unite(keep_both=True)

    assert told.both_pay == [own.price.tier.slug, told.both_pay[1]]
    found = session.scalars(select(Subscription).order_by(Subscription.id)).all()
    assert [(one.patron_id, one.is_surplus) for one in found] == [(staying.id, True), (staying.id, False)]
    assert staying.stripe_customer_id == "cus_new"
    end(session)


def end(session):
    """Let the surplus one end: until then `flask check` names her."""
    one = session.scalars(select(Subscription).filter_by(is_surplus=True)).one()
    one.status, one.ended_at = SubscriptionStatus.ENDED, utc_now()
    session.commit()


@pytest.mark.parametrize("unpaid", ["leaving", "staying"])
def test_a_first_payment_that_never_came_steps_aside(session, leaving, staying, unite, unpaid):
    status = {"leaving": SubscriptionStatus.ACTIVE, "staying": SubscriptionStatus.ACTIVE}
    status[unpaid] = SubscriptionStatus.INCOMPLETE
    orders = {
        "leaving": make_subscription(session, patron=leaving, status=status["leaving"]),
        "staying": make_subscription(session, patron=staying, status=status["staying"]),
    }
    told = unite()

    assert (orders[unpaid].is_surplus, told.both_pay) == (True, [])
    assert staying.stripe_customer_id == ("cus_new" if unpaid == "leaving" else "cus_old")
    end(session)


def test_nothing_of_a_person_stays_behind_and_nobody_signs_in(session, leaving, staying, unite):
    sign_ins.begin(session, leaving)
    mail.write(session, "ended", to=OLD, locale="uk", about="x", tier={"en": "Friend"})
    make_donation(session, email=OLD, patron_id=None)
    make_comp(session, patron_id=leaving.id)
    topic = make_topic(session)
    session.add(TopicFollower(topic_id=topic.id, patron_id=leaving.id, supports=True, follows=True, since=utc_now()))
    told = unite()

    assert told.moved == {"comps": 1, "topics": 1}
    assert (leaving.email, leaving.name, find_by_email(session, OLD)) == (None, "", None)
    assert staying.name == "Olena"
    assert session.scalars(select(SignIn)).one().ended_at is not None
    assert session.scalars(select(Letter)).one().recipient == NEW
    assert session.scalars(select(Donation)).one().email == NEW
    leaving.name = "somebody"
    session.flush()
    assert unemptied(session) == [f"patron {leaving.public_id}"]


def test_what_neither_account_wanted_stays_unwanted(session, leaving, staying, unite):
    wishes = wishes_of(session, [leaving, staying])
    wishes[leaving.id].stopped, wishes[staying.id].stopped = ["votes"], ["stories"]
    now = utc_now()
    session.add_all(AppealRest(patron_id=one.id, until=now + timedelta(days=one.id)) for one in (leaving, staying))
    session.add_all(Ban(patron_id=one.id, reason="rude", banned_at=now) for one in (leaving, staying))
    unite()

    assert session.scalars(select(LetterWish)).one().stopped == ["stories", "votes"]
    assert session.scalars(select(AppealRest)).one().until == now + timedelta(days=staying.id)
    bans = session.scalars(select(Ban).order_by(Ban.id)).all()
    assert [(one.patron_id, one.lifted_at is None) for one in bans] == [(staying.id, False), (staying.id, True)]


def make_site(session, slug):
    draft = SiteDraft(slug=slug, name=slug, audience=slug, origins=(f"https://{slug}.example",), return_urls=())
    return add_site(session, draft, utc_now())[0].id


def test_a_sites_name_leads_to_her_or_nowhere(session, leaving, staying, unite):
    one, both = (make_site(session, slug) for slug in ("one", "both"))
    alone, twin = subject_of(session, one, leaving.id), subject_of(session, both, leaving.id)
    own = subject_of(session, both, staying.id)
    session.add(Handover(site_id=one, patron_id=leaving.id, code_hash="0" * 64, challenge="x", expires_at=utc_now()))
    told = unite()

    assert (told.moved["site_subjects"], told.site_names_ended) == (1, 1)
    assert patron_behind(session, one, alone) == patron_behind(session, both, own) == staying.id
    with pytest.raises(UnknownSubject):
        patron_behind(session, both, twin)
    assert session.scalars(select(Handover)).all() == []
    assert [job.payload for job in session.scalars(select(Job).filter_by(kind=TELL))] == [{"patron_id": staying.id}]


@pytest.mark.parametrize("has_own", [True, False])
def test_transfers_with_either_reference_are_hers(session, leaving, staying, unite, has_own):
    old = reference_for(session, leaving.id)
    if has_own:
        reference_for(session, staying.id)
    unite()

    owner = session.scalars(select(BankReference).filter_by(reference=old)).one().patron_id
    assert owner == (leaving.id if has_own else staying.id)
    line = Received(
        entry_reference="1", booked_on=utc_now().date(), amount=Money(500, "eur"), payer="", payer_account="", text=old
    )
    assert _match(session, line) == (Match.REFERENCE, staying.id)


def test_time_that_both_were_given_follows_one_another_and_no_day_is_lost(session, leaving, staying, unite):
    now = utc_now()
    first, last = (now + timedelta(days=days) for days in (10, 20))
    make_term(session, patron_id=leaving.id, starts_at=now - timedelta(days=40), ends_at=now - timedelta(days=5))
    make_term(session, patron_id=staying.id, starts_at=now - timedelta(days=40), ends_at=now - timedelta(days=9))
    moves = make_term(session, patron_id=leaving.id, ends_at=first, starts_at=now - timedelta(days=1))
    make_term(session, patron_id=staying.id, starts_at=now - timedelta(days=2), ends_at=first)
    make_term(session, patron_id=staying.id, source=TermSource.OFFLINE, ends_at=last)
    make_term(
        session, patron_id=leaving.id, source=TermSource.OFFLINE, starts_at=last, ends_at=last + timedelta(days=1)
    )
    make_term(session, patron_id=staying.id, ends_at=last, revoked_at=now)

    assert unite().terms_later == 1
    assert (moves.starts_at, timedelta() <= moves.ends_at + timedelta(seconds=60) - last) == (first, True)


def test_what_she_pays_rests_until_the_last_of_both_gifts(session, leaving, staying, unite):
    order, now = make_subscription(session, patron=staying), utc_now()
    price = session.get_one(Price, order.price_id)
    ends = [now + timedelta(days=days) for days in (10, 20)]
    for patron, ends_at in zip((staying, leaving), ends, strict=True):
        gift = make_gift(session, patron)
        make_term(session, patron_id=patron.id, tier_id=price.tier_id, cause=gift.cause, ends_at=ends_at)
    first = session.scalars(select(Gift).filter_by(patron_id=staying.id)).one()
    session.add(
        GiftPause(gift_id=first.id, subscription_id=order.id, status=PauseStatus.PAUSED, until=ends[0], changed_at=now)
    )
    unite()

    last = max(session.scalars(select(Term.ends_at)))
    pause = session.scalars(select(GiftPause)).one()
    assert (pause.status, pause.until) == (PauseStatus.WANTED, last.replace(microsecond=0) - PAUSE_MARGIN)


def make_gift(session, patron):
    donation = make_donation(session, patron_id=None, purpose=Purpose.MEMBERSHIP)
    words = dict.fromkeys(("giver_name", "recipient_name", "words"), "") | {"recipient_locale": "en"}
    redeemed = {"patron_id": patron.id, "redeemed_at": utc_now(), "send_at": utc_now(), "months": 3}
    gift = Gift(
        public_id=f"g{donation.id}", donation=donation, tier_id=make_price(session).tier_id, **words, **redeemed
    )
    session.add(gift)
    session.flush()
    return gift


@pytest.fixture
def roll(session, leaving, staying):
    """Put both on the roll of an open round, and cast what is asked for."""
    round = make_round(session, state=RoundState.OPEN)
    lines = {one.id: make_roll_entry(session, round, patron_id=one.id) for one in (leaving, staying)}

    def cast(*voters):
        for one in voters:
            voting.cast_ballot(session, round, one, round.slugs[:1], utc_now())
        return round, lines

    return cast


@pytest.mark.parametrize(
    ("voted", "kept"), [((), 1), (("leaving",), 0), (("staying",), 1), (("leaving", "staying"), 1)]
)
def test_one_person_has_one_ballot(session, leaving, staying, unite, roll, voted, kept):
    people = {"leaving": leaving, "staying": staying}
    round, lines = roll(*(people[one] for one in voted))
    told = unite()

    assert told.rounds_struck == [round.slug]
    entries = list(lines.values())
    assert [entry.struck_at is None for entry in entries] == [kept == 0, kept == 1]
    assert (entries[kept].patron_id, entries[1 - kept].patron_id) == (staying.id, leaving.id)
    assert [ballot.roll_entry_id for ballot in session.scalars(select(Ballot))] == [entries[kept].id] * bool(voted)


def test_who_was_struck_off_as_the_double_keeps_the_other_line(session, leaving, staying, unite, roll):
    round, _ = roll(leaving)
    voting.remove_voter(session, round, staying.public_id, utc_now(), reason="twice", actor="test")
    unite()

    assert voting.get_voter(session, round, staying, utc_now()).receipt


def test_a_line_of_her_own_goes_over_sealed_and_guests_are_asked_once(session, leaving, staying, unite):
    opened, draft, other = make_round(session, state=RoundState.OPEN), make_round(session), make_round(session)
    entry = make_roll_entry(session, opened, patron_id=leaving.id)
    receipt = voting.cast_ballot(session, opened, leaving, opened.slugs[:1], utc_now()).receipt
    for round, guest in ((draft, leaving), (draft, staying), (other, leaving)):
        session.add(RoundGuest(round_id=round.id, patron_id=guest.id, reason="a friend"))
    told = unite()

    assert (told.moved["roll_entries"], told.rounds_struck, entry.patron_id) == (1, [], staying.id)
    assert voting.get_voter(session, opened, staying, utc_now()).receipt == receipt
    assert {(one.round_id, one.patron_id) for one in session.scalars(select(RoundGuest))} == {
        (draft.id, staying.id),
        (other.id, staying.id),
    }


def test_after_the_close_nothing_changes(session, leaving, staying, unite, roll):
    round, lines = roll(leaving, staying)
    voting.close_round(session, round, utc_now(), "test", reason="a test")

    assert unite().rounds_struck == []
    assert [entry.patron_id for entry in session.scalars(select(RollEntry).order_by(RollEntry.id))] == list(lines)
    assert len(session.scalars(select(Ballot)).all()) == 2


def test_what_cannot_be_one_is_refused(session, leaving, staying, unite):
    with pytest.raises(SameAccount):
        merge(session, MergeWish(leaving=staying, staying=staying, reason="x"), utc_now(), actor="test")
    price = make_price(session)
    for one in (leaving, staying):
        wish = {"patron_id": one.id, "price_id": price.id, "status": IntentStatus.STARTED, "reference": one.public_id}
        session.add(SubscriptionIntent(**wish, created_at=utc_now(), expires_at=utc_now() + timedelta(hours=2)))
    with pytest.raises(BothChoose):
        unite()
    session.rollback()


def test_staff_and_the_erased_are_not_merged(session, leaving, staying, unite):
    invited = add_staff(session, "taras@example.org", Role.EDITOR, actor="test").patron
    session.refresh(invited)
    with pytest.raises(StaffMerged):
        merge(session, MergeWish(leaving=invited, staying=staying, reason="x"), utc_now(), actor="test")
    ask_erasure(session, staying, actor="test", reason="asked")
    with pytest.raises(ErasureComes):
        unite()


def test_whoever_was_merged_is_erased_whole(session, leaving, staying, unite, gateway, roll):
    for one in (leaving, staying):
        reference_for(session, one.id)
        session.add(make_comp(session, patron_id=one.id))
    round, _ = roll(leaving, staying)
    voting.close_round(session, round, utc_now(), "test", reason="a test")
    unite()
    told = tell_everything(session, staying)
    assert (len(told["roll_entries"]), len(told["bank_references"])) == (2, 2)
    erasure = ask_erasure(session, staying, actor="test", reason="asked")
    assert set(plan_erasure(session, erasure.id).stripe_customer_ids) == {"cus_old", "cus_new"}

    finish(session, erasure.id)
    session.commit()

    assert leaving.stripe_customer_id is staying.stripe_customer_id is None
    assert {entry.patron_id for entry in session.scalars(select(RollEntry))} == {None}
    assert session.scalars(select(BankReference)).all() == []
    assert still_known(session) == []


@pytest.fixture
def run(app, leaving, staying):
    return lambda *words: app.test_cli_runner().invoke(
        args=["patrons", "merge", OLD, NEW, "--reason", "she wrote", *words]
    )


def test_a_dry_run_tells_and_changes_nothing(session, leaving, staying, run, roll):
    roll(leaving)
    for one in (leaving, staying):
        make_subscription(session, patron=one)
        make_term(session, patron_id=one.id)
    site_id = make_site(session, "one")
    subject_of(session, site_id, leaving.id)
    subject_of(session, site_id, staying.id)
    session.commit()

    assert run().exit_code == 1
    told = run("--dry-run", "--keep-both").output
    session.expire_all()
    assert "This would go over:\n  subscriptions: 1" in told
    assert "She pays twice: " in told
    assert "lead nowhere any more, for the sites know her twice: 1" in told
    assert "and now follows it: 1" in told
    assert "one of her two lines" in told.lower()
    assert (leaving.email, session.scalars(select(Merger)).all()) == (OLD, [])


def test_the_command_notes_why(session, leaving, staying, run):
    session.commit()
    told = json.loads(run("--json").output)
    session.expire_all()

    assert (told["merged"], told["moved"], leaving.email) == (True, {}, None)
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.details) == ("patron.merged", {"into": staying.public_id, "reason": "she wrote"})
