import json

from membership.sandbox.persistence import Keeper, load, save
from membership.sandbox.webhooks import Mode
from membership.sandbox.world import Endpoint
from tests.sandbox.driver import FAILS_LATER, GOOD, SECRET, new_world, serving


def test_a_loaded_sandbox_goes_on_where_the_saved_one_ended(tmp_path):
    world = new_world(tmp_path, "2025-01-31T12:00", mode=Mode.HOLD, endpoint=Endpoint("http://127.0.0.1:9/", SECRET))
    with serving(world) as sandbox:
        subscription = sandbox.member()
        made = sandbox.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "customer:1"})
        told, pending = sandbox.told(), world.webhooks.pending()
    save(world, tmp_path / "data")

    again = load(tmp_path / "data", tmp_path / "clock")

    assert (again.store.tables, again.store.untold) == (world.store.tables, world.store.untold)
    assert again.webhooks.pending() == pending
    assert again.webhooks.mode is Mode.HOLD
    with serving(again) as sandbox:
        assert sandbox.told() == told
        replayed = sandbox.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "customer:1"})
        assert replayed.id == made.id
        sandbox.advance(months=1)
        sandbox.advance(seconds=3600)
        assert sandbox.v1.invoices.list({"subscription": subscription.id}).data[0].status == "paid"
        ids = [thing["id"] for table in again.store.tables.values() for thing in table.values()]
        assert len(ids) == len(set(ids))


def test_the_time_is_kept_even_without_a_clock_file(tmp_path):
    world = new_world(tmp_path, "2025-01-31T12:00")
    save(world, tmp_path / "data")

    assert abs(load(tmp_path / "data", None).clock.now() - world.clock.now()) < 2


def test_saving_waits_for_a_change_and_for_a_while(tmp_path):
    world, file = new_world(tmp_path), tmp_path / "data"
    keeper = Keeper(world, file)
    keeper.look()
    assert not file.exists()

    world.changes += 1
    keeper.look()
    first = file.read_text()
    world.changes += 1
    world.store.given += 1
    keeper.look()
    assert file.read_text() == first
    keeper.not_before = 0
    keeper.look()

    assert json.loads(file.read_text())["given"] == world.store.given


def test_what_is_planned_for_a_subscription_survives_too(tmp_path):
    world = new_world(tmp_path, "2025-01-01T00:00", mode=Mode.DROP)
    with serving(world) as sandbox:
        sandbox.post("/_sandbox/terms", {"unpaid_become": "unpaid"})
        half = sandbox.v1.coupons.create({"percent_off": 50, "duration": "forever"}).id
        member = sandbox.member(FAILS_LATER, price=sandbox.price(3100), discounts=[{"coupon": half}])
        sandbox.advance(days=21)
        change = {"items": [{"id": member["items"].data[0].id, "price": sandbox.price(6200).id}]}
        change |= {"proration_behavior": "always_invoice", "payment_behavior": "pending_if_incomplete"}
        sandbox.v1.subscriptions.update(member.id, change)
    save(world, tmp_path / "data")

    with serving(load(tmp_path / "data", tmp_path / "clock")) as sandbox:
        sandbox.post(f"/_sandbox/customers/{member.customer}/card", {"card": GOOD})
        waiting = sandbox.v1.subscriptions.retrieve(member.id)
        paid = sandbox.v1.invoices.pay(waiting.latest_invoice)
        assert (paid.amount_paid, paid.total) == (500, 500)
        assert sandbox.v1.subscriptions.retrieve(member.id)["items"].data[0].price.unit_amount == 6200
        sandbox.advance(days=11)
        assert sandbox.v1.invoices.list({"subscription": member.id}).data[0].amount_paid == 3100
        assert sandbox.world.terms.unpaid_become == "unpaid"
