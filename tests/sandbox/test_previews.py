import pytest
import stripe

from tests.sandbox.schemas import problems
from tests.sandbox.test_changing import amounts, item_of, newest, to

DAY = 24 * 3600


@pytest.fixture
def member(sandbox2025):
    member = sandbox2025.member(price=sandbox2025.price(3100))
    sandbox2025.advance(days=21)
    return member


def preview(sandbox, **params):
    shown = sandbox.v1.invoices.create_preview(params)
    assert problems(shown.last_response.data) == []
    return shown


def test_what_is_shown_is_what_is_charged(sandbox2025, member):
    change = to(member, sandbox2025.price(6200), proration_behavior="always_invoice")
    change["proration_date"] = sandbox2025.world.clock.now()
    tables = sandbox2025.world.store.tables.copy()

    shown = preview(sandbox2025, subscription=member.id, subscription_details=change)

    assert (sandbox2025.world.store.tables, newest(sandbox2025, member).id) == (tables, member.latest_invoice)
    assert shown.parent.subscription_details.subscription_proration_date == change["proration_date"]
    sandbox2025.advance(days=1)
    sandbox2025.v1.subscriptions.update(member.id, change)
    charged = newest(sandbox2025, member)
    assert (amounts(shown), shown.amount_due) == (amounts(charged), charged.amount_due)
    assert [line.period.start for line in shown.lines.data] == [line.period.start for line in charged.lines.data]


@pytest.mark.parametrize("interval", ["month", "year"])
def test_the_next_renewal_is_shown_as_it_comes(sandbox2025, member, interval):
    change = to(member, sandbox2025.price(9300, interval=interval))
    shown = preview(sandbox2025, subscription=member.id, subscription_details=change)

    sandbox2025.v1.subscriptions.update(member.id, change)
    sandbox2025.advance(days=11)

    assert (amounts(shown), shown.total) == (amounts(newest(sandbox2025, member)), newest(sandbox2025, member).total)


def test_an_amount_of_her_own_is_shown_without_a_price_being_made(sandbox2025, member):
    own = {"currency": "eur", "product": item_of(member).price.product, "unit_amount": 4650}
    item = {"id": item_of(member).id, "price_data": own | {"recurring": {"interval": "month"}}}
    prices = sandbox2025.v1.prices.list().data

    shown = preview(
        sandbox2025,
        subscription=member.id,
        customer=member.customer,
        subscription_details={"items": [item], "proration_behavior": "none"},
    )

    assert amounts(shown) == [4650]
    assert sandbox2025.v1.prices.list().data == prices


def test_only_what_comes_again_is_shown_if_asked_for(sandbox2025, member):
    change = to(member, sandbox2025.price(6200))

    shown = preview(sandbox2025, subscription=member.id, subscription_details=change, preview_mode="recurring")

    assert amounts(shown) == [6200]


def test_the_end_of_a_trial_is_shown(sandbox2025, member):
    shown = preview(
        sandbox2025,
        customer=member.customer,
        subscription_details={"items": [{"price": item_of(member).price.id}], "trial_end": member.created + 90 * DAY},
    )
    assert (amounts(shown), shown.amount_due) == ([0], 0)
    sandbox2025.v1.subscriptions.update(member.id, {"trial_end": member.created + 90 * DAY})

    assert preview(sandbox2025, subscription=member.id).total == 3100


def test_what_an_end_gives_back_is_shown(sandbox2025, member):
    assert amounts(preview(sandbox2025, subscription=member.id, subscription_details={"cancel_now": True})) == [-1000]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"subscription": "sub_nothing"},
        {"subscription_details": {"cancel_at_period_end": True}},
        {"subscription_details": {"cancel_at": "min_period_end"}},
        {"customer": "cus_other"},
    ],
)
def test_what_cannot_be_shown_is_refused(sandbox2025, member, params):
    given = {"subscription": member.id, **params} if params else {}

    with pytest.raises(stripe.InvalidRequestError):
        sandbox2025.v1.invoices.create_preview(given)
