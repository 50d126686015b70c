"""Remind me later: no appeal for a while, remembered with the reader or in her browser, and told to nobody."""

from flask import Response, current_app
from flask.typing import ResponseReturnValue

from membership.access import service
from membership.access.views.desk import asking_page, bp, for_page, later_cookie
from membership.clock import utc_now
from membership.db import transaction
from membership.i18n import gettext
from membership.openapi import By, described
from membership.patrons.login import current_patron
from membership.web import csrf, lead_out, settings


@bp.post("/access/later", provide_automatic_options=False)
@described("Remind this reader later", tag="Access", by=By.READER)
def remind_later() -> ResponseReturnValue:
    """Keep the wish of whoever reads the page of a registered site; the answer tells nothing about her."""
    asking_page()
    return for_page(_remember(Response(status=204)))


# The exact origin is asked for instead: a page of a site has no token of ours.
csrf.exempt(remind_later)


@bp.post("/later")
def rest() -> ResponseReturnValue:
    """Keep the wish of whoever is on our own page, and let her go on reading."""
    config = settings()
    words = gettext("Back to %(publication)s", publication=config.publication_name)
    return _remember(current_app.make_response(lead_out(config.publication_url, words)))


def _remember(response: Response) -> Response:
    patron, now = current_patron(), utc_now()
    if patron is not None:
        with transaction() as current:
            service.rest_appeals(current, patron.id, now)
    until = service.write_rest(now)
    seconds, is_secure = int(service.REST.total_seconds()), settings().is_secure
    response.set_cookie(later_cookie(), until, max_age=seconds, secure=is_secure, httponly=True, samesite="Lax")
    return response
