import pytest
import stripe


def test_there_is_one_account(sandbox):
    account = sandbox.v1.accounts.retrieve_current()

    assert (account.id[:5], account.country, account.default_currency) == ("acct_", "DE", "eur")


def test_events_are_listed_by_type(sandbox):
    sandbox.member()

    def types(**params):
        return {event.type for event in sandbox.v1.events.list({"limit": 100, **params}).data}

    assert types(type="invoice.paid") == {"invoice.paid"}
    assert types(types=["invoice.paid", "charge.succeeded"]) == {"invoice.paid", "charge.succeeded"}
    assert types(type="invoice.*") == {
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    }
    assert types() > types(type="invoice.*")


def test_an_event_keeps_what_its_object_was(sandbox):
    made = sandbox.v1.customers.create({"name": "Before"})
    (event,) = sandbox.v1.events.list().data
    sandbox.v1.customers.update(made.id, {"name": "After"})

    kept = sandbox.v1.events.retrieve(event.id)

    assert kept.data.object.name == "Before"
    assert (kept.api_version, kept.livemode) == (stripe.api_version, False)


def test_events_are_kept_for_thirty_days(sandbox):
    sandbox.v1.customers.create({})
    sandbox.advance(days=31)

    newest = sandbox.v1.customers.create({})

    assert [event.data.object.id for event in sandbox.v1.events.list().data] == [newest.id]


def test_only_the_first_answer_tells_an_endpoints_secret(sandbox):
    wish = {"url": "http://127.0.0.1:9/hook", "enabled_events": ["*"], "api_version": stripe.api_version}

    made = sandbox.v1.webhook_endpoints.create({**wish, "description": "Ours", "metadata": {"a": "1"}})

    assert made.secret.startswith("whsec_")
    found = sandbox.v1.webhook_endpoints.retrieve(made.id)
    assert "secret" not in found
    assert (found.url, found.api_version, found.description) == (wish["url"], stripe.api_version, "Ours")
    changed = sandbox.v1.webhook_endpoints.update(made.id, {"disabled": True, "url": "http://127.0.0.1:9/new"})
    assert (changed.status, changed.url) == ("disabled", "http://127.0.0.1:9/new")
    assert sandbox.v1.webhook_endpoints.update(made.id, {"disabled": False}).status == "enabled"
    assert [one.id for one in sandbox.v1.webhook_endpoints.list().data] == [made.id]
    assert sandbox.v1.webhook_endpoints.delete(made.id).deleted
    assert sandbox.v1.webhook_endpoints.list().data == []


@pytest.mark.parametrize(
    ("fields", "param"),
    [({"url": "nowhere"}, "url"), ({"api_version": "2020-08-27"}, "api_version"), ({"connect": True}, "connect")],
)
def test_an_endpoint_that_cannot_work_is_refused(sandbox, fields, param):
    wish = {"url": "http://127.0.0.1:9/hook", "enabled_events": ["invoice.paid"]}

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.webhook_endpoints.create({**wish, **fields})

    assert refusal.value.param == param
