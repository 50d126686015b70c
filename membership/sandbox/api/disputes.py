"""Disputes and early fraud warnings."""

from membership.sandbox.billing import disputing
from membership.sandbox.errors import ApiError
from membership.sandbox.listing import listed
from membership.sandbox.objects.disputes import EVIDENCE
from membership.sandbox.routes import Call, Route, retrieve
from membership.sandbox.store import Object
from membership.sandbox.wire import flag, merge_metadata, only, texts
from membership.sandbox.world import World

LONGEST_EVIDENCE = 150_000


def update(world: World, call: Call) -> Object:
    """Answer a dispute with evidence; it goes to the bank unless `submit` is false."""
    params = call.params
    only(params, "evidence metadata submit")
    dispute = world.store.get("dispute", call.id)
    with world.changing("charge.dispute.updated", dispute):
        merge_metadata(dispute, params)
    if "evidence" in params or "submit" in params:
        _check_answerable(dispute)
        given = params.get("evidence") or {}
        only(given, EVIDENCE)
        if sum(len(value) for value in given.values()) > LONGEST_EVIDENCE:
            raise ApiError(f"Evidence has at most {LONGEST_EVIDENCE} characters.", param="evidence")
        is_submitted = flag(params.get("submit", "true"), "submit")
        disputing.respond(world, dispute, texts(given, EVIDENCE), is_submitted=is_submitted)
    return dispute


def close(world: World, call: Call) -> Object:
    """Accept that a dispute is lost."""
    dispute = world.store.get("dispute", call.id)
    if dispute["status"] not in disputing.OPEN | disputing.INQUIRIES:
        raise ApiError("This dispute is already closed.", code="dispute_already_closed")
    disputing.close(world, dispute, "warning_closed" if dispute["status"] in disputing.INQUIRIES else "lost")
    return dispute


def _check_answerable(dispute: Object) -> None:
    if dispute["status"] not in {"needs_response", "warning_needs_response"}:
        raise ApiError(f"This dispute is {dispute['status']}; its evidence can no longer be changed.")


ROUTES: list[Route] = [
    ("GET", "/v1/disputes", listed("dispute", "charge payment_intent")),
    ("GET", "/v1/disputes/<id>", retrieve("dispute")),
    ("POST", "/v1/disputes/<id>", update),
    ("POST", "/v1/disputes/<id>/close", close),
    ("GET", "/v1/radar/early_fraud_warnings", listed("radar.early_fraud_warning", "charge payment_intent")),
    ("GET", "/v1/radar/early_fraud_warnings/<id>", retrieve("radar.early_fraud_warning")),
]
