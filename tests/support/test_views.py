"""The page that asks and the page that thanks."""

import re
from datetime import timedelta

import pytest
import time_machine

from membership.access import service as access
from membership.access.service import SiteDraft
from membership.clock import utc_now
from membership.donations.models import Donation
from membership.mail.models import Letter
from membership.money import Money
from membership.subscriptions.models import SubscriptionIntent
from membership.tiers.models import Coupon, CouponDuration, Tier
from tests.browsing import post
from tests.factories import make_patron, make_price, make_subscription, make_tier
from tests.subscriptions.making import rows, sign_in

EMAIL = "olena@example.org"
XSS = '"><script>alert(1)</script>'


@pytest.fixture
def price(session):
    tier = make_tier(session, slug="friend")
    make_price(session, tier=tier, interval="year", amount=Money(5000, "eur"))
    price = make_price(session, tier=tier)
    session.commit()
    return price


def choose(client, **fields):
    return post(client, "/", {"interval": "month", "tier": "friend", "email": EMAIL} | fields)


def test_the_page_asks_with_every_price_and_without_haste(client, price):
    page = client.get("/").text

    assert "€5" in page
    assert "€50" in page
    assert "2 months free" in page
    assert "Stop at any time in two clicks. Card data go to Stripe, never to us." in page
    assert "readers pay" not in page


def test_without_tiers_the_page_asks_for_a_gift(client):
    page = client.get("/").text

    assert 'name="amount"' in page
    assert 'type="radio"' not in page


def test_the_readers_who_pay_are_counted_truly(client, session, price):
    for _ in range(10):
        make_subscription(session, price=price)
    session.commit()

    assert "10 readers pay for what you read." in client.get("/").text


def test_the_article_she_came_from_is_carried_along(client, session, price):
    page = client.get("/?from=http://publication.test/news/river")
    choose(client, source="/news/river", confirmed="")

    assert 'name="source" value="/news/river"' in page.text


def test_she_goes_back_to_the_article_of_any_registered_site_and_to_no_other(client, session, opened, gateway):
    access.add_site(session, SiteDraft("w", "W", "w", ("https://weekly.test",), ("https://app.test/in",)), utc_now())
    session.commit()
    gateway.pay_checkout(opened.stripe_session_id)

    def back(came_from):
        client.get("/", query_string={"from": came_from})
        return re.search(r'href="([^"]*)">Back to what you were reading', thanks(client, opened).text)[1]

    river = "/news/river"
    assert back(f"https://evil.test{river}") == f"http://publication.test{river}"
    assert back(f"https://weekly.test{river}?p=1") == f"https://weekly.test{river}?p=1"
    assert back(f"https://app.test{river}") == f"https://app.test{river}"
    assert back(f"https://weekly.test{river}?{'p' * 500}") == f"https://app.test{river}"
    assert back("https://weekly.test/another") == f"http://publication.test{river}"


def test_who_leaves_the_checkout_finds_her_article_and_that_nothing_was_charged(client, opened, gateway):
    page = client.get(gateway.world.wishes[opened.stripe_session_id].cancel_url).text

    assert 'name="source" value="/news/river"' in page
    assert 'value="friend" checked' in page
    assert "Nothing was charged: you left the checkout page before paying." in page


def test_who_leaves_the_checkout_of_a_gift_finds_her_amount_too(client, gift, gateway):
    page = client.get(gateway.world.wishes[gift.stripe_session_id].cancel_url).text

    assert 'name="source" value="/news/river"' in page
    assert 'value="20.00"' in page
    assert "Nothing was charged: you left" in page


@pytest.mark.parametrize("address", ["https://evil.test/x", XSS, "//evil.test", "http://publication.test@evil.test/"])
def test_a_foreign_source_is_dropped_and_inert(client, price, address):
    for field in ("from", "source"):
        page = client.get("/", query_string={field: address}).text

        assert 'name="source" value=""' in page
        assert "<script>alert" not in page


@pytest.mark.parametrize("field", ["interval", "tier", "amount", "email", "source"])
def test_whatever_is_typed_stays_inert(client, price, field):
    for answer in (choose(client, **{"interval": "once", field: XSS}), client.get("/", query_string={field: XSS})):
        assert "<script>alert" not in answer.text


