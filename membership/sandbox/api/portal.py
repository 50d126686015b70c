"""The customer portal: how it is set up, and the links that open it."""

from membership.sandbox.billing import renewing
from membership.sandbox.checkout import living
from membership.sandbox.errors import ApiError, InvalidParam
from membership.sandbox.listing import CURSOR, page
from membership.sandbox.objects import nulls, portal
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import check_metadata, check_url, flag, integer, merge_metadata, need, only, texts
from membership.sandbox.world import World

KIND = "billing_portal.configuration"
SETTINGS = "business_profile default_return_url features login_page metadata name"
PROFILE = "headline privacy_policy_url terms_of_service_url"
FLOWS = ("payment_method_update", "subscription_cancel", "subscription_update")


def create_configuration(world: World, call: Call) -> Object:
    """Set the portal up; the first configuration is the default one."""
    only(call.params, SETTINGS)
    features = _features(need(call.params, "features"))
    configuration = portal.configuration(world, features=features, **texts(call.params, "default_return_url name"))
    configuration["metadata"] = check_metadata(call.params.get("metadata"))
    configuration["is_default"] = next(world.store.newest(KIND), None) is None
    configuration["business_profile"] |= texts(call.params.get("business_profile", {}), PROFILE)
    return world.add("billing_portal.configuration.created", configuration)


def update_configuration(world: World, call: Call) -> Object:
    """Change how the portal is set up."""
    only(call.params, f"{SETTINGS} active")
    configuration = world.store.get(KIND, call.id)
    given = _features(call.params.get("features", {}))
    with world.changing("billing_portal.configuration.updated", configuration):
        configuration |= texts(call.params, "default_return_url name")
        configuration["business_profile"] |= texts(call.params.get("business_profile", {}), PROFILE)
        features = configuration["features"]
        configuration["features"] = features | {name: features[name] | own for name, own in given.items()}
        merge_metadata(configuration, call.params)
        if "active" in call.params:
            configuration["active"] = flag(call.params["active"], "active")
        configuration["updated"] = world.now()
    return configuration


def list_configurations(world: World, call: Call) -> Object:
    """List the ways in which the portal is set up."""
    only(call.params, f"{CURSOR} active is_default")
    wanted = {name: flag(call.params[name], name) for name in ("active", "is_default") if name in call.params}
    return page(call, world.store.where(KIND, **wanted))


def create_session(world: World, call: Call) -> Object:
    """Make a link to the portal for one customer."""
    only(call.params, "configuration customer flow_data locale return_url")
    customer = living(world, need(call.params, "customer"))
    configuration = _configuration(world, call.params)
    back = call.params.get("return_url") or configuration["default_return_url"]
    if back:
        check_url(back, "return_url")
    flow = _flow(world, call.params["flow_data"], customer, configuration) if "flow_data" in call.params else None
    given = texts(call.params, "locale") | {"flow": flow, "return_url": back}
    session = portal.session(world, customer["id"], configuration["id"], call.base, **given)
    return world.add("billing_portal.session.created", session)


def _configuration(world: World, params: Object) -> Object:
    if "configuration" in params:
        return world.store.get(KIND, params["configuration"], "configuration")
    default = next(world.store.where(KIND, is_default=True), None)
    return default or world.store.add(portal.configuration(world, features=portal.everything(), is_default=True))


def _flow(world: World, data: Object, customer: Object, configuration: Object) -> Object:
    only(data, f"after_completion type {' '.join(FLOWS)}")
    type = need(data, "type")
    if type not in FLOWS:
        raise InvalidParam(f"The sandbox has no flow {type}.", code="sandbox_unsupported", param="flow_data[type]")
    if not configuration["features"][type]["enabled"]:
        raise ApiError(f"The portal configuration does not allow {type}.", param="flow_data[type]")
    given = {}
    if type != "payment_method_update":
        own = need(data, type)
        only(own, "subscription")
        subscription = world.store.get("subscription", need(own, "subscription"), "flow_data[subscription]")
        if subscription["customer"] != customer["id"] or subscription["status"] not in renewing.LIVE:
            raise ApiError("This subscription cannot be changed by this customer.", param="flow_data[subscription]")
        nothing = {"retention": None} if type == "subscription_cancel" else {}
        given = {type: nothing | {"subscription": subscription["id"]}}
    return portal.flow(type, _after(data.get("after_completion", {"type": "portal_homepage"})), **given)


def _after(given: Object) -> Object:
    only(given, "hosted_confirmation redirect type")
    after = nulls("hosted_confirmation redirect") | {"type": need(given, "type")}
    if after["type"] == "redirect":
        after["redirect"] = {"return_url": check_url(need(need(given, "redirect"), "return_url"), "return_url")}
    if after["type"] == "hosted_confirmation":
        message = given.get("hosted_confirmation", {}).get("custom_message")
        after["hosted_confirmation"] = {"custom_message": message}
    return after


def _features(given: Object) -> Object:
    if given.get("subscription_update", {}).get("schedule_at_period_end", {}).get("conditions"):
        message = "The portal of the sandbox changes a tier at once, never at the period's end."
        raise InvalidParam(message, code="sandbox_unsupported", param="features[subscription_update]")
    features = {name: _typed(own) for name, own in given.items()}
    for product in features.get("subscription_update", {}).get("products") or []:
        product["adjustable_quantity"] = {"enabled": False, "minimum": 1} | product.get("adjustable_quantity", {})
    return features


def _typed(given: Object) -> Object:
    """Give the leaves of a feature, which come as text, the types that answers have."""
    found: Object = {}
    for name, value in given.items():
        if isinstance(value, dict):
            found[name] = _typed(value)
        elif isinstance(value, list):
            found[name] = [_typed(one) if isinstance(one, dict) else one for one in value]
        elif name == "enabled":
            found[name] = flag(value, name)
        elif name in {"interval_count", "maximum", "minimum"}:
            found[name] = integer(value, name)
        else:
            found[name] = value or ([] if name.endswith(("s", "options")) else None)
    return found


ROUTES: list[Route] = [
    ("POST", "/v1/billing_portal/configurations", create_configuration),
    ("GET", "/v1/billing_portal/configurations", list_configurations),
    ("GET", "/v1/billing_portal/configurations/<id>", retrieve(KIND)),
    ("POST", "/v1/billing_portal/configurations/<id>", update_configuration),
    ("POST", "/v1/billing_portal/sessions", create_session),
]
