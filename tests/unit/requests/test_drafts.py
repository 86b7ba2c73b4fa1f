"""Drafts: sealed, private, kept for seven days, at most twenty, and repeatable over a bad network."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.files.store.attachments import AttachmentStore
from services.requests.filing.models import KEPT_FOR, MAX_DRAFTS, Draft
from services.requests.filing.service.drafts import DraftFiling, DraftPlace, DraftService, DraftView
from services.requests.filing.service.filing import FiledBy
from services.requests.filing.service.intake import Intake
from services.requests.filing.store import DraftStore
from services.requests.request.models.attachment import Attachment, FileState
from services.requests.request.store.requests import RequestStore
from shared.errors import ConflictError, InvalidError, NotFoundError, PreconditionFailedError
from shared.mongo import OUTAGES
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS, a_catalogue_entry
from tests.fakes import FakeClock
from tests.unit.requests.counter import Counter, a_filing

SERVICE = "street-light-out"


class MemoryDrafts:
    """Drafts in memory, with the real store's unique index."""

    def __init__(self) -> None:
        self.kept: dict[str, Draft] = {}
        self.away = False

    async def insert(self, draft: Draft) -> bool:
        """Keep a new draft."""
        await asyncio.sleep(0)
        places = {(other.citizen_id, other.slot) for other in self.kept.values()}
        if draft.id in self.kept or (draft.citizen_id, draft.slot) in places:
            return False
        self.kept[draft.id] = draft
        return True

    async def get(self, citizen_id: str, draft_id: str, now: datetime) -> Draft | None:
        """A citizen's draft."""
        await asyncio.sleep(0)
        draft = self.kept.get(draft_id)
        return draft if draft and draft.citizen_id == citizen_id and draft.expires_at > now else None

    async def of_citizen(self, citizen_id: str, now: datetime) -> list[Draft]:
        """A citizen's drafts."""
        await asyncio.sleep(0)
        return [d for d in self.kept.values() if d.citizen_id == citizen_id and d.expires_at > now]

    async def replace(self, draft: Draft, seen: int) -> bool:
        """Replace a revision of a draft."""
        await asyncio.sleep(0)
        if draft.id not in self.kept or self.kept[draft.id].revision != seen:
            return False
        self.kept[draft.id] = draft
        return True

    async def remove(self, citizen_id: str, draft_id: str) -> None:
        """Remove a citizen's draft."""
        if self.away:
            raise OUTAGES[0]("away")
        if draft_id in self.kept and self.kept[draft_id].citizen_id == citizen_id:
            del self.kept[draft_id]

    async def remove_expired(self, citizen_id: str, now: datetime) -> None:
        """Remove expired drafts."""
        self.kept = {k: d for k, d in self.kept.items() if d.citizen_id != citizen_id or d.expires_at > now}


class MemoryFiles:
    """Uploaded files that belong to no request."""

    def __init__(self) -> None:
        self.kept: dict[str, Attachment] = {}

    def send(self, name: str | None) -> str:
        """Store a file of the citizen; returns its id."""
        file_id = f"{len(self.kept):032x}"
        sealed = KEYS.seal(name, SealPurpose.ATTACHMENT_NAME, owner=file_id) if name else None
        self.kept[file_id] = Attachment(
            id=file_id, owner=CITIZEN, sealed_name=sealed, type="image/jpeg", bytes=412, state=FileState.CLEAN
        )
        return file_id

    async def free(self, owner: str, ids: Collection[str]) -> dict[str, Attachment]:
        """The files of the account."""
        return {one: self.kept[one] for one in ids if one in self.kept and self.kept[one].owner == owner}


class Desk:
    """The use cases of drafts and filing."""

    def __init__(self) -> None:
        self.counter, self.store, self.clock = Counter(), MemoryDrafts(), FakeClock()
        catalogue = cast(Catalogue, self.counter.catalogue)
        self.files = MemoryFiles()
        store, files = cast(DraftStore, self.store), cast(AttachmentStore, self.files)
        self.drafts = DraftService(store, catalogue, KEYS, self.clock, files)
        requests = cast(RequestStore, self.counter.store)
        self.intake = Intake(requests, catalogue, self.counter.citizens, KEYS, drafts=store)

    async def begin(self, key: str = "key", citizen: str = CITIZEN, **changes: Any) -> DraftView:
        """Begin a draft."""
        return (await self.drafts.begin(citizen, key, a_draft(**changes), "en"))[0]

    async def write(self, shown: DraftView, revision: int | None = None, **changes: Any) -> DraftView:
        """Write a draft."""
        seen = shown.draft.revision if revision is None else revision
        return await self.drafts.write(CITIZEN, shown.draft.id, seen, a_draft(**changes), "en")