def test_without_javascript_a_summary_with_amount_and_frequency_comes_next(client, price):
    answer = choose(client, source="/news/river")

    assert answer.status_code == 200
    assert "Give €5 every month" in answer.text
    assert f'value="{EMAIL}"' in answer.text
    assert 'value="/news/river"' in answer.text
    assert 'action="/subscribe"' in answer.text


def test_a_gift_has_a_summary_of_its_own(client, price):
    answer = choose(client, interval="once", amount="7,50")

    assert "Give €7.50 once" in answer.text
    assert 'action="/donate"' in answer.text


def test_a_button_that_said_it_all_leads_straight_to_the_checkout(client, session, price, gateway):
    answer = choose(client, confirmed="1")
    on = post(client, answer.location, {"interval": "month", "tier": "friend", "email": EMAIL}, page="/")

    assert (answer.status_code, answer.location) == (307, "/subscribe")
    assert on.location == rows(session, SubscriptionIntent)[0].checkout_url


def test_a_confirmed_gift_goes_to_its_own_checkout(client, price):
    assert choose(client, interval="once", amount="5", confirmed="1").location == "/donate"


def test_errors_stand_at_their_fields_and_the_rest_is_kept(client, price):
    answer = choose(client, interval="once", amount="1,5", email="olena")

    assert answer.status_code == 400
    assert 'id="amount-error"' in answer.text
    assert 'id="email-error"' in answer.text
    assert 'value="1,5"' in answer.text
    assert 'value="olena"' in answer.text


@pytest.mark.parametrize(
    ("fields", "error"), [({"interval": "week"}, "interval-error"), ({"tier": "no"}, "tier-error")]
)
def test_a_choice_that_is_not_offered_is_said_where_it_stands(client, price, fields, error):
    answer = choose(client, **fields)

    assert answer.status_code == 400
    assert f'id="{error}"' in answer.text


def test_how_often_a_tier_can_be_given_is_said_where_it_cannot_be_given_so(client, price):
    assert (
        "In this currency this tier can be given: every month, every year." in choose(client, interval="quarter").text
    )


def test_who_gives_already_is_thanked_and_asked_for_nothing_regular(client, session, price):
    patron = make_patron(session)
    make_subscription(session, patron=patron, price=price)
    sign_in(client, session, patron)
    page = client.get("/").text

    assert "You give €5 every month." in page
    assert 'name="tier"' not in page
    assert 'name="email"' not in page


@pytest.fixture
def opened(client, session, price):
    """Choose a month, and return the wish whose checkout is open."""
    wish = {"interval": "month", "tier": "friend", "email": EMAIL, "source": "/news/river"}
    post(client, "/subscribe", wish, page="/")
    return rows(session, SubscriptionIntent)[0]


@pytest.fixture
def gift(client, session):
    """Choose a gift, and return the wish whose checkout is open."""
    post(client, "/donate", {"amount": "20", "email": EMAIL, "source": "/news/river"}, page="/")
    return rows(session, Donation)[0]


def thanks(client, wish):
    return client.get(f"/thanks?session_id={wish.stripe_session_id}")


def test_what_was_paid_is_thanked_for_without_waiting_for_any_event(client, session, opened, gateway):
    gateway.pay_checkout(opened.stripe_session_id)
    page = thanks(client, opened)

    assert "Thank you." in page.text
    assert "You give €5 every month." in page.text
    assert EMAIL not in page.text
    assert rows(session, SubscriptionIntent)[0].status.value == "completed"
    assert thanks(client, opened).text.count("You give €5 every month.") == 1


def test_a_gift_is_thanked_for(client, gift, gateway):
    gateway.pay_checkout(gift.stripe_session_id)
    page = thanks(client, gift).text

    assert "You gave €20 once." in page
    assert 'href="http://publication.test/news/river"' in page


