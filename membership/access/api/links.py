"""What readers are called in a site's own database."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from membership.access import service
from membership.access.answers import LinkTold
from membership.access.api.asking import EXTERNAL_ID, asking_site, bp, once_per_site, read_body
from membership.access.forms import LinkSent, parse_external_id
from membership.access.models import Scope
from membership.db import transaction
from membership.openapi import By, described


@bp.post("/api/v1/links")
@described("Ask about a reader by your own number from now on", tag="Links", by=By.KEY, takes=LinkSent, gives=LinkTold)
@once_per_site
def link() -> ResponseReturnValue:
    """The subject is what a hand-over, or a question by e-mail, brought."""
    site, sent = asking_site(Scope.LINK), read_body(LinkSent)
    with transaction() as current:
        service.link_reader(current, site.site_id, sent.subject, sent.external_id)
    return jsonify(subject=sent.subject, external_id=sent.external_id)


@bp.delete("/api/v1/links")
@described("Forget your number for a reader", tag="Links", by=By.KEY, parameters=EXTERNAL_ID)
def unlink() -> ResponseReturnValue:
    """The site's random name for her stays."""
    site = asking_site(Scope.LINK)
    with transaction() as current:
        service.unlink_reader(current, site.site_id, parse_external_id(request.args, is_needed=True))
    return "", 204