def a_draft(**changes: Any) -> DraftFiling:
    """The content of a draft."""
    return DraftFiling.model_validate({"service": SERVICE, **changes})


def pointers(shown: DraftView) -> list[tuple[str, str]]:
    """The pointers of errors that prevent filing."""
    return [(error["pointer"], error["code"]) for error in shown.errors]


async def test_draft_lists_missing_answers() -> None:
    desk = Desk()
    shown = await desk.begin()
    assert pointers(shown) == [("/place/district", "required"), ("/answers/lights", "required")]
    place = DraftPlace(district="peshawar", latitude=34.0)
    wrong = await desk.write(shown, place=place, answers={"lights": "three"})
    assert pointers(wrong) == [("/place/longitude", "required"), ("/answers/lights", "choice")]
    done = await desk.write(wrong, place=DraftPlace(district="peshawar"), answers={"lights": "one"})
    assert done.errors == []


async def test_a_draft_that_calls_itself_complete_can_be_filed() -> None:
    desk = Desk()
    desk.counter.catalogue.checks = Checks(a_catalogue_entry(confidential="never"))
    place = DraftPlace(district="peshawar", address=" ")
    shown = await desk.begin(place=place, answers={"lights": "one"}, confidential=True)
    assert pointers(shown) == [("/place/address", "words_needed"), ("/confidential", "not_confidential")]
    with pytest.raises(InvalidError):
        await desk.counter.file(place={"district": "peshawar", "address": " "}, answers={"lights": "one"})
    done = await desk.write(shown, place=DraftPlace(district="peshawar"), answers={"lights": "one"})
    assert done.errors == []
    await desk.counter.file(place={"district": "peshawar"}, answers={"lights": "one"})


async def test_retry_of_a_filing_for_a_retired_service_gets_the_first_answer() -> None:
    desk = Desk()
    first = await desk.begin()
    written = await desk.write(first, answers={"lights": "one"})
    desk.counter.catalogue.retired = True
    again, replayed = await desk.drafts.begin(CITIZEN, "key", a_draft(), "en")
    assert (again.draft.id, replayed) == (first.draft.id, True)
    assert (await desk.write(first, answers={"lights": "one"})).draft == written.draft
    assert pointers(again) == [("/service", "service_retired")]
    for other in (desk.begin("another"), desk.write(written, answers={"lights": "all"})):
        with pytest.raises(InvalidError):
            await other


async def test_draft_lists_its_files_and_the_missing_ones() -> None:
    desk = Desk()
    lamp, row = desk.files.send("lamp row"), desk.files.send(None)
    place, answers = {"district": "peshawar"}, {"lights": "one"}
    whole: dict[str, Any] = {"place": place, "answers": answers, "attachments": [lamp, row]}
    shown = await desk.begin(**whole)
    assert [(file["id"], file["name"], file["bytes"]) for file in shown.files] == [
        (lamp, "lamp row", 412),
        (row, None, 412),
    ]
    assert shown.errors == []
    del desk.files.kept[lamp]
    later = await desk.drafts.one(CITIZEN, shown.draft.id, "en")
    assert pointers(later) == [("/attachments/0", "attachment")]
    assert [file["id"] for file in later.files] == [row]
    assert later.filing["attachments"] == [lamp, row]
    desk.files.kept[row].owner = "citizen-2"
    assert (await desk.drafts.one(CITIZEN, shown.draft.id, "en")).files == []


async def test_a_draft_is_sealed() -> None:
    desk = Desk()
    shown = await desk.begin(answers={"description": "My neighbour Amina"}, place=DraftPlace(address="House 12"))
    assert shown.filing["answers"] == {"description": "My neighbour Amina"}
    for secret in ("Amina", "House 12"):
        assert secret not in str(desk.store.kept)


async def test_repeated_start_and_save_change_nothing() -> None:
    desk = Desk()
    first = await desk.begin()
    again, replayed = await desk.drafts.begin(CITIZEN, "key", a_draft(), "en")
    assert (again.draft, replayed) == (first.draft, True)
    with pytest.raises(InvalidError) as caught:
        await desk.begin(answers={"lights": "one"})
    assert caught.value.problem_code == "idempotency-key-reused"
    written = await desk.write(first, answers={"lights": "one"})
    lost_answer = await desk.write(first, answers={"lights": "one"})
    assert lost_answer.draft == written.draft
    with pytest.raises(PreconditionFailedError):
        await desk.write(first, answers={"lights": "many"})
    assert len(desk.store.kept) == 1


async def test_of_many_at_once_one_writes() -> None:
    desk = Desk()
    shown = await desk.begin()
    writes = [desk.write(shown, answers={"description": f"words {n}"}) for n in range(20)]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert sum(isinstance(result, DraftView) for result in results) == 1
    assert sum(isinstance(result, PreconditionFailedError) for result in results) == 19


async def test_never_more_than_twenty_also_at_once() -> None:
    desk = Desk()
    results = await asyncio.gather(*(desk.begin(f"key-{n}") for n in range(50)), return_exceptions=True)
    assert len(desk.store.kept) == MAX_DRAFTS
    assert sum(isinstance(result, ConflictError) for result in results) == 30
    await desk.begin(citizen="citizen-2")
    await desk.drafts.remove(CITIZEN, next(iter(desk.store.kept)))
    await desk.begin("key-51")


async def test_a_draft_goes_seven_days_after_its_last_change() -> None:
    desk = Desk()
    shown = await desk.begin()
    desk.clock.advance(days=6)
    await desk.write(shown, answers={"lights": "one"})
    desk.clock.advance(days=6)
    assert (await desk.drafts.one(CITIZEN, shown.draft.id, "en")).draft.revision == 2
    desk.clock.advance(days=1)
    with pytest.raises(NotFoundError):
        await desk.drafts.one(CITIZEN, shown.draft.id, "en")
    assert await desk.drafts.own(CITIZEN, "en") == []
    desk.store.kept = {k: replace(d, slot=n) for n, (k, d) in enumerate(desk.store.kept.items())}
    for n in range(MAX_DRAFTS):  # what is over takes no place
        await desk.begin(f"new-{n}")
    assert KEPT_FOR.days == 7


async def test_a_draft_is_its_citizens_own() -> None:
    desk = Desk()
    shown = await desk.begin()
    for act in (
        desk.drafts.one("citizen-2", shown.draft.id, "en"),
        desk.drafts.write("citizen-2", shown.draft.id, 1, a_draft(), "en"),
    ):
        with pytest.raises(NotFoundError):
            await act
    await desk.drafts.remove("citizen-2", shown.draft.id)
    assert desk.store.kept


async def test_filing_removes_the_draft_after_it_is_stored() -> None:
    desk = Desk()
    shown = await desk.begin()
    body = a_filing(draft=shown.draft.id)
    with pytest.raises(InvalidError):
        await desk.intake.file(FiledBy(CITIZEN), "key", a_filing(draft=shown.draft.id, answers={}), "en")
    assert desk.store.kept
    desk.store.away = True
    filed = await desk.intake.file(FiledBy(CITIZEN), "key", body, "en")
    assert desk.store.kept
    desk.store.away = False
    again = await desk.intake.file(FiledBy(CITIZEN), "key", body, "en")
    assert (again.replayed, again.request.id) == (True, filed.request.id)
    assert desk.store.kept == {}


async def test_a_draft_for_no_service_or_a_retired_one() -> None:
    desk = Desk()
    with pytest.raises(InvalidError):
        await desk.begin(service="no-such")
    shown = await desk.begin()
    desk.counter.catalogue.retired = True
    with pytest.raises(InvalidError):
        await desk.begin("key-2")
    assert pointers(await desk.drafts.one(CITIZEN, shown.draft.id, "en")) == [("/service", "service_retired")]


@pytest.mark.parametrize("kind", ["clerk", "anonymous"])
async def test_only_citizens_file_drafts(kind: Any) -> None:
    desk = Desk()
    await desk.counter.know()
    behalf = {"on_behalf_of": CITIZEN, "channel": "phone"} if kind == "clerk" else {}
    with pytest.raises(InvalidError) as caught:
        await desk.intake.file(FiledBy("x", kind), "key", a_filing(draft="0" * 32, **behalf), "en")
    assert "/draft" in [error["pointer"] for error in caught.value.errors]
