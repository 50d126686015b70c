import pytest
import stripe


def test_pages_miss_nothing_and_repeat_nothing(sandbox):
    made = [sandbox.v1.customers.create({"email": f"{n}@example.org"}).id for n in range(25)]

    found = [customer.id for customer in sandbox.v1.customers.list({"limit": 10}).auto_paging_iter()]

    assert found == made[::-1]


def test_pages_miss_nothing_while_others_are_made(sandbox):
    made = [sandbox.v1.customers.create({}).id for _ in range(6)]

    found = []
    for customer in sandbox.v1.customers.list({"limit": 2}).auto_paging_iter():
        found.append(customer.id)
        sandbox.v1.customers.create({})

    assert found == made[::-1]


def test_one_can_page_back(sandbox):
    made = [sandbox.v1.customers.create({}).id for _ in range(5)]

    page = sandbox.v1.customers.list({"limit": 2, "ending_before": made[0]})

    assert [customer.id for customer in page.data] == [made[2], made[1]]
    assert page.has_more
    assert not sandbox.v1.customers.list({"limit": 2, "ending_before": made[2]}).has_more


@pytest.mark.parametrize("params", [{"starting_after": "cus_x"}, {"ending_before": "cus_x"}])
def test_an_unknown_cursor_is_refused(sandbox, params):
    sandbox.v1.customers.create({})

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.customers.list(params)

    assert refusal.value.code == "resource_missing"


@pytest.mark.parametrize("limit", [0, 101])
def test_a_page_has_one_to_a_hundred_objects(sandbox, limit):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.customers.list({"limit": limit})

    assert refusal.value.param == "limit"


def test_lists_are_filtered_by_the_time_of_creation(sandbox):
    early = sandbox.v1.customers.create({})
    sandbox.advance(days=1)
    late = sandbox.v1.customers.create({})

    def ids(created):
        return [customer.id for customer in sandbox.v1.customers.list({"created": created}).data]

    assert ids({"gt": early.created}) == ids({"gte": late.created}) == ids(late.created) == [late.id]
    assert ids({"lt": late.created}) == ids({"lte": early.created}) == [early.id]
    assert ids({"gte": early.created, "lte": late.created}) == [late.id, early.id]


def test_lists_are_filtered_by_field(sandbox):
    ann, _ = (sandbox.v1.customers.create({"email": f"{name}@example.org"}) for name in ("ann", "ben"))

    assert [found.id for found in sandbox.v1.customers.list({"email": "ann@example.org"}).data] == [ann.id]