def test_only_she_herself_is_called_by_her_name(client, app, session, price, gateway):
    patron = make_patron(session, name="Olena")
    sign_in(client, session, patron)
    post(client, "/subscribe", {"interval": "month", "tier": "friend"}, page="/")
    (intent,) = rows(session, SubscriptionIntent)
    gateway.pay_checkout(intent.stripe_session_id)

    assert "Thank you, Olena." in thanks(client, intent).text
    assert "Olena" not in thanks(app.test_client(), intent).text


def test_when_the_provider_cannot_be_asked_the_page_says_so_and_asks_later(client, session, opened, gateway, drain):
    gateway.pay_checkout(opened.stripe_session_id)
    gateway.unreachable = True
    page = thanks(client, opened).text
    gateway.unreachable = False
    drain()

    assert "Your payment is being confirmed" in page
    assert rows(session, SubscriptionIntent)[0].status.value == "completed"


def test_when_the_provider_refuses_to_tell_the_page_does_not_say_that_nothing_was_charged(client, opened, gateway):
    gateway.pay_checkout(opened.stripe_session_id)
    gateway.refuses = {"get_checkout"}
    page = thanks(client, opened)

    assert page.status_code == 200
    assert "Your payment is being confirmed" in page.text
    assert "Nothing was charged" not in page.text


def test_a_bank_that_takes_its_time_is_not_money_yet(client, opened, gateway):
    gateway.pay_checkout(opened.stripe_session_id, delayed=True)

    assert "Your payment is being confirmed" in thanks(client, opened).text


def test_a_declined_card_leaves_the_checkout_open_for_another_try(client, opened, gateway):
    gateway.pay_checkout(opened.stripe_session_id, fails=True)
    page = thanks(client, opened).text

    assert "You have not paid yet" in page
    assert opened.checkout_url in page


def test_a_checkout_that_was_left_is_closed_and_can_be_tried_again(client, session, opened):
    with time_machine.travel(opened.expires_at + timedelta(seconds=1), tick=False):
        page = thanks(client, opened).text

    assert "Nothing was charged" in page
    assert 'href="/?tier=friend&amp;interval=month&amp;currency=eur&amp;source=/news/river"' in page
    assert rows(session, SubscriptionIntent)[0].status.value == "expired"


def test_a_checkout_that_the_provider_does_not_know_any_more_is_closed(client, gift, gateway):
    gateway.world.checkouts.clear()

    assert "Nothing was charged" in thanks(client, gift).text


@pytest.mark.parametrize("session_id", ["", "cs_test_foreign", XSS])
def test_a_foreign_checkout_is_unknown_and_nobody_is_asked_about_it(client, gateway, session_id):
    answer = client.get("/thanks", query_string={"session_id": session_id})

    assert answer.status_code == 404
    assert gateway.calls == []


def test_the_script_stands_in_a_file_of_its_own(client, price):
    page = client.get("/").text
    with client.get("/static/support.js") as script:
        assert script.status_code == 200

    assert '<script src="/static/support.js" defer></script>' in page
    assert page.count("<script") == 1


@pytest.fixture
def offers(session, price):
    """Offer the tier each quarter, in dollars, and for less on trust; and a code for half of it."""
    make_price(session, tier=price.tier, interval="quarter", amount=Money(1400, "eur"))
    make_price(session, tier=price.tier, amount=Money(600, "usd"))
    make_price(session, tier=price.tier, amount=Money(300, "eur"), kind="concession")
    make_price(session, tier=price.tier, amount=Money(400, "usd"), kind="concession")
    coupon = Coupon(code="AUTUMN", percent_off=50, duration="once", stripe_promotion_code_id="promo_1")
    coupon.created_at = utc_now()
    price.tier.stripe_product_id = "prod_1"
    session.add(coupon)
    session.commit()


def wishes(gateway):
    return list(gateway.world.wishes.values())


def test_quarters_currencies_and_less_are_offered(client, offers):
    page = client.get("/").text

    assert "Every three months" in page
    assert "€14" in page
    assert 'href="/?currency=usd' in page
    assert "It is too much for me" in page
    assert "$6" in client.get("/?currency=usd").text


