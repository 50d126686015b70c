"""What is said about a reader to whoever signs her in, and the tokens that say it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from membership.access.rules import Decision
from membership.access.service import PassKey

ALGORITHM = "ES256"
TOKEN_LIFE = timedelta(minutes=10)
# RFC 9068; a pass has a type of its own, so that neither is ever taken for the other.
TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type
SCOPES = ("openid", "profile", "email", "membership")
PERSONAL = frozenset({"profile", "email"})


@dataclass(frozen=True, slots=True)
class Bearer:
    """What an access token says: its own name, for which site, about whom in its words, and what may be told."""

    token_id: str
    site: str
    subject: str
    scope: frozenset[str]


def allowed_scope(asked: str, *, may_see_person: bool) -> str:
    """Return as much of the scope as a site may have."""
    wanted = asked.split()
    return " ".join(name for name in SCOPES if name in wanted and (may_see_person or name not in PERSONAL))


def sign_token(bearer: Bearer, key: PassKey, issuer: str, now: datetime) -> str:
    """Sign an access token for the userinfo door."""
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "jti": bearer.token_id,
        "aud": f"{issuer}/oidc/userinfo",
        "sub": bearer.subject,
        "client_id": bearer.site,
        "scope": " ".join(sorted(bearer.scope)),
        "iat": issued,
        "exp": issued + int(TOKEN_LIFE.total_seconds()),
    }
    header = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": key.kid}
    return jwt.encode(header, claims, key.key, algorithms=[ALGORITHM])


def read_token(token: str, keys: KeySet, issuer: str, now: datetime) -> Bearer | None:
    """Read an access token of ours that has not ended; None for everything else."""
    try:
        found = jwt.decode(token, keys, algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        return None
    claims = found.claims
    is_ours = (found.header.get("typ"), claims.get("iss"), claims.get("aud")) == (
        TOKEN_TYPE,
        issuer,
        f"{issuer}/oidc/userinfo",
    )
    if not is_ours or claims["exp"] <= now.timestamp():
        return None
    # Tokens of before their names were kept have none, and stand for nobody.
    return Bearer(claims.get("jti", ""), claims["client_id"], claims["sub"], frozenset(claims["scope"].split()))


def describe_reader(
    subject: str, decision: Decision, scope: frozenset[str], *, email: str | None, name: str | None
) -> dict[str, Any]:
    """Say who she is to the site, and what she may, as far as the scope goes."""
    told: dict[str, Any] = {"sub": subject}
    if "membership" in scope:
        told |= {"state": decision.state, "tier": decision.tier, "flags": sorted(decision.flags), "ask": decision.ask}
    if "email" in scope and email:
        told |= {"email": email, "email_verified": True}
    if "profile" in scope and name:
        told["name"] = name
    return told


def describe_provider(issuer: str) -> dict[str, Any]:
    """Write the discovery document (OpenID Connect Discovery 1.0)."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oidc/authorize",
        "token_endpoint": f"{issuer}/oidc/token",
        "userinfo_endpoint": f"{issuer}/oidc/userinfo",
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "claims_supported": ["sub", "state", "tier", "flags", "ask", "email", "email_verified", "name", "auth_time"],
        "authorization_response_iss_parameter_supported": False,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
