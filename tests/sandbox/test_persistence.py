import json

from membership.sandbox.persistence import Keeper, load, save
from membership.sandbox.webhooks import Mode
from membership.sandbox.world import Endpoint
from tests.sandbox.driver import SECRET, new_world, serving


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
