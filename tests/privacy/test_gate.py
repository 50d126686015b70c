"""From the moment that she asks to be forgotten nothing is begun as her, by any door, until she is."""

import json
import re

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from membership.access.rules import State
from membership.access.service import decide_for, list_members
from membership.audit.models import AuditEntry
from membership.clock import utc_now
from membership.donations.models import Donation
from membership.mail.models import Letter
from membership.offline.models import BankReference, WayKind
from membership.offline.service.ways import set_way
from membership.patrons.errors import ErasureUnderWay
from membership.patrons.models import Patron, Role, SignInLink
from membership.patrons.service import register, sign_ins
from membership.patrons.service.links import enter_by_link, write_link
from membership.patrons.service.staff import add_staff
from membership.privacy import handlers
from membership.privacy.invariants import unmarked
from membership.privacy.service import ask_erasure
from membership.subscriptions.handlers import open_checkout
from membership.subscriptions.models import IntentStatus, SubscriptionIntent
from membership.subscriptions.rules import admit_change
from membership.subscriptions.service import intend
from membership.terms.models import Term
from tests.browsing import post
from tests.factories import make_invoice, make_patron, make_price, make_subscription, make_tier
from tests.gifts.giving import FORM, Giving
from tests.staff.signing_in import staff_client
from tests.subscriptions.making import rows, sign_in

EMAIL = "olena@example.org"
# What differs from one asking to the next, whoever asks.
NONCE = re.compile(r'cs_\w+|name="csrf_token" value="[^"]+"')


@pytest.fixture
def olena(session):
    patron = make_patron(session, email=EMAIL, confirmed_at=utc_now(), stripe_customer_id="cus_olena")
    session.commit()
    return patron


@pytest.fixture
def offered(session):
    make_price(session, tier=make_tier(session, slug="friend"))
    set_way(session, WayKind.BANK, {"en": "By bank"}, {"holder": "The Open Daily", "iban": "DE89370400440532013000"})
    session.commit()


@pytest.fixture
def giving(app, session, gateway, drain, offered):
    return Giving(app, session, gateway, drain)


@pytest.fixture
def leaving(session, olena):
    """Let her ask to be forgotten."""
    ask(session, olena)
    return olena


def ask(session, patron):
    ask_erasure(session, patron, actor="test", reason="asked by phone")
    session.commit()


def test_nobody_enters_not_by_a_letter_that_is_on_its_way_either(session, olena):
    write_link(session, EMAIL, "", "/account")
    session.flush()
    link = session.scalars(select(SignInLink)).one()
    copy = {"patron_id": olena.id, "token_hash": "1" * 64, "code_hash": "2" * 64, "browser_hash": "3" * 64}
    late = SignInLink(**copy, next_path="/", created_at=link.created_at, expires_at=link.expires_at)
    ask(session, olena)
    assert rows(session, SignInLink) == []

    session.add(late)
    session.flush()
    with pytest.raises(ErasureUnderWay):
        enter_by_link(session, late)
    session.rollback()
    with pytest.raises(ErasureUnderWay):
        sign_ins.begin(session, session.get_one(Patron, olena.id))
    with pytest.raises(IntegrityError):
        session.get_one(Patron, olena.id).confirmed_at = utc_now()
        session.flush()


def test_who_wants_to_sign_in_is_told_by_letter_once_a_day(client, session, gateway, leaving, drain):
    gateway.silent_about.add("cus_olena")
    for _ in range(2):
        assert post(client, "/sign-in", {"email": EMAIL}).location == "/sign-in/code"
    drain()

    letters = [letter.kind for letter in rows(session, Letter)]
    assert (letters, rows(session, SignInLink)) == (["erasure_under_way"], [])


def answers(client, email):
    """Tell what is shown to whoever types an address, without what differs from one asking to the next."""
    wishes = [
        ("/", "/subscribe", {"tier": "friend", "interval": "month", "email": email}),
        ("/ways", "/ways/bank", {"email": email}),
        ("/", "/donate", {"amount": "20", "email": email}),
        ("/gifts", "/gifts", FORM | {"email": email, "recipient_email": "taras@example.org"}),
    ]
    told = [post(client, path, form, page=page) for page, path, form in wishes]
    shown = client.get("/ways").text
    return [(one.status_code, NONCE.sub("", one.location or one.text)) for one in told], NONCE.sub("", shown)


