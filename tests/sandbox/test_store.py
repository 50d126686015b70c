from membership.sandbox.store import Store


def test_ids_follow_from_the_seed():
    kinds = ("customer", "checkout.session", "customer", "event")

    assert [Store("a").new_id(kind) for kind in kinds] != [Store("b").new_id(kind) for kind in kinds]
    first, second = Store("a"), Store("a")
    assert [first.new_id(kind) for kind in kinds] == [second.new_id(kind) for kind in kinds]


def test_no_id_is_given_twice():
    store = Store("a")

    assert len({store.new_id("customer") for _ in range(1000)}) == 1000


def test_an_object_is_found_by_its_id_alone():
    store = Store("a")
    customer = store.add({"object": "customer", "id": store.new_id("customer")})

    assert store.by_id(customer["id"]) is customer
    assert store.by_id("cus_nobody") is None
    assert store.by_id("nothing") is None
