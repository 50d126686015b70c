"""Passes for a site's server, and the keys that verify them."""

from flask import Response, jsonify
from flask.typing import ResponseReturnValue

from membership.access import service
from membership.access.answers import Jwks, PassTold, write_pass
from membership.access.api.asking import anew_per_site, asking_site, bp, read_fields
from membership.access.forms import CodeForm, CodeSent, SubjectSent, parse_external_id, parse_subject
from membership.access.models import Scope
from membership.access.rules import Decision
from membership.access.service import Issuer, Pass
from membership.clock import utc_now
from membership.db import session, transaction
from membership.idempotency.api import reference
from membership.openapi import By, described
from membership.web import settings

JWKS_LIFE = 300


@bp.get("/.well-known/jwks.json")
@described("The public keys that verify passes", tag="Passes", gives=Jwks)
def keys() -> ResponseReturnValue:
    """Keep them for five minutes; a key that you have never seen is worth asking for again, at most once a minute."""
    ring = service.key_ring(settings().pass_keys_dir)
    response = jsonify(keys=[key.published() for key in ring.published_keys(utc_now())])
    response.headers["Cache-Control"] = f"public, max-age={JWKS_LIFE}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@bp.post("/access/token")
@described(
    "Collect the pass of a reader whom a hand-over brought", tag="Passes", by=By.KEY, takes=CodeSent, gives=PassTold
)
@anew_per_site
def collect() -> ResponseReturnValue:
    """With `external_id` (scope `link`) you can ask about her by your own number from then on."""
    fields = read_fields()
    external_id = parse_external_id(fields)
    site, now = asking_site(*([Scope.LINK] if external_id else [])), utc_now()
    form = CodeForm.parse(fields)
    with transaction() as current:
        handover = service.take_code(current, site.site_id, form.code, now, taker=reference())
    service.prove(handover, form.verifier)
    with transaction() as current:
        subject = service.subject_of(current, site.site_id, handover.patron_id)
        if external_id:
            service.link_reader(current, site.site_id, subject, external_id)
    decision = service.decide_for(session(), handover.patron_id, now)
    return pass_response(mint_pass(site.audience, subject, decision))


@bp.post("/access/pass", provide_automatic_options=False)
@described("Renew the pass of a reader whom the site knows", tag="Passes", by=By.KEY, takes=SubjectSent, gives=PassTold)
@anew_per_site
def renew() -> ResponseReturnValue:
    """Give a site's server a fresh pass, without the reader."""
    site = asking_site()
    subject = parse_subject(read_fields())
    patron_id = service.patron_behind(session(), site.site_id, subject)
    return pass_response(mint_pass(site.audience, subject, service.decide_for(session(), patron_id, utc_now())))


def mint_pass(audience: str, subject: str, decision: Decision) -> Pass:
    """Sign a decision for a site."""
    return Issuer.of(settings()).sign(decision, audience, subject, utc_now())


def pass_response(signed: Pass) -> Response:
    """Answer with a pass; never kept by a cache."""
    return Response(write_pass(signed), content_type="application/json")