def test_whoever_types_an_address_learns_nothing_of_its_erasure(app, session, leaving, offered):
    member = make_subscription(session, patron=make_patron(session, email="member@example.org")).patron
    session.commit()
    others, hers = (answers(app.test_client(), email) for email in (member.email, EMAIL))

    assert hers == others
    assert [one.email for one in rows(session, Donation)] == [member.email] * 2 + [EMAIL] * 2
    assert rows(session, SubscriptionIntent) == []
    assert leaving.id not in {one.patron_id for one in rows(session, BankReference)}
    (letter,) = [one for one in rows(session, Letter) if one.recipient == EMAIL]
    assert (letter.kind, letter.values["asked_at"]) == ("erasure_under_way", leaving.erasure_asked_at.isoformat())


@pytest.mark.parametrize(
    ("page", "path", "form"),
    [
        ("/", "/donate", {"amount": "20"}),
        ("/", "/subscribe", {"tier": "friend", "interval": "month"}),
        ("/gifts", "/gifts", FORM | {"recipient_email": "taras@example.org"}),
    ],
)
def test_whoever_is_signed_in_still_is_told_plainly(client, session, olena, offered, page, path, form):
    sign_in(client, session, olena)
    olena.erasure_asked_at, olena.confirmed_at = utc_now(), None
    session.commit()
    answer = post(client, path, form, page=page)

    assert (answer.status_code, "The erasure of this account is under way" in answer.text) == (409, True)
    assert rows(session, Donation) == rows(session, SubscriptionIntent) == rows(session, Letter) == []


def test_a_code_stays_unused(session, leaving, giving):
    giving.give()
    answer = giving.redeem(giving.code(), email=EMAIL)

    assert (answer.status_code, "The membership is yours" in answer.text) == (200, True)
    assert rows(session, Term) == []
    assert giving.redeem(giving.code()).status_code == 200
    assert giving.redeem(giving.code(), email=EMAIL).status_code == 409


def test_who_was_signed_in_a_moment_ago_begins_and_changes_nothing(session, olena):
    subscription = make_subscription(session, patron=make_patron(session))
    stale = session.get_one(Patron, olena.id)
    price = make_price(session)
    ask(session, olena)

    with pytest.raises(ErasureUnderWay):
        intend(session, stale, price, source="", locale="en")
    session.rollback()
    subscription.patron = session.get_one(Patron, olena.id)
    with pytest.raises(ErasureUnderWay):
        admit_change(subscription)
    session.rollback()


def test_a_page_that_is_just_being_opened_is_not_opened_any_more(session, gateway, context):
    taras = make_patron(session, email="taras@example.org")
    intent = intend(session, taras, make_price(session, stripe_price_id="price_1"), source="", locale="en")
    session.commit()
    ask(session, taras)

    with pytest.raises(ErasureUnderWay):
        open_checkout(intent.reference)
    assert [one.status for one in rows(session, SubscriptionIntent)] == [IntentStatus.EXPIRED]
    assert gateway.world.customers == {}


def test_sites_are_told_no_at_once(session, olena):
    make_invoice(session, make_subscription(session, patron=olena))
    assert decide_for(session, olena.id, utc_now()).flags
    ask(session, olena)

    decision = decide_for(session, olena.id, utc_now())
    assert (decision.state, decision.flags, decision.reason) == (
        State.NONE,
        frozenset(),
        "Erased, or about to be: nothing counts any more.",
    )
    assert list(list_members(session, "no_ads", utc_now())) == []


def test_the_address_begins_anew_as_soon_as_it_is_free(context, session, gateway, leaving):
    with pytest.raises(ErasureUnderWay):
        register(session, EMAIL, locale="en")
    with pytest.raises(ErasureUnderWay):
        add_staff(session, EMAIL, Role.EDITOR, actor="test")
    session.rollback()
    handlers.turn({})

    anew = register(session, EMAIL, locale="en")
    session.commit()
    assert anew.id != leaving.id
    assert decide_for(session, anew.id, utc_now()).sources == ()


def test_the_mark_and_the_erasure_go_together(session, leaving):
    assert unmarked(session) == []
    other = make_patron(session, erasure_asked_at=utc_now())
    session.flush()

    assert unmarked(session) == [f"patron {other.public_id}"]
    session.rollback()


def test_staff_see_it_and_why_is_noted(app, session, leaving):
    page = staff_client(app, session, Role.VIEWER).get(f"/staff/patrons/{leaving.public_id}").text
    assert "Her erasure is under way since" in page
    session.rollback()

    told = json.loads(app.test_cli_runner().invoke(args=["patrons", "show", EMAIL, "--json"]).output)
    assert (told["state"], bool(told["erasure_asked_at"])) == ("none", True)
    asked = next(one for one in rows(session, AuditEntry) if one.action == "patron.erasure_asked")
    assert asked.details == {"reason": "asked by phone"}