def test_another_currency_is_charged_in_it(client, offers, gateway, session):
    form = {"tier": "friend", "interval": "month", "currency": "usd", "email": EMAIL}
    answer = post(client, "/subscribe", form, page="/")

    assert answer.status_code == 303
    assert rows(session, SubscriptionIntent)[0].price.amount == Money(600, "usd")


@pytest.mark.parametrize(("currency", "said", "minor"), [("eur", "€3", 300), ("usd", "$4", 400)])
def test_less_is_given_on_trust_in_each_currency(client, offers, session, gateway, currency, said, minor):
    address = f"/subscribe/less?currency={currency}"
    asked, page = client.get(f"/?currency={currency}").text, client.get(address).text
    form = {"tier": "friend", "interval": "month", "kind": "concession", "currency": currency, "email": EMAIL}
    answer = post(client, "/subscribe", form, page="/")

    assert f'href="{address}"' in asked
    assert "nobody will ask" in page
    assert (f"{said} every month" in page, f'name="currency" value="{currency}"' in page) == (True, True)
    assert 'href="/subscribe/less?currency=' in page
    assert answer.status_code == 303
    assert rows(session, SubscriptionIntent)[0].price.amount == Money(minor, currency)
    assert f"currency={currency}" in wishes(gateway)[0].cancel_url


def test_where_a_currency_has_no_less_the_others_are_offered(client, offers, session, price):
    make_price(session, tier=price.tier, amount=Money(900, "jpy"))
    session.commit()

    assert 'href="/subscribe/less?currency=jpy"' in client.get("/?currency=jpy").text
    assert "€3 every month" in client.get("/subscribe/less?currency=jpy").text


def test_who_leaves_the_checkout_of_less_comes_back_to_less(client, offers, gateway):
    page = client.get("/?source=/north").text
    form = {"tier": "friend", "interval": "month", "kind": "concession", "email": EMAIL, "source": "/north"}
    post(client, "/subscribe", form, page="/")
    back = client.get(wishes(gateway)[-1].cancel_url).text

    assert 'href="/subscribe/less?currency=eur&amp;source=/north"' in page
    assert "If it is too much for you" in back
    assert "Nothing was charged" in back
    assert 'name="source" value="/north"' in back
    assert 'href="/subscribe/less?tier=friend' in client.get("/subscribe", query_string=form).text


def test_where_nothing_is_cheaper_the_page_says_so(client, price):
    assert "one price only" in client.get("/subscribe/less").text


def test_more_than_the_price_can_be_given_and_is_said_before(client, offers, gateway, session):
    gateway.world.products["prod_1"] = "Friend"
    shown = choose(client, more="12,50")
    form = {"tier": "friend", "interval": "month", "more": "12,50", "email": EMAIL}
    answer = post(client, "/subscribe", form, page="/")

    assert "Give €12.50 every month" in shown.text
    assert answer.status_code == 303
    intent = rows(session, SubscriptionIntent)[0]
    assert intent.price.amount == Money(1250, "eur")
    assert gateway.world.prices[intent.price.stripe_price_id].amount == Money(1250, "eur")


@pytest.mark.parametrize(("more", "words"), [("3", "begins at €5"), ("ten", "plain digits")])
def test_too_little_is_refused_at_its_field_and_nothing_is_charged(client, offers, gateway, more, words):
    shown = choose(client, more=more)
    form = {"tier": "friend", "interval": "month", "more": more, "email": EMAIL}
    answer = post(client, "/subscribe", form, page="/")

    assert words in shown.text
    assert (answer.status_code, words in answer.text) == (400, True)
    assert wishes(gateway) == []


def test_a_code_makes_the_first_payment_cheaper_and_says_so(client, offers, gateway):
    shown = choose(client, coupon="autumn")
    form = {"tier": "friend", "interval": "month", "coupon": "autumn", "email": EMAIL}
    answer = post(client, "/subscribe", form, page="/")

    assert "the first payment is €2.50" in shown.text
    assert "you give €5 every month" in shown.text
    assert answer.status_code == 303
    assert wishes(gateway)[0].promotion_code_id == "promo_1"


