"""What a department's list shows of its requests, and finding them by number or text.

It shows words of the citizen, so listing enters the citizen's access trail (docs/adr/0015).
"""

import asyncio
from collections.abc import Sequence

import structlog

from services.requests.reading.service.search import MAX_SEARCHED, TextSearch
from services.requests.reading.store import DepartmentRequestStore
from services.requests.request import schemas
from services.requests.request.models.request import Request
from services.requests.request.models.words import language_of_words, words_of
from services.requests.request.schemas import DepartmentLine
from services.requests.request.service.access_log import AccessLog
from services.requests.request.service.sealed_texts import answers_of
from shared.auth import Principal
from shared.errors import NotFoundError
from shared.paging import Position, time_text
from shared.seal import KeyRing, SealBrokenError, SealPurpose
from shared.tracking_number import PREFIX, beginning_of

MAX_FOUND = 50
MAX_ROUNDS = 5
FIRST_WORDS = 120
PLACE, DESCRIPTION, GROUNDS = "place", "description", "grounds"
"""Answers shown in the list, by their names in the forms."""

log = structlog.get_logger(__name__)


class DepartmentReading:
    """Reads requests of the caller's department."""

    def __init__(self, store: DepartmentRequestStore, search: TextSearch, accesses: AccessLog, keys: KeyRing) -> None:
        self._store = store
        self._search = search
        self._accesses = accesses
        self._keys = keys

    async def numbered(self, principal: Principal, numbers: Sequence[str]) -> schemas.DepartmentLines:
        """Those of the numbers that the department has, in the given order. Raises NotFoundError."""
        return {"requests": await self._lines(principal, numbers), "complete": True}

    async def found(self, principal: Principal, text: str) -> schemas.DepartmentLines:
        """Requests whose number starts so, or that contain all words, newest first. Raises NotFoundError."""
        department = department_of(principal)
        beginning = beginning_of(text)
        numbers = await self._store.beginning(department, beginning, MAX_FOUND + 1, principal.id) if beginning else []
        complete = len(numbers) <= MAX_FOUND
        if beginning is None or not text.strip().upper().startswith(PREFIX):
            more, all_found = await self._containing(principal, text) if words_of(text) else ([], True)
            numbers, complete = list(dict.fromkeys([*numbers, *more])), complete and all_found
        complete = complete and len(numbers) <= MAX_FOUND
        return {"requests": await self._lines(principal, numbers[:MAX_FOUND]), "complete": complete}

    async def _containing(self, principal: Principal, text: str) -> tuple[list[str], bool]:
        """Numbers of requests that contain a text, newest first, and whether these are all."""
        found: list[str] = []
        after: Position | None = None
        for _ in range(MAX_ROUNDS):
            requests = await self._store.texts(department_of(principal), after, MAX_SEARCHED, principal.id)
            found += [one.id for one in await asyncio.to_thread(self._search.matching, requests, text)]
            if len(requests) < MAX_SEARCHED or len(found) > MAX_FOUND:
                return found[:MAX_FOUND], len(found) <= MAX_FOUND
            after = requests[-1].submitted_at, requests[-1].id
        return found, False

    async def _lines(self, principal: Principal, numbers: Sequence[str]) -> list[DepartmentLine]:
        found = {one.id: one for one in await self._store.numbered(department_of(principal), numbers, principal.id)}
        primaries = {one.merged_into for one in found.values() if one.merged_into}
        hidden = await self._store.hidden(primaries, principal.id) if primaries else set()
        shown = (found[number] for number in dict.fromkeys(numbers) if number in found)
        listed = [one for one in shown if one.merged_into not in hidden]
        await self._accesses.note_list(principal, listed)
        return [self._line(request) for request in listed]

    def _line(self, request: Request) -> DepartmentLine:
        place, words = self._texts(request)
        return {
            "number": request.id,
            "service": request.service,
            "kind": request.kind,
            "state": str(request.state),
            "district": request.district,
            "department": request.department,
            "submitted_at": time_text(request.submitted_at),
            "place": place,
            "words": words,
            "language": language_of_words(words) if words else None,
            "confidential": request.confidential,
            "files": len(request.attachments),
            "followers": request.follower_count,
            "merged_into": request.merged_into,
            "answer_by": time_text(request.waits_until),
        }

    def _texts(self, request: Request) -> tuple[str | None, str | None]:
        """Place and start of the description; None for confidential requests, which are only read in full."""
        if request.confidential:
            return None, None
        try:
            answers, sealed = answers_of(self._keys, request), request.sealed_address
            address = self._keys.unseal(sealed, SealPurpose.REQUEST_ADDRESS, owner=request.id) if sealed else None
        except SealBrokenError as error:  # the others are still listed
            log.error("seal.broken", purpose=error.purpose, owner=error.owner)
            return None, None
        words = answers.get(GROUNDS if request.appeal_of else DESCRIPTION)
        return on_one_line(answers.get(PLACE)) or on_one_line(address), on_one_line(words)


def department_of(principal: Principal) -> str:
    """The principal's department. Raises NotFoundError if there is none."""
    if not principal.department:
        raise NotFoundError
    return principal.department


def on_one_line(text: object) -> str | None:
    """The start of a text, on one line; None if it is empty."""
    if not isinstance(text, str):
        return None
    line = " ".join(text.split())
    return (line if len(line) <= FIRST_WORDS else f"{line[: FIRST_WORDS - 1].rstrip()}…") or None
