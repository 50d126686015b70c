"""Which site asks, what it may, how much, and what it sent."""

from collections.abc import Mapping
from typing import TypeVar

from flask import Blueprint, Response, abort, current_app, request
from pydantic import BaseModel, ValidationError

from membership.access import service
from membership.access.errors import BodyUnreadable, ScopeMissing, SubjectMissing
from membership.access.forms import NUMBER
from membership.access.models import Scope
from membership.access.service import AskingSite, KnownKeys, Quotas
from membership.clock import utc_now
from membership.db import session, transaction
from membership.i18n import gettext
from membership.idempotency.api import View, once
from membership.openapi import Parameter
from membership.web import csrf, problem, settings

bp = Blueprint("access_api", __name__)
csrf.exempt(bp)
EXTERNAL_ID = {"external_id": Parameter("What she is called in your database.", NUMBER, is_needed=True)}
Sent = TypeVar("Sent", bound=BaseModel)


def once_per_site(view: View) -> View:
    """Let a site send the same POST again under one Idempotency-Key; goes below every route that takes one."""
    # Not asking_site: the route itself counts against the quota.
    return once(lambda: f"site {_site_of_key().site_id}")(view)


def anew_per_site(view: View) -> View:
    """Like once_per_site, for what fades: the same request makes it anew."""
    return once(lambda: f"site {_site_of_key().site_id}", keeps=False)(view)


def asking_site(*scopes: Scope) -> AskingSite:
    """Return the site that asks, with these scopes; 401 without a key, 429 over quota. Raises ScopeMissing."""
    site = _site_of_key()
    if missing := [scope for scope in scopes if scope not in site.scopes]:
        raise ScopeMissing(scope=missing[0].value)
    take("asked", site, settings().api_quota_per_minute)
    return site


def take(kind: str, site: AskingSite, most: int, *, cost: int = 1) -> None:
    """Count what a site asks against its quota; 429 when that is used up."""
    quotas: Quotas = current_app.extensions["quotas"]
    if wait := quotas.take(kind, site.site_id, most, utc_now(), cost=cost):
        refusal = problem(429, "QuotaUsedUp", gettext("This is more than a site may ask within a minute."))
        refusal.headers["Retry-After"] = str(wait)
        abort(refusal)


def read_fields() -> Mapping[str, object]:
    """Read a form or a JSON object."""
    if not request.is_json:
        return request.form
    try:
        sent = request.get_json(silent=True)
    except RecursionError:  # nested more deeply than any honest body
        sent = None
    if not isinstance(sent, dict):
        raise SubjectMissing
    return sent


def read_body(model: type[Sent]) -> Sent:
    """Read JSON of this shape. Raises BodyUnreadable, naming the place."""
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "body"
        raise BodyUnreadable(field=where, where=where) from error


def _site_of_key() -> AskingSite:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    known: KnownKeys = current_app.extensions["known_keys"]
    now = utc_now()
    if scheme != "Bearer" or not key:
        abort(_key_refused())
    site = known.recall(key, now) or known.find(session(), key, now)
    if site is None:
        abort(_key_refused())
    if service.needs_note(site, now):
        with transaction() as current:
            known.note(current, key, site, now)
    return site


def _key_refused() -> Response:
    refusal = problem(401, "SiteKeyRefused", gettext("This takes the key of a registered site."))
    refusal.headers["WWW-Authenticate"] = "Bearer"
    return refusal
