"""The provider's doors: discovery, authorize, token, userinfo."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, current_app, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from joserfc.jwk import KeySet

from membership.access import service as access
from membership.access.errors import HandoverUnreadable
from membership.clock import utc_now
from membership.db import session
from membership.i18n import gettext
from membership.loading import Seldom
from membership.oidc import rules, service
from membership.patrons.login import current_patron, current_sign_in
from membership.web import csrf, problem, settings

if TYPE_CHECKING:
    from authlib.oauth2 import rfc6749 as oauth
    from authlib.oidc.core import errors as openid

    from membership.oidc import provider
else:
    oauth, openid = Seldom("authlib.oauth2.rfc6749"), Seldom("authlib.oidc.core.errors")
    provider = Seldom("membership.oidc.provider")

bp = Blueprint("oidc", __name__)
SECONDS = 300
JUST_NOW = timedelta(minutes=5)


@bp.get("/.well-known/openid-configuration")
def discover() -> ResponseReturnValue:
    """Tell clients where everything is."""
    response = jsonify(rules.describe_provider(_issuer()))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.cache_control.public, response.cache_control.max_age = True, SECONDS
    return response


@bp.get("/oidc/authorize")
def authorize() -> ResponseReturnValue:
    """Bring a signed-in reader back to the client with a code; ask others to sign in first."""
    patron, server = current_patron(), _server()
    try:
        grant = server.get_consent_grant(end_user=patron)
    except oauth.OAuth2Error as error:
        # Only an address that the site registered is ever sent anything.
        if not getattr(error, "redirect_uri", None):
            raise HandoverUnreadable from error
        return _answer(server.handle_error_response(request, error))
    if patron is None:
        return _sign_in_first()
    if _is_too_long_ago():
        # Nobody can be asked to sign in while she is signed in; the client hears so, as the standard lets us.
        refusal = openid.LoginRequiredError(redirect_uri=request.args["redirect_uri"])
        refusal.state = request.args.get("state")
        return _answer(server.handle_error_response(request, refusal))
    return _answer(server.create_authorization_response(grant_user=patron, grant=grant))


@bp.post("/oidc/token")
def give_tokens() -> ResponseReturnValue:
    """Exchange a code for tokens; the client proves itself by its key and by PKCE."""
    return _answer(_server().create_token_response())


@bp.route("/oidc/userinfo", methods=["GET", "POST"])
def tell() -> ResponseReturnValue:
    """Say who the bearer's reader is, and what she may now."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    ring, now = access.key_ring(settings().pass_keys_dir), utc_now()
    keys = KeySet([key.verifying() for key in ring.published_keys(now)])
    bearer = rules.read_token(token, keys, _issuer(), now) if scheme == "Bearer" else None
    told = service.describe_bearer(session(), bearer, now) if bearer else None
    if told is None:
        refusal = problem(401, "TokenRefused", gettext("This token is not valid, or not any more."))
        refusal.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return refusal
    return jsonify(told)


# Neither looks at a cookie: a client has its key, a bearer its token.
csrf.exempt(give_tokens)
csrf.exempt(tell)


def _is_too_long_ago() -> bool:
    """Whether she signed in longer ago than the client wants: just now for `prompt=login`, `max_age` seconds."""
    sign_in, max_age = current_sign_in(), request.args.get("max_age", "")
    limits = [JUST_NOW] if "login" in request.args.get("prompt", "").split() else []
    limits += [timedelta(seconds=int(max_age[:9]))] if max_age.isascii() and max_age.isdigit() else []
    return sign_in is not None and bool(limits) and utc_now() - sign_in.created_at > min(limits)


def _server() -> Any:
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if "oidc" not in app.extensions:
        app.extensions["oidc"] = provider.make_provider(app)
    return app.extensions["oidc"]


def _answer(response: Response) -> Response:
    response.cache_control.no_store = True
    return response


def _issuer() -> str:
    return settings().public_url.rstrip("/")


def _sign_in_first() -> ResponseReturnValue:
    here = f"{request.path}?{urlencode(list(request.args.items(multi=True)), quote_via=quote)}"
    return redirect(url_for("sign_in.ask", next=here), code=303)
