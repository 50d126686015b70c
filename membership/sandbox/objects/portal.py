"""The customer portal: how it is set up, and the sessions in which somebody looks at it."""

from membership.sandbox.objects import nulls
from membership.sandbox.store import Object
from membership.sandbox.world import World

REASONS = (
    "too_expensive",
    "missing_features",
    "switched_service",
    "unused",
    "customer_service",
    "too_complex",
    "low_quality",
    "other",
)


def configuration(world: World, *, features: Object, **given: object) -> Object:
    """Render how the portal is set up; what is not named stays off."""
    own = {
        "id": world.store.new_id("billing_portal.configuration"),
        "object": "billing_portal.configuration",
        "active": True,
        "business_profile": nulls("headline privacy_policy_url terms_of_service_url"),
        "created": world.now(),
        "features": {name: default | features.get(name, {}) for name, default in _features().items()},
        "is_default": False,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "updated": world.now(),
    }
    return own | nulls("application default_return_url name") | given


def _features() -> Object:
    reason = {"enabled": False, "feedback_options": [], "options": list(REASONS)}
    return {
        "customer_update": {"allowed_updates": [], "enabled": False},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": reason,
            "enabled": False,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": False},
        "subscription_update": {
            "billing_cycle_anchor": None,
            "default_allowed_updates": [],
            "enabled": False,
            "products": [],
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }


def everything() -> Object:
    """Return the features of the portal that nobody set up: all that the sandbox has."""
    reasons = {"enabled": True, "feedback_options": [], "options": list(REASONS)}
    return {
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"cancellation_reason": reasons, "enabled": True},
        "subscription_update": {
            "default_allowed_updates": ["price"],
            "enabled": True,
            "proration_behavior": "always_invoice",
        },
    }


def session(world: World, customer: str, configuration: str, base: str, **given: object) -> Object:
    """Render a session of a customer in the portal, whose page lies below `base`."""
    id = world.store.new_id("billing_portal.session")
    own = {
        "id": id,
        "object": "billing_portal.session",
        "configuration": configuration,
        "created": world.now(),
        "customer": customer,
        "flow": None,
        "livemode": False,
        "url": f"{base}/p/session/{id}",
    }
    return own | nulls("after_expiration customer_account locale on_behalf_of return_url") | given


def flow(type: str, after: Object, **given: object) -> Object:
    """Render the one thing that a session is for."""
    names = "customer_update subscription_cancel subscription_pause subscription_update subscription_update_confirm"
    return nulls(names) | {"after_completion": after, "type": type} | given
