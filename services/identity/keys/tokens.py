"""Access tokens (Ed25519), the keys that sign them, and the successors of refresh tokens."""

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.identity.accounts import schemas
from services.identity.keys.models.keys import SigningKey, published, signing
from services.identity.keys.store.keys import KeyStore
from shared.auth import ALGORITHM, AUDIENCE, ENROL
from shared.clock import Clock
from shared.mongo import OUTAGES
from shared.rights import Role
from shared.seal import BlindPurpose, KeyRing, SealPurpose

ACCESS_LIFE = timedelta(minutes=10)
READ_AGAIN = timedelta(seconds=30)

log = structlog.get_logger(__name__)


def make_key(ring: KeyRing, at: datetime) -> SigningKey:
    """A new key pair, its private half sealed."""
    pair = OKPKey.generate_key("Ed25519", {"kid": secrets.token_hex(8), "use": "sig", "alg": ALGORITHM})
    public = pair.as_dict(private=False)
    kid = str(public["kid"])
    sealed = ring.seal(json.dumps(pair.as_dict(private=True)), SealPurpose.TOKEN_KEY, owner=kid)
    return SigningKey(kid, public, sealed, at)


class Tokens:
    """Signs access tokens as `issuer`. After `days` a new key is made."""

    def __init__(self, store: KeyStore, ring: KeyRing, clock: Clock, *, issuer: str, days: int) -> None:
        self._store = store
        self._issuer = issuer
        self._ring = ring
        self._clock = clock
        self._renew_after = timedelta(days=days)
        self._keys: Sequence[SigningKey] = ()
        self._read_at: datetime | None = None
        self._opened: dict[str, OKPKey] = {}

    async def prepare(self) -> None:
        """Read the keys; make the first one, or a new one when it is due. Replicas may do so at once."""
        now = self._clock()
        keys = await self._store.all()
        if not keys or keys[0].made_at < now - self._renew_after:
            await self._store.add(make_key(self._ring, now), keys[0].kid if keys else None)
            keys = await self._store.all()
        self._keys, self._read_at = keys, now

    async def rotate(self) -> bool:
        """Make a new key now; False if the newest is so new that tokens of the one before may not have expired."""
        now = self._clock()
        keys = await self._store.all()
        if keys and keys[0].made_at > now - 2 * ACCESS_LIFE:
            return False
        await self._store.add(make_key(self._ring, now), keys[0].kid if keys else None)
        return True

    async def published(self) -> schemas.TokenKeys:
        """The public keys as a JWK set."""
        await self._refresh()
        return {"keys": [key.public for key in published(self._keys, self._clock())]}

    async def issue(
        self,
        account: str,
        role: Role,
        department: str | None,
        session: str,
        *,
        limited: bool = False,
        until: datetime | None = None,
    ) -> str:
        """An access token for ten minutes, but not beyond `until`, without personal data; `limited` sets its scope."""
        await self._refresh()
        now = self._clock()
        expires_at = min(now + ACCESS_LIFE, until or now + ACCESS_LIFE)
        key = signing(self._keys, now)
        at = int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": account,
            "role": role.value,
            "sid": session,
            "iat": at,
            "nbf": at,
            "exp": int(expires_at.timestamp()),
            "jti": secrets.token_hex(16),
        }
        if department is not None:
            claims["department"] = department
        if limited:
            claims["scope"] = ENROL
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}
        return jwt.encode(header, claims, self._private(key), algorithms=[ALGORITHM])

    def successor(self, refresh_token: str) -> str:
        """The refresh token after this one: always the same, and unpredictable without the index key."""
        return self._ring.blind(refresh_token, BlindPurpose.REFRESH_TOKEN)

    def _private(self, key: SigningKey) -> OKPKey:
        if key.kid not in self._opened:
            private = self._ring.unseal(key.sealed, SealPurpose.TOKEN_KEY, owner=key.kid)
            self._opened[key.kid] = OKPKey.import_key(json.loads(private))
        return self._opened[key.kid]

    async def _refresh(self) -> None:
        """Read the keys again from time to time; while the store cannot be reached, the known ones are used."""
        if self._keys and self._read_at is not None and self._clock() - self._read_at < READ_AGAIN:
            return
        try:
            await self.prepare()
        except OUTAGES as error:
            if not self._keys:
                raise
            log.warning("keys.store_away", error=type(error).__name__)