@pytest.mark.parametrize(
    ("duration", "months", "words", "account"),
    [
        ("once", None, "the first payment is €2.50; from", "the first payment is €2.50; from"),
        ("repeating", 3, "With your code each payment before", "With your code each payment before"),
        ("forever", None, "With your code every payment is €2.50.", "You give €2.50 every month."),
    ],
)
def test_until_when_a_code_counts_is_said_before_and_after_paying(
    client, offers, gateway, session, drain, duration, months, words, account
):
    coupon = session.query(Coupon).one()
    coupon.duration, coupon.months = CouponDuration(duration), months
    session.commit()
    form = {"tier": "friend", "interval": "month", "coupon": "autumn", "email": EMAIL}
    assert words in choose(client, coupon="autumn").text

    post(client, "/subscribe", form, page="/")
    session_id = next(iter(gateway.world.wishes))
    gateway.pay_checkout(session_id)
    thanks = client.get(f"/thanks?session_id={session_id}").text
    intent = rows(session, SubscriptionIntent)[-1]
    sign_in(client, session, intent.patron)

    assert account in thanks
    assert rows(session, Coupon)[0].uses == 1
    assert account in client.get("/account").text
    letter = next(one for one in rows(session, Letter) if one.kind == "welcome")
    assert letter.values["amount"]["minor"] == (250 if duration == "forever" else 500)
    assert ("full_at" in letter.values) == (duration != "forever")
    with time_machine.travel(utc_now() + timedelta(days=100), tick=False):
        sign_in(client, session, intent.patron)
        later = "You give €2.50 every month." if duration == "forever" else "You give €5 every month."
        assert later in client.get("/account").text


def test_a_code_that_does_not_count_is_refused_at_its_field(client, offers, gateway):
    form = {"tier": "friend", "interval": "month", "coupon": "NOTHING", "email": EMAIL}
    answer = post(client, "/subscribe", form, page="/")

    assert (answer.status_code, "not valid for what you chose" in answer.text) == (400, True)
    assert wishes(gateway) == []


def test_a_tier_with_one_price_takes_no_more(client, offers, session, price):
    session.get(Tier, price.tier_id).takes_more = False
    session.commit()

    assert "has one price only" in choose(client, more="12").text


@pytest.mark.parametrize(
    ("currency", "typed", "charged", "least"),
    [
        ("jpy", "500", 500, "¥300"),
        ("kwd", "5.120", 5120, "KWD1"),
        ("isk", "500", 50_000, "ISK"),
    ],
)
def test_once_is_given_in_every_currency_that_is_offered(client, session, price, currency, typed, charged, least):
    make_price(session, tier=price.tier, amount=Money(60_000, currency))
    session.commit()
    page = client.get(f"/?currency={currency}&interval=once").text.replace("\xa0", " ")
    assert f"Any amount from {least}" in page
    form = {"interval": "once", "amount": typed, "currency": currency, "email": EMAIL}
    assert f'name="currency" value="{currency}"' in post(client, "/", form).text

    assert post(client, "/donate", form, page="/").status_code == 303
    assert rows(session, Donation)[0].amount == Money(charged, currency)
    too_little = post(client, "/donate", form | {"amount": "1" if currency != "kwd" else "0.990"}, page="/")
    assert (too_little.status_code, f'name="currency" value="{currency}"' in too_little.text) == (400, True)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/", {"interval": "once", "amount": "5.123", "message": "For the school"}),
        ("/donate", {"amount": "5.123", "message": "For the school"}),
        ("/subscribe", {"tier": "friend", "interval": "month", "more": "5.123"}),
    ],
)
def test_an_amount_that_no_card_can_pay_is_refused_with_the_two_beside_it(client, session, price, path, form):
    make_price(session, tier=price.tier, amount=Money(2000, "kwd"))
    session.commit()
    answer = post(client, path, form | {"currency": "kwd", "email": EMAIL}, page="/")
    page = answer.text.replace("\xa0", " ").replace("KWD ", "KWD")

    assert answer.status_code == 400
    assert "Exactly KWD5.123 cannot be paid by card. The nearest amounts that can are KWD5.120 and KWD5.130." in page
    assert all(f'value="{typed}"' in page for typed in ("5.123", "kwd", EMAIL))
    assert form.get("message", "") in page
