"""Signed receipts: the same whenever they are requested."""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from services.requests.proof.models import ReceiptKey, claims, signing_key
from services.requests.proof.schemas import ReceiptKeys
from services.requests.proof.store import ReceiptKeyStore
from services.requests.request.models.request import Request
from shared.clock import Clock
from shared.proof.chain import canonical
from shared.proof.signatures import ALGORITHM, RECEIPT_TYPE, ROOT_TYPE
from shared.seal import BlindPurpose, KeyRing, SealPurpose

READ_AGAIN = 30.0
"""Seconds between two reads of the keys; shorter than the time before a new key signs."""

log = structlog.get_logger(__name__)


def make_key(ring: KeyRing, at: datetime) -> ReceiptKey:
    """A new key pair, its private half sealed."""
    pair = OKPKey.generate_key("Ed25519", {"kid": secrets.token_hex(8), "use": "sig", "alg": ALGORITHM})
    public = pair.as_dict(private=False)
    kid = str(public["kid"])
    sealed = ring.seal(json.dumps(pair.as_dict(private=True)), SealPurpose.RECEIPT_KEY, owner=kid)
    return ReceiptKey(kid, public, sealed, at, mark_of(ring, public))


def mark_of(ring: KeyRing, public: Mapping[str, Any]) -> str:
    """The mark that shows that a key was made by this service."""
    return ring.blind(canonical(public).decode(), BlindPurpose.RECEIPT_PUBLIC_KEY)


class Receipts:
    """Signs receipts and roots. After `days` a new key is made; `issuer` is the portal's address."""

    def __init__(self, store: ReceiptKeyStore, ring: KeyRing, clock: Clock, *, days: int, issuer: str) -> None:
        self._store = store
        self._ring = ring
        self._clock = clock
        self._renew_after = timedelta(days=days)
        self._keys: Sequence[ReceiptKey] = ()
        self._opened: dict[str, OKPKey] = {}
        self.issuer = issuer

    async def prepare(self) -> None:
        """Read the keys; make the first one, or a new one when it is due. Replicas may do so at once."""
        now = self._clock()
        stored = await self.read_keys()
        if not self._keys or self._keys[0].made_at < now - self._renew_after:
            await self._store.add(make_key(self._ring, now), stored)
            await self.read_keys()

    async def read_keys(self) -> list[ReceiptKey]:
        """Read the keys and use those with a valid mark; returns all stored ones."""
        stored = await self._store.all()
        self._keys = [key for key in stored if key.mark == mark_of(self._ring, key.public)]
        for key in stored:
            if key not in self._keys:
                log.error("receipts.foreign_key", kid=key.kid)
        return stored

    def published(self) -> ReceiptKeys:
        """All public keys ever used, as a JWK set, since receipts must verify for years."""
        return {"keys": [key.public for key in self._keys]}

    def receipt(self, request: Request) -> str:
        """The receipt of a request: a compact JWS, byte for byte the same each time."""
        return self.sign(RECEIPT_TYPE, claims(request, self.issuer), request.submitted_at)

    def sign(self, kind: str, payload: Mapping[str, Any], at: datetime) -> str:
        """A compact JWS over the claims, with the key in use at that time."""
        key = signing_key(self._keys, at)
        header = {"alg": ALGORITHM, "kid": key.kid, "typ": kind}
        return jws.serialize_compact(header, canonical(payload), self._private(key), algorithms=[ALGORITHM])

    def vouches_for(self, signed: str, expected: Mapping[str, Any]) -> bool:
        """Whether one of the keys signed a root with these claims."""
        keys = KeySet([OKPKey.import_key(key.public) for key in self._keys])
        try:
            found = jws.deserialize_compact(signed, keys, algorithms=[ALGORITHM])
            claimed = json.loads(found.payload)
        except (JoseError, ValueError):
            return False
        return found.headers().get("typ") == ROOT_TYPE and all(claimed.get(name) == expected[name] for name in expected)

    def _private(self, key: ReceiptKey) -> OKPKey:
        if key.kid not in self._opened:
            private = self._ring.unseal(key.sealed, SealPurpose.RECEIPT_KEY, owner=key.kid)
            self._opened[key.kid] = OKPKey.import_key(json.loads(private))
        return self._opened[key.kid]
