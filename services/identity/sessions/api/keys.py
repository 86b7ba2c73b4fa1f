"""The published keys, ended sessions, and discovery documents (OpenID Connect Discovery 1.0, RFC 8414)."""

from typing import Annotated

from fastapi import Request, Response

from services.identity.accounts import schemas
from services.identity.keys.tokens import Tokens
from services.identity.sessions.service.clients import Clients
from services.identity.sessions.service.sessions import Logins
from shared.auth import ALGORITHM, Public
from shared.revocation import digest_of
from shared.routes import Router, use

router = Router(prefix="/.well-known", tags=["keys"], dependencies=[Public])
CACHED = {"Cache-Control": "public, max-age=60"}
NOT_CACHED = {"Cache-Control": "no-store"}


@router.get("/jwks.json")
async def jwks(response: Response, tokens: Annotated[Tokens, use("tokens")]) -> schemas.TokenKeys:
    """The public keys that verify access tokens: the current one and the one before."""
    response.headers.update(CACHED)
    return await tokens.published()


@router.get("/revoked-sessions")
async def revoked(
    response: Response, logins: Annotated[Logins, use("logins")], clients: Annotated[Clients, use("clients")]
) -> schemas.Ended:
    """Ended sessions whose access tokens have not expired: the first 32 hex digits of the SHA-256 of each `sid`.

    Services that verify tokens read it every few seconds.
    """
    response.headers.update(NOT_CACHED)
    return {"ended": [digest_of(session) for session in (*await logins.ended(), *await clients.ended())]}


@router.get("/oauth-authorization-server", operation_id="oauth_configuration")
@router.get("/openid-configuration")
async def configuration(request: Request, response: Response) -> schemas.Discovery:
    """Addresses of keys and token endpoint, and what they support."""
    response.headers.update(CACHED)
    base = request.app.state.settings.issuer
    return {
        "issuer": base,
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "token_endpoint": f"{base}/api/v1/oauth/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }
