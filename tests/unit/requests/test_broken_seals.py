"""Sealed values that do not open, because they were exchanged or altered, do not affect other requests."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from services.requests.duplicates.service.candidates import DuplicateFinder, Question
from services.requests.files.scanning import ScanVerdict
from services.requests.files.service.attachment_sweep import AttachmentSweep
from services.requests.files.service.keeping import FileKeeper
from services.requests.reading.models import Bucket, Tally, TrackLimits
from services.requests.reading.service.tracking import Tracking
from services.requests.request.models.attachment import Attachment, FileState
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from shared.errors import NotFoundError
from shared.seal import SealBrokenError, SealPurpose
from tests.builders import CITIZEN, KEYS, NUMBER, a_request
from tests.fakes import START, MemoryStore
from tests.unit.requests.counter import Counter
from tests.unit.requests.test_appeals import Court

OTHER = "RB-0000-0000-0"
ANSWERS = '{"description": "The lamp at the corner of the bazaar is dark since Monday."}'


class NoGuesses:
    """A store of guesses that counts nothing."""

    async def used_up(self, buckets: Mapping[str, Bucket]) -> dict[str, Tally]:
        """No counter is used up."""
        return {}

    async def reserve(self, key: str, wanted: int, bucket: Bucket) -> Tally:
        """Grant all."""
        return Tally(wanted, 60, bucket.code)


async def test_one_broken_mobile_does_not_spoil_the_tries_of_others() -> None:
    requests, citizens = MemoryStore(Request), MemoryStore(CitizenReplica)
    await requests.insert_many([a_request(), a_request(OTHER, citizen_id="citizen-2")])
    mobile = KEYS.seal("+923001234567", SealPurpose.CITIZEN_MOBILE, owner=CITIZEN)
    await citizens.insert_many([CitizenReplica(id=key, sealed_mobile=mobile) for key in (CITIZEN, "citizen-2")])
    guard = Tracking(requests, citizens, cast(Any, NoGuesses()), KEYS, TrackLimits())
    with capture_logs() as lines:
        found = await asyncio.gather(*(guard.find(n, "4567") for n in (OTHER, NUMBER)), return_exceptions=True)
    assert isinstance(found[0], NotFoundError)
    assert isinstance(found[1], Request)
    assert lines == [{"event": "seal.broken", "log_level": "error", "purpose": "citizen.mobile", "owner": "citizen-2"}]


class Beside:
    """A store that finds the same requests for every query."""

    def __init__(self, *found: Request) -> None:
        self.found = list(found)

    async def in_district(self, what: object, district: str, limit: int) -> list[Request]:
        """The requests."""
        return self.found


async def test_a_candidate_that_does_not_open_is_not_offered_and_the_others_are() -> None:
    kept = {key: KEYS.seal(ANSWERS, SealPurpose.REQUEST_ANSWERS, owner=NUMBER) for key in (NUMBER, OTHER)}
    found = [a_request(key, sealed_answers=text, state="routed") for key, text in kept.items()]
    counter = Counter(kind="complaint", eligibility=[])
    similar = DuplicateFinder(cast(Any, Beside(*found)), cast(Any, counter.catalogue), KEYS)
    question = {"service": "street-light-out", "place": {"district": "peshawar"}, "answers": json.loads(ANSWERS)}
    with capture_logs() as lines:
        offered = await similar.offer("citizen-9", Question.model_validate(question), "en")
    assert [one["number"] for one in offered] == [NUMBER]
    assert [(line["event"], line["owner"]) for line in lines] == [("seal.broken", OTHER)]


class Due:
    """A store of attachments that are each due once and belong to one request."""

    def __init__(self, *due: Attachment) -> None:
        self.due = list(due)
        self.saved: list[Attachment] = []

    async def claim_due(self, lease: timedelta) -> Attachment | None:
        """The next one."""
        return self.due.pop(0) if self.due else None

    async def save_many(self, attachments: Collection[Attachment]) -> set[str]:
        """Record saved attachments."""
        self.saved += attachments
        return set()

    async def naming(self, attachment_id: str) -> str:
        """The requests that name it."""
        return NUMBER

    async def discarding(self, limit: int) -> list[Request]:
        """Nothing is discarded."""
        return []

    async def get(self, number: str) -> Request:
        """The request."""
        return a_request(number)

    async def read(self, file_id: str, key: str, size: int) -> AsyncIterator[bytes]:
        """The content."""
        yield b"x"

    async def scan(self, content: bytes) -> ScanVerdict:
        """Report a clean file."""
        return ScanVerdict.CLEAN


async def test_a_file_whose_key_does_not_open_does_not_stop_the_sweep() -> None:
    key = KEYS.seal("00" * 32, SealPurpose.ATTACHMENT_KEY, owner="one")
    times: dict[str, Any] = {"created_at": START, "due_at": START, "bytes": 1}
    files = [Attachment(id=key_of, sealed_key=key, state=FileState.QUARANTINED, **times) for key_of in ("two", "one")]
    due: Any = Due(*files)
    limits: Any = SimpleNamespace(keep=timedelta(days=1), rescan=timedelta(minutes=5))
    sweep = AttachmentSweep(FileKeeper(due, due, due, due, KEYS, limits), due)
    await sweep.run()
    assert [(one.id, one.state) for one in due.saved] == [("two", FileState.QUARANTINED), ("one", FileState.CLEAN)]


async def test_an_appeal_is_granted_though_its_words_do_not_open() -> None:
    court = await Court().sit()
    appeal = await court.appeal()
    await court.decide(appeal.id, "granted")
    [*_, resolved] = [e for e in court.store.documents[appeal.id]["history"] if e["action"] == "resolve"]
    resolved["sealed_words"] = KEYS.seal("Of another appeal.", SealPurpose.REQUEST_REPLY, owner=OTHER)
    await court.sweep()
    first = await court.get(NUMBER)
    assert [entry["action"] for entry in first.history][-1] == "remit"
    assert "sealed_words" not in first.history[-1]


async def test_appeal_with_an_unreadable_request_stores_nothing() -> None:
    court = await Court(sealed_address=KEYS.seal("Street 4", SealPurpose.REQUEST_ADDRESS, owner=OTHER)).sit()
    before = dict(court.store.documents[NUMBER])
    with pytest.raises(SealBrokenError):
        await court.appeal()
    assert court.store.documents == {NUMBER: before}
