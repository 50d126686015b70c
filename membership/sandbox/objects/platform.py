"""The account, its balance, and its webhook endpoints."""

from collections import Counter

from membership.sandbox.objects import nulls
from membership.sandbox.store import Object
from membership.sandbox.world import API_VERSION, World

ACCOUNT_ID = "acct_1SandboxOpenDaily"


def account() -> Object:
    """Render the one account there is."""
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "DE",
        "created": 1577836800,
        "default_currency": "eur",
        "details_submitted": True,
        "email": "money@open-daily.example",
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }


def balance(world: World) -> Object:
    """Render what the account holds, per currency, by whether it could be paid out."""
    sums = {"available": Counter(eur=0), "pending": Counter(eur=0)}
    for transaction in world.store.newest("balance_transaction"):
        sums[transaction["status"]][transaction["currency"]] += transaction["net"]
    held = {status: [_held(currency, amount) for currency, amount in own.items()] for status, own in sums.items()}
    return {"object": "balance", "livemode": False} | held


def _held(currency: str, amount: int) -> Object:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def webhook_endpoint(world: World, **given: object) -> Object:
    """Render an address that wants events."""
    own = {
        "id": world.store.new_id("webhook_endpoint"),
        "object": "webhook_endpoint",
        "api_version": API_VERSION,
        "created": world.now(),
        "livemode": False,
        "metadata": {},
        "status": "enabled",
    }
    return own | nulls("application description") | given
