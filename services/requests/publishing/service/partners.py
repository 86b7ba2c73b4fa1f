"""Partners: organisations whose apps file requests for people, each known by a key that an administrator makes."""

import hashlib
import secrets
from typing import Annotated

from pydantic import Field

from services.requests.catalogue.models.catalogue import Code
from services.requests.publishing import schemas
from services.requests.publishing.models import Partner
from services.requests.publishing.service import views
from services.requests.publishing.store import PartnerStore
from shared.clock import Clock, utc_now
from shared.errors import ConflictError, NotFoundError, UnauthenticatedError
from shared.jsonbody import Body
from shared.spelling import AS_TEXT

KEY_BYTES = 24
MAX_KEY = 100
CHALLENGE = {"WWW-Authenticate": 'Partner realm="rabta"'}


class NewPartner(Body):
    """A partner to be made: its code, which does not change, and its name."""

    code: Code
    name: Annotated[str, Field(min_length=2, max_length=100), AS_TEXT]


class PartnerExistsError(ConflictError):
    """There is a partner with this code."""

    code = "partner-there"


class Partners:
    """The use cases of administrators for partners, and the check of their keys."""

    def __init__(self, store: PartnerStore, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock

    async def all(self) -> schemas.PartnerLines:
        """All partners."""
        return {"partners": [views.partner_line(one) for one in await self._store.all()]}

    async def make(self, body: NewPartner, by: str) -> schemas.PartnerKey:
        """Make a partner; its key is shown only now. Raises PartnerExistsError."""
        key, now = new_key(), self._clock()
        partner = Partner(body.code, body.name, hash_of_key(key), made_at=now, made_by=by, key_at=now)
        if not await self._store.insert(partner):
            raise PartnerExistsError
        return {**views.partner_line(partner), "key": key}

    async def renew(self, code: str) -> schemas.PartnerKey:
        """Make a new key; the old one ends at once. Raises NotFoundError."""
        key = new_key()
        partner = await self._store.set(code, key_hash=hash_of_key(key), key_at=self._clock(), ended_at=None)
        if partner is None:
            raise NotFoundError
        return {**views.partner_line(partner), "key": key}

    async def end(self, code: str) -> schemas.PartnerLine:
        """End a partner's key. What it has filed goes on. Raises NotFoundError."""
        partner = await self._store.set(code, ended_at=self._clock())
        if partner is None:
            raise NotFoundError
        return views.partner_line(partner)

    async def of_key(self, key: str) -> Partner:
        """The partner with this key. Raises UnauthenticatedError."""
        partner = await self._store.by_key(hash_of_key(key)) if 0 < len(key) <= MAX_KEY else None
        if partner is None:
            raise UnauthenticatedError("api-key", headers=CHALLENGE)
        return partner


def new_key() -> str:
    """A new key of 192 random bits."""
    return secrets.token_urlsafe(KEY_BYTES)


def hash_of_key(key: str) -> str:
    """The hash under which a key is stored; it is too random to be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()
