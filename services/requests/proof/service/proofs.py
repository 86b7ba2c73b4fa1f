"""Receipts, also printed, and proofs of requests."""

import asyncio
from typing import cast

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.tables import districts
from services.requests.proof.printable import Both, Fonts, Printed
from services.requests.proof.schemas import ChainLink, Proof
from services.requests.proof.service.days import DayBook
from services.requests.proof.service.receipts import Receipts
from services.requests.request.models import chain
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from shared.errors import NotFoundError

MAX_PRINTING = 1
"""Pages rendered at once; each takes some tenths of a second of processor time."""


class Proofs:
    """Receipts and proofs of filed requests."""

    def __init__(
        self, store: RequestStore, receipts: Receipts, days: DayBook, catalogue: Catalogue, fonts: Fonts
    ) -> None:
        self._store = store
        self._receipts = receipts
        self._days = days
        self._catalogue = catalogue
        self._fonts = fonts
        self._printing = asyncio.Semaphore(MAX_PRINTING)

    async def receipt(self, filer: str, number: str) -> str:
        """The receipt, the same as at filing, for the citizen and the clerk who filed. Raises NotFoundError."""
        return self._receipts.receipt(await self._for_filer(filer, number))

    async def proof(self, citizen_id: str, number: str) -> Proof:
        """The proof of a citizen's own request. Raises NotFoundError."""
        return await self.proof_of(await self._own(citizen_id, number))

    async def proof_of(self, request: Request) -> Proof:
        """Everything needed to verify a request offline, without texts and personal data."""
        inclusions, roots = await self._days.inclusions(request)
        return {
            "number": request.id,
            "receipt": self._receipts.receipt(request),
            "history": [
                cast(ChainLink, {**chain.link_of(entry), "hash": entry.get("hash")}) for entry in request.history
            ],
            "inclusions": inclusions,
            "roots": roots,
            "keys": self._receipts.published(),
        }

    async def printed(self, filer: str, number: str) -> bytes:
        """The receipt as a PDF file, for the citizen and the clerk who filed. Raises NotFoundError."""
        request = await self._for_filer(filer, number)
        checks = await self._catalogue.find_version(request.service, request.service_version)
        name = checks.entry.name if checks else None
        district = districts().get(request.district, {})
        results = request.history[1].get("results", []) if len(request.history) > 1 else []
        what = Printed(
            number=request.id,
            service=(name.en, name.ur) if name else (request.service, request.service),
            kind=request.kind,
            submitted_at=request.submitted_at,
            district=_both(district, request.district),
            checks=[(result["passed"], _both(result["words"], result["code"])) for result in results],
            receipt=self._receipts.receipt(request),
            url=self._receipts.issuer,
        )
        async with self._printing:
            return await asyncio.to_thread(_print, what, self._fonts)

    async def _for_filer(self, filer: str, number: str) -> Request:
        """The request, for its citizen or the clerk who filed it. Raises NotFoundError."""
        request = await self._store.get(number)
        if request is None or request.anonymised_at is not None or filer not in (request.citizen_id, request.filed_by):
            raise NotFoundError
        return request

    async def _own(self, citizen_id: str, number: str) -> Request:
        request = await self._store.get(number)
        if request is None or request.citizen_id != citizen_id:
            raise NotFoundError
        return request


def _print(what: Printed, fonts: Fonts) -> bytes:
    """The page. The library that draws it takes a fifth of a second to import: the first page waits, not each start."""
    from services.requests.proof.paper import printed_receipt

    return printed_receipt(what, fonts)


def _both(words: dict[str, str], otherwise: str) -> Both:
    return words.get("en", otherwise), words.get("ur", otherwise)
