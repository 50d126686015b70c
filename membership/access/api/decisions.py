"""What readers may have now: one by the site's name or number for her, one by e-mail, many at once."""

from collections.abc import Sequence
from datetime import datetime

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from membership.access import service
from membership.access.answers import DecisionTold, ReadersTold, describe, describe_many
from membership.access.api.asking import EXTERNAL_ID, asking_site, bp, read_body, take
from membership.access.errors import UnknownSubject
from membership.access.forms import TOKEN, EmailSent, NamesSent, parse_external_id, parse_subject
from membership.access.models import Scope
from membership.access.service import Answer, KnownReader
from membership.clock import utc_now
from membership.db import one_reading, session, transaction
from membership.openapi import By, Parameter, described
from membership.patrons.service import people
from membership.web import settings

SUBJECT = {"subject": Parameter("The site's own random name for her.", TOKEN)}


@bp.get("/api/v1/access/<subject>")
@described("What a reader may have now", tag="Access", by=By.KEY, gives=DecisionTold, is_kept=True, parameters=SUBJECT)
def decide(subject: str) -> ResponseReturnValue:
    """Ask by the site's own random name for her; keep the answer as long as it says, and send its ETag back then.

    A name that is nobody's and another site's are answered alike, with 404.
    """
    site, now = asking_site(), utc_now()
    with one_reading() as connection:
        decision = service.decide_for_subject(connection, site.site_id, parse_subject({"subject": subject}), now)
    return _kept(describe(subject, decision), now)


@bp.get("/api/v1/access")
@described(
    "What a reader may have now, by your own number",
    tag="Access",
    by=By.KEY,
    gives=DecisionTold,
    is_kept=True,
    parameters=EXTERNAL_ID,
)
def decide_by_number() -> ResponseReturnValue:
    """Ask by what she is called in the site's own database, once the two are linked."""
    site, now = asking_site(), utc_now()
    number = parse_external_id(request.args, is_needed=True)
    reader = _one(service.find_readers(session(), site.site_id, external_ids=[number]))
    decisions = service.decide_for_many(session(), [reader.patron_id], now)
    return _kept(describe(reader.subject, decisions[reader.patron_id]), now)


@bp.post("/api/v1/access")
@described("What a reader may have now, by her e-mail", tag="Access", by=By.KEY, takes=EmailSent, gives=DecisionTold)
def decide_by_email() -> ResponseReturnValue:
    """Only for sites with the scope `email`, and seldom: it tells whether somebody gives. The address is not logged."""
    site, now = asking_site(Scope.EMAIL), utc_now()
    take("email", site, settings().email_lookups_per_minute)
    patron = people.find_by_email(session(), read_body(EmailSent).email)
    if patron is None:
        raise UnknownSubject
    patron_id = patron.id
    with transaction() as current:
        subject = service.subject_of(current, site.site_id, patron_id)
    return _unkept(describe(subject, service.decide_for(session(), patron_id, now)))


@bp.post("/api/v1/access/batch")
@described("What many readers may have now", tag="Access", by=By.KEY, takes=NamesSent, gives=ReadersTold)
def decide_many() -> ResponseReturnValue:
    """Ask about up to a hundred readers at once; each counts against the quota. Strangers are listed as unknown."""
    site, now = asking_site(), utc_now()
    names = read_body(NamesSent)
    take("asked", site, settings().api_quota_per_minute, cost=len(names.subjects) + len(names.external_ids) - 1)
    found = service.find_readers(session(), site.site_id, subjects=names.subjects, external_ids=names.external_ids)
    decisions = service.decide_for_many(session(), [reader.patron_id for reader in found], now)
    response = jsonify(readers=describe_many(found, decisions), unknown=_unknown(names, found))
    response.cache_control.private = response.cache_control.no_store = True
    return response


def _one(found: list[KnownReader]) -> KnownReader:
    if not found:
        raise UnknownSubject
    return found[0]


def _unknown(names: NamesSent, found: Sequence[KnownReader]) -> dict[str, list[str]]:
    return {
        "subjects": sorted({*names.subjects}.difference(reader.subject for reader in found)),
        "external_ids": sorted({*names.external_ids}.difference(reader.external_id for reader in found)),
    }


def _kept(told: Answer, now: datetime) -> ResponseReturnValue:
    if told.is_known(request.headers.get("If-None-Match", "")):
        return "", 304, told.headers(now)
    return Response(told.body, headers=told.headers(now), content_type="application/json")


def _unkept(told: Answer) -> Response:
    return Response(told.body, headers={"Cache-Control": "private, no-store"}, content_type="application/json")
