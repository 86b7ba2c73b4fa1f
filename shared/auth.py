"""Authentication: every service verifies the signed access token itself, with identity's published keys.

No header but Authorization is trusted. Tokens follow RFC 9068 (`typ: at+jwt`) and RFC 8725: Ed25519 only, keys by
`kid` from the JWKS, all of iss, aud, exp, nbf, sub required.
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from fastapi import Depends
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry
from starlette.requests import Request

from shared.errors import ForbiddenError, UnauthenticatedError, UnavailableError
from shared.jsonbody import members
from shared.revocation import Revocations
from shared.rights import ENROLLING, RIGHTS, Right, Role

ALGORITHM = "Ed25519"
AUDIENCE = "rabta"
ENROL = "enrol"
"""The scope of a session that has to enrol a second factor, or set its own password, first."""
LEEWAY = 10
MAX_TOKEN = 4096
KEYS_MAX_AGE = 300.0
KEYS_MIN_AGE = 5.0
MAX_CACHED_TOKENS = 50_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Principal:
    """The account of a valid token; a limited one only has the rights in `ENROLLING`."""

    id: str
    role: Role
    department: str | None
    session: str
    expires: float
    limited: bool = False


class UnambiguousJSON(json.JSONDecoder):
    """Rejects JSON that another parser could read differently, such as duplicate names."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=members)


class Authenticator:
    """Verifies access tokens, and caches verified ones until they expire."""

    def __init__(self, jwks_url: str, issuer: str) -> None:
        self._url = jwks_url
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._fetching = asyncio.Lock()
        self._known: OrderedDict[str, Principal] = OrderedDict()
        self._revocations = Revocations(f"{jwks_url.rpartition('/')[0]}/revoked-sessions")
        self._claims = JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
            nbf={"essential": True},
            sub={"essential": True},
        )

    async def principal(self, authorization: str | None) -> Principal:
        """The account of an Authorization header.

        Raises UnauthenticatedError, also for an ended session; UnavailableError without keys.
        """
        principal = await self._signed(authorization)
        if await self._revocations.is_revoked(principal.session):
            raise self._refusal()
        return principal

    async def _signed(self, authorization: str | None) -> Principal:
        """The account of a valid token, without a look at ended sessions."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN:
            raise self._refusal()
        known = self._known.get(token)
        if known is not None:
            if known.expires > time.time():
                return known
            del self._known[token]
            raise self._refusal()
        principal = await self._verify(token)
        self._known[token] = principal
        if len(self._known) > MAX_CACHED_TOKENS:
            self._known.popitem(last=False)
        return principal

    async def _verify(self, token: str) -> Principal:
        keys = await self._current_keys()
        try:
            try:
                decoded = jwt.decode(token, keys, [ALGORITHM], decoder_cls=UnambiguousJSON)
            except (JoseError, ValueError):
                newer = await self._current_keys(older_than=KEYS_MIN_AGE)
                if newer is keys:
                    raise
                decoded = jwt.decode(token, newer, [ALGORITHM], decoder_cls=UnambiguousJSON)
            # The library would also accept a list of audiences; identity never issues one.
            if decoded.header.get("typ") != "at+jwt" or decoded.claims.get("aud") != AUDIENCE:
                raise self._refusal()
            self._claims.validate(decoded.claims)
            return principal_of(decoded.claims)
        except (JoseError, ValueError, KeyError, TypeError):
            raise self._refusal() from None

    async def _current_keys(self, older_than: float = KEYS_MAX_AGE) -> KeySet:
        """The key set, fetched again when older than `older_than` seconds. Keeps the old one if that fails."""
        async with self._fetching:
            if time.monotonic() - self._fetched > older_than:
                self._fetched = time.monotonic()
                try:
                    timeout = aiohttp.ClientTimeout(total=2)
                    async with aiohttp.ClientSession(timeout=timeout) as http, http.get(self._url) as answer:
                        self._keys = KeySet.import_key_set(await answer.json(content_type=None))
                except (aiohttp.ClientError, TimeoutError, ValueError, JoseError) as error:
                    log.warning("auth.keys_away", error=type(error).__name__)
                    self._fetched = time.monotonic() - older_than + 0.5
            if self._keys is None:
                raise UnavailableError(after=1)
            return self._keys

    @staticmethod
    def _refusal() -> UnauthenticatedError:
        return UnauthenticatedError(headers={"WWW-Authenticate": 'Bearer realm="rabta"'})


def principal_of(claims: dict[str, Any]) -> Principal:
    """The principal in verified claims. Raises KeyError or ValueError where a claim is missing or malformed."""
    return Principal(
        id=str(claims["sub"]),
        role=Role(claims["role"]),
        department=claims.get("department"),
        session=str(claims["sid"]),
        expires=float(claims["exp"]),
        limited="scope" in claims,
    )


async def by_token(request: Request) -> Principal:
    """The principal of the access token in the Authorization header."""
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.principal(request.headers.get("authorization"))


def needs(
    right: Right, principal_of: Callable[[Request], Awaitable[Principal]] = by_token
) -> Callable[[Request], Awaitable[Principal]]:
    """A FastAPI dependency that returns the principal and requires its role to have the right."""

    async def dependency(request: Request) -> Principal:
        principal = await principal_of(request)
        require_right(principal, right, request)
        return principal

    dependency.by_key = principal_of is not by_token  # type: ignore[attr-defined]
    dependency.right = right  # type: ignore[attr-defined]  # read by `shared.routes` and the OpenAPI text
    return dependency


def require_right(principal: Principal, right: Right, request: Request) -> None:
    """Raise ForbiddenError, and log it, where the role does not have the right or the session is limited."""
    if principal.role not in RIGHTS[right]:
        refused = ForbiddenError()
    elif principal.limited and right not in ENROLLING:
        refused = ForbiddenError("enrolment-needed")
    else:
        return
    # The declared route: the path itself may hold the id of a person or a request.
    path = getattr(request.scope.get("route"), "path", request.scope["path"])
    log.info(
        "right.refused",
        account=principal.id,
        role=str(principal.role),
        right=str(right),
        route=f"{request.method} {path}",
        code=refused.problem_code,
    )
    raise refused


async def public() -> None:
    """A FastAPI dependency that marks a route as public."""


Public = Depends(public)
