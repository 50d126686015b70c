"""Events, webhook endpoints, and the account itself."""

import secrets

from membership.sandbox.errors import InvalidParam
from membership.sandbox.listing import page
from membership.sandbox.objects import platform
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, check_url, flag, merge_metadata, need, only, texts
from membership.sandbox.world import API_VERSION, World


def list_events(world: World, call: Call) -> Object:
    """List the events of the last 30 days, the newest first."""
    only(call.params, "created delivery_success ending_before limit starting_after type types")
    wanted = call.params.get("types") or [call.params.get("type", "*")]
    events = world.store.newest("event")
    return page(call, (event for event in events if any(_fits(event["type"], own) for own in wanted)))


def create_endpoint(world: World, call: Call) -> Object:
    """Register an address; only this answer tells its secret."""
    only(call.params, "api_version description enabled_events metadata url")
    if call.params.get("api_version", API_VERSION) != API_VERSION:
        raise InvalidParam(f"The sandbox speaks only {API_VERSION}.", code="sandbox_unsupported", param="api_version")
    endpoint = platform.webhook_endpoint(
        world,
        url=check_url(need(call.params, "url"), "url"),
        enabled_events=need(call.params, "enabled_events"),
        metadata=check_metadata(call.params.get("metadata")),
        **texts(call.params, "description"),
    )
    secret = f"whsec_{secrets.token_urlsafe(24)}"
    return world.store.add(endpoint, secret=secret) | {"secret": secret}


def update_endpoint(world: World, call: Call) -> Object:
    """Change an address, what it wants, or whether it is used."""
    only(call.params, "description disabled enabled_events metadata url")
    endpoint = world.store.get("webhook_endpoint", call.id)
    endpoint |= texts(call.params, "description")
    endpoint |= {name: call.params[name] for name in ("enabled_events", "url") if name in call.params}
    if "disabled" in call.params:
        endpoint["status"] = "disabled" if flag(call.params["disabled"], "disabled") else "enabled"
    merge_metadata(endpoint, call.params)
    return endpoint


def delete_endpoint(world: World, call: Call) -> Object:
    """Send no more events to an address."""
    world.store.get("webhook_endpoint", call.id)
    world.store.drop("webhook_endpoint", call.id)
    return {"id": call.id, "object": "webhook_endpoint", "deleted": True}


def list_endpoints(world: World, call: Call) -> Object:
    """List the addresses that want events."""
    return page(call, world.store.newest("webhook_endpoint"))


def account(world: World, call: Call) -> Object:
    """Show the one account there is."""
    return platform.account()


def _fits(type: str, wanted: str) -> bool:
    return type == wanted or (wanted.endswith("*") and type.startswith(wanted[:-1]))


ROUTES: list[Route] = [
    ("GET", "/v1/events", list_events),
    ("GET", "/v1/events/<id>", retrieve("event")),
    ("POST", "/v1/webhook_endpoints", create_endpoint),
    ("GET", "/v1/webhook_endpoints", list_endpoints),
    ("GET", "/v1/webhook_endpoints/<id>", retrieve("webhook_endpoint")),
    ("POST", "/v1/webhook_endpoints/<id>", update_endpoint),
    ("DELETE", "/v1/webhook_endpoints/<id>", delete_endpoint),
    ("GET", "/v1/account", account),
]
