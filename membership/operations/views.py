"""For the machines that watch us: alive, ready, and what waits."""

import hmac

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from membership import db
from membership.clock import utc_now
from membership.errors import NotFound
from membership.i18n import N_
from membership.jobs.service import is_worked
from membership.operations import migrations, service
from membership.web import settings

bp = Blueprint("operations", __name__)


class NoMetricsHere(NotFound):
    message = N_("There is nothing at this address.")


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    """Answer that this process runs; ask nothing of anybody else."""
    return jsonify(status="alive")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Answer whether readers can be served, and what is missing if not."""
    missing = _missing()
    return jsonify(status="not ready" if missing else "ready", missing=missing), 503 if missing else 200


@bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Tell Prometheus what waits and what is wrong; for holders of METRICS_TOKEN only."""
    token = settings().metrics_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(token.encode(), given.encode()):
        raise NoMetricsHere
    registry = CollectorRegistry()
    for name, value in service.measure(db.session()).items():
        Gauge(name, name.replace("_", " "), registry=registry).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _missing() -> list[str]:
    try:
        db.session().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return ["The database does not answer."]
    missing = [] if migrations.is_current(db.engine()) else ["The database is not at the newest revision."]
    if not missing and not is_worked(db.session(), utc_now()):
        missing.append("No worker was seen in the last two minutes.")
    return missing
