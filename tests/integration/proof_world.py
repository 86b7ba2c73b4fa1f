"""Requests, receipts and closed days on a real MongoDB, with a clock that tests set."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from unittest.mock import patch

from services.requests.proof.service.days import DayBook
from services.requests.proof.service.proofs import Proofs
from services.requests.proof.service.receipts import Receipts
from services.requests.proof.store import DayStore, ReceiptKeyStore
from services.requests.request.models import request as models
from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from shared.mongo import Database, ServerClock, connect
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, a_request
from tests.fakes import FakeClock

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ISSUER = "https://rabta.example"


@dataclass
class ProofWorld:
    """Stores and use cases, with a common clock."""

    database: Database
    requests: RequestStore
    days: DayStore
    receipts: Receipts
    book: DayBook
    proofs: Proofs
    clock: FakeClock

    async def file(self, number: str) -> Request:
        """File a request at the present time of the clock."""
        with self.now():
            request = a_request(number, submitted_at=self.clock.at, body_hash="b" * 64)
            request.note("submit", ActorKind.CITIZEN, self.clock.at, by=CITIZEN, version=1)
            request.take("pass", ActorKind.RULES, self.clock.at, results=[])
        assert await self.requests.insert_many([request]) == [None]
        return request

    async def step(self, number: str, action: str = "progress", words: str = "On its way.") -> Request:
        """Take a step at the present time of the clock."""
        request = await self.requests.get(number)
        assert request is not None
        with self.now():
            sealed = KEYS.seal(words, SealPurpose.REQUEST_NOTE, owner=number)
            request.note(action, ActorKind.DEPARTMENT, self.clock.at, by="o-1", sealed_words=sealed)
        assert await self.requests.save_many([request]) == set()
        return request

    async def proof(self, number: str) -> dict[str, Any]:
        """The proof of a request, as the API returns it."""
        proof: dict[str, Any] = json.loads(json.dumps(await self.proofs.proof(CITIZEN, number)))
        return proof

    def now(self) -> Any:
        """While the context is open, histories get the time of the clock."""
        return patch.object(models, "utc_now", self.clock)


@asynccontextmanager
async def proof_world(url: str, name: str) -> AsyncIterator[ProofWorld]:
    """A new world in its own database, on a Monday morning."""
    async with connect(url, name) as database:
        await database.client.drop_database(name)
        clock = FakeClock(MONDAY)
        requests = RequestStore(database["requests"], cast(ServerClock, clock), keys=KEYS, lease=8, settle_after=120)
        days, receipts = DayStore(database), Receipts(ReceiptKeyStore(database), KEYS, clock, days=365, issuer=ISSUER)
        for store in (requests, days):
            await store.create_indexes()
        await receipts.prepare()
        book = DayBook(days, receipts, clock, timedelta(minutes=10))
        proofs = Proofs(requests, receipts, book, cast(Any, None), cast(Any, None))
        yield ProofWorld(database, requests, days, receipts, book, proofs, clock)
