"""Partners: organisations whose apps file requests for people, each known by a key that an administrator makes."""

import hashlib
import secrets
from datetime import timedelta
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


class NewPartnerKey(Body):
    """What becomes of the key before."""

    keep_old_hours: Annotated[int, Field(ge=1, le=168)] | None = Field(
        None, description="for how many hours the old key stays valid; without it, it ends at once"
    )


class Partners:
    """The use cases of administrators for partners, and the check of their keys."""

    def __init__(self, store: PartnerStore, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock

    async def all(self) -> schemas.PartnerLines:
        """All partners."""
        return {"partners": [views.partner_line(one) for one in await self._store.all()]}

    async def make(self, body: NewPartner, by: str) -> schemas.PartnerKey:
        """Make a partner; its key is shown only now. Raises ConflictError."""
        key, now = new_key(), self._clock()
        partner = Partner(body.code, body.name, hash_of_key(key), made_at=now, made_by=by, key_at=now)
        if not await self._store.insert(partner):
            raise ConflictError("partner-there")
        return {**views.partner_line(partner), "key": key}

    async def renew(self, code: str, keep_old_hours: int | None = None) -> schemas.PartnerKey:
        """Make a new key; the old one ends at once, or after these hours. Raises NotFoundError."""
        key, now = new_key(), self._clock()
        old_until = now + timedelta(hours=keep_old_hours) if keep_old_hours else None
        partner = await self._store.set_key(code, hash_of_key(key), now, old_until)
        if partner is None:
            raise NotFoundError
        return {**views.partner_line(partner), "key": key}

    async def end(self, code: str) -> schemas.PartnerLine:
        """End a partner's keys. What it has filed goes on. Raises NotFoundError."""
        partner = await self._store.set(code, ended_at=self._clock(), old_until=None)
        if partner is None:
            raise NotFoundError
        return views.partner_line(partner)

    async def of_key(self, key: str) -> Partner:
        """The partner with this key. Raises UnauthenticatedError."""
        known = 0 < len(key) <= MAX_KEY
        partner = await self._store.by_key(hash_of_key(key), self._clock()) if known else None
        if partner is None:
            raise UnauthenticatedError("api-key", headers=CHALLENGE)
        return partner


def new_key() -> str:
    """A new key of 192 random bits."""
    return secrets.token_urlsafe(KEY_BYTES)


def hash_of_key(key: str) -> str:
    """The hash under which a key is stored; it is too random to be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()
