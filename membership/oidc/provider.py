"""Authlib's provider over our sites, codes and keys. Loaded by the first who signs on: few requests need it."""

import secrets
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError
from flask import Flask

from membership.access import service as access
from membership.access.errors import UnknownSite
from membership.access.models import Handover, Scope, Site
from membership.access.service import SignOn
from membership.clock import utc_now
from membership.db import session, transaction
from membership.oidc import service
from membership.oidc.rules import ALGORITHM, TOKEN_LIFE, Bearer, allowed_scope, sign_token
from membership.oidc.service import SignedOn
from membership.patrons.login import current_sign_in
from membership.web import settings

LIFE = int(TOKEN_LIFE.total_seconds())


class Client:
    """A site, as Authlib asks about it."""

    id_token_signed_response_alg = ALGORITHM

    def __init__(self, site: Site) -> None:
        self.site_id, self.slug = site.id, site.slug
        self._return_urls = frozenset(site.return_urls)
        self._may_see_person = Scope.EMAIL in site.scopes

    def get_client_id(self) -> str:
        return self.slug

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str:
        return allowed_scope(scope or "", may_see_person=self._may_see_person)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self._return_urls

    def check_client_secret(self, client_secret: str) -> bool:
        asking = access.find_asking_site(session(), client_secret, utc_now())
        return asking is not None and asking.site_id == self.site_id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method != "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class Code:
    """A code that came back, as Authlib asks about it."""

    def __init__(self, kept: Handover) -> None:
        self.patron_id, self.scope, self._kept = kept.patron_id, kept.scope, kept
        self.token_id = str(kept.used_by)
        self.code_challenge, self.code_challenge_method = kept.challenge, "S256"

    def get_redirect_uri(self) -> str | None:
        return self._kept.redirect_uri

    def get_scope(self) -> str | None:
        return self.scope

    def get_nonce(self) -> str | None:
        return self._kept.nonce

    def get_auth_time(self) -> int | None:
        since = self._kept.signed_in_at
        return int(since.timestamp()) if since else None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
    """Codes are rows, good once and for a minute, bound to site, return address and challenge."""

    def generate_authorization_code(self) -> str:
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: Any) -> None:
        sign_in, asked, now = current_sign_in(), request.payload.data, utc_now()
        assert sign_in is not None
        wish = SignOn(
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            challenge=asked["code_challenge"],
            nonce=asked.get("nonce"),
            signed_in_at=sign_in.created_at,
        )
        patron_id = request.user.id
        with transaction() as current:
            access.open_sign_on(current, code, request.client.site_id, patron_id, wish, now)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        with transaction() as current:
            kept = access.take_sign_on(current, client.site_id, code, utc_now())
            return Code(kept) if kept else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It is used up since it was looked for."""

    def authenticate_user(self, authorization_code: Code) -> SignedOn:
        patron_id, site_id = authorization_code.patron_id, self.request.client.site_id
        with transaction() as current:
            return SignedOn(patron_id, access.subject_of(current, site_id, patron_id), authorization_code.token_id)


class Challenge(CodeChallenge):  # type: ignore[misc]
    """PKCE, always, and only by hash."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Grant, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Send a 'code_challenge' with the 'code_challenge_method' S256 (PKCE).")
        super().validate_code_challenge(grant, redirect_uri)


class Unsupported:
    """Refuses what discovery says is not supported, where leaving it out would give something else than was asked."""

    def __call__(self, grant: Grant) -> None:
        grant.register_hook("after_validate_authorization_request_payload", self.refuse)

    def refuse(self, grant: Grant, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if "request" in asked:
            raise RequestNotSupportedError(redirect_uri=redirect_uri)
        if "request_uri" in asked:
            raise RequestURINotSupportedError(redirect_uri=redirect_uri)
        if asked.get("response_mode", "query") != "query":
            raise InvalidRequestError("The only 'response_mode' here is query.")


class IdToken(OpenIDCode):  # type: ignore[misc]
    """Says who signed on, signed with the key of the passes."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        # It is the client's: it compares what comes back with what it sent.
        return False

    def resolve_client_private_key(self, client: Client) -> Any:
        return _key().key

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": ALGORITHM, "typ": "JWT", "kid": _key().kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        issued = int(utc_now().timestamp())
        return {"iss": _issuer(), "aud": client.slug, "iat": issued, "exp": issued + LIFE}

    def generate_user_info(self, user: SignedOn, scope: str) -> dict[str, Any]:
        return service.describe(session(), user, frozenset(scope.split()), utc_now())


def make_provider(app: Flask) -> AuthorizationServer:
    """Make the provider of this application."""
    server = AuthorizationServer(app, query_client=_find_client, save_token=_keep_nothing)
    server.register_token_generator("default", _make_token)
    server.register_grant(Grant, [Challenge(), Unsupported(), IdToken()])
    return server


def _issuer() -> str:
    return settings().public_url.rstrip("/")


def _find_client(client_id: str) -> Client | None:
    try:
        return Client(access.get_site(session(), client_id))
    except UnknownSite:
        return None


def _keep_nothing(token: dict[str, Any], request: Any) -> None:
    """Access tokens are signed, and live for ten minutes."""


def _make_token(*, client: Client, user: SignedOn, scope: str, **_: Any) -> dict[str, Any]:
    bearer = Bearer(user.token_id, client.slug, user.subject, frozenset(scope.split()))
    token = sign_token(bearer, _key(), _issuer(), utc_now())
    return {"token_type": "Bearer", "access_token": token, "expires_in": LIFE, "scope": scope}


def _key() -> access.PassKey:
    return access.key_ring(settings().pass_keys_dir).signing_key(utc_now())
