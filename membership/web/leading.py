"""Where a form leads on to: browsers hold `form-action` against every redirect that follows a form, others' too."""

from urllib.parse import parse_qs, urlsplit

from flask import current_app, redirect, render_template
from flask.typing import ResponseReturnValue

from membership.edge import form_origins, origin_of
from membership.i18n import gettext
from membership.web.current import settings

# Paths of ours that redirect to a site's own address, and what in their query names the site.
WAYS_OUT = {"/access/handover": "site", "/oidc/authorize": "client_id", "/access/back": ""}


def lead_on(path: str) -> ResponseReturnValue:
    """Go on to a path of ours; where it leads out to a site, a page of ours does it, since no redirect may."""
    parts = urlsplit(path)
    if parts.path not in WAYS_OUT:
        return redirect(path, code=303)
    slug = parse_qs(parts.query).get(WAYS_OUT[parts.path], [""])[0]
    name = current_app.extensions["name_of_site"](slug)
    return _page(path, gettext("Go on to %(name)s", name=name) if name else gettext("Go on"))


def lead_out(url: str, words: str) -> ResponseReturnValue:
    """Go out to an address that may be anybody's; the words say where to, and stand on a page of ours if need be."""
    config = settings()
    if origin_of(url) in {origin_of(config.public_url), *form_origins(config)}:
        return redirect(url, code=303)
    return _page(url, words)


def _page(target: str, words: str) -> str:
    return render_template("layout/onward.html", target=target, words=words)
