"""The doors for a site's server: each asks for the site's key; a reader's cookie means nothing here."""

from collections.abc import Mapping

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from membership.access import service
from membership.access.answers import describe
from membership.access.errors import SubjectMissing
from membership.access.forms import CodeForm, parse_subject
from membership.access.rules import Decision
from membership.access.service import PASS_LIFE, Addressee, AskingSite, KnownKeys, Pass
from membership.clock import utc_now
from membership.db import one_reading, session, transaction
from membership.i18n import gettext
from membership.idempotency.api import View, once, reference
from membership.web import csrf, problem, settings

bp = Blueprint("access_api", __name__)
csrf.exempt(bp)
JWKS_LIFE = 300


@bp.get("/.well-known/jwks.json")
def keys() -> ResponseReturnValue:
    """Publish the keys that verify passes."""
    ring = service.key_ring(settings().pass_keys_dir)
    response = jsonify(keys=[key.published() for key in ring.published_keys(utc_now())])
    response.headers["Cache-Control"] = f"public, max-age={JWKS_LIFE}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def once_per_site(view: View) -> View:
    """Let a site send the same POST again under one Idempotency-Key; goes below every route that takes one."""
    return once(lambda: f"site {_asking_site().site_id}")(view)


@bp.post("/access/token")
@once_per_site
def collect() -> ResponseReturnValue:
    """Give a site's server the pass of the reader whom a hand-over brought."""
    site, now = _asking_site(), utc_now()
    form = CodeForm.parse(_fields())
    with transaction() as current:
        handover = service.take_code(current, site.site_id, form.code, now, taker=reference())
    service.prove(handover, form.verifier)
    with transaction() as current:
        subject = service.subject_of(current, site.site_id, handover.patron_id)
    decision = service.decide_for(session(), handover.patron_id, now)
    return pass_response(mint_pass(site.audience, subject, decision))


@bp.post("/access/pass", provide_automatic_options=False)
@once_per_site
def renew() -> ResponseReturnValue:
    """Give a site's server a fresh pass for a reader whom it knows."""
    site = _asking_site()
    subject = parse_subject(_fields())
    patron_id = service.patron_behind(session(), site.site_id, subject)
    return pass_response(mint_pass(site.audience, subject, service.decide_for(session(), patron_id, utc_now())))


@bp.get("/api/v1/access/<subject>")
def decide(subject: str) -> ResponseReturnValue:
    """Tell a site's server what a reader may have now."""
    site, now = _asking_site(), utc_now()
    with one_reading() as connection:
        decision = service.decide_for_subject(connection, site.site_id, parse_subject({"subject": subject}), now)
    told = describe(subject, decision, now)
    if request.headers.get("If-None-Match") and request.if_none_match.contains_raw(told.headers["ETag"]):
        return "", 304, told.headers
    return Response(told.body, headers=told.headers, content_type="application/json")


def mint_pass(audience: str, subject: str, decision: Decision) -> Pass:
    """Sign a decision for a site."""
    now = utc_now()
    key = service.key_ring(settings().pass_keys_dir).signing_key(now)
    return service.mint(decision, Addressee(settings().public_url.rstrip("/"), audience, subject), key, now)


def pass_response(signed: Pass) -> Response:
    """Answer with a pass; never kept by a cache."""
    return jsonify({"pass": signed.token, "expires_in": int(PASS_LIFE.total_seconds()), "subject": signed.subject})


def _asking_site() -> AskingSite:
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


def _fields() -> Mapping[str, object]:
    if not request.is_json:
        return request.form
    try:
        sent = request.get_json(silent=True)
    except RecursionError:  # nested more deeply than any honest body
        sent = None
    if not isinstance(sent, dict):
        raise SubjectMissing
    return sent
