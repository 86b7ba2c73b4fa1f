"""Versions of a service: a draft is previewed before publishing, old versions are kept, requests keep theirs."""

import json
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from services.requests.catalogue.api import services as api
from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.models.versions import EDGES, ServiceEntry, Stage, Version, stage_after
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.catalogue.service.preview import Sample, try_out
from services.requests.catalogue.service.publishing import Publishing
from services.requests.catalogue.store import CatalogueStore, VersionStore
from services.requests.life.service.citizen import Correction
from services.requests.request.models.lifecycle import State
from services.requests.request.store.replicas import DepartmentReplicaStore
from shared.auth import Principal
from shared.changing import ContendedError
from shared.errors import ConflictError, InvalidError, MistakesError, NotFoundError, PreconditionFailedError
from tests.builders import CITIZEN, a_catalogue_document, a_catalogue_entry, words
from tests.fakes import MemoryStore
from tests.unit.requests.counter import RULE, Counter

CODE = "street-light-out"
ADMIN = "admin-1"


class MemoryCatalogue(MemoryStore[ServiceEntry]):
    """The catalogue's records."""

    async def all(self) -> list[ServiceEntry]:
        """Every service."""
        return list((await self.load_many(sorted(self.documents))).values())

    async def revisions(self) -> dict[str, int]:
        """The revision of each published service."""
        return {code: document["rev"] for code, document in self.documents.items() if document["version"]}


class MemoryArchive(VersionStore):
    """Replaced versions, in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, int], Version] = {}

    async def keep(self, version: Version) -> None:
        """Keep a version."""
        self.kept.setdefault((version.code, version.number), version)

    async def get(self, code: str, number: int) -> Version | None:
        """A kept version."""
        return self.kept.get((code, number))

    async def of(self, code: str, limit: int) -> list[Version]:
        """Kept versions, newest first."""
        return sorted((v for v in self.kept.values() if v.code == code), key=lambda v: -v.number)[:limit]


class Known(DepartmentReplicaStore):
    """Known departments."""

    def __init__(self, codes: Collection[str]) -> None:
        self.known = set(codes)

    async def codes(self) -> set[str]:
        """Their codes."""
        return self.known


class Office:
    """The use cases of administrators."""

    def __init__(self, store: MemoryCatalogue | None = None, archive: MemoryArchive | None = None) -> None:
        self.store = store or MemoryCatalogue(ServiceEntry)
        self.archive = archive or MemoryArchive()
        self.catalogue = Catalogue(cast(CatalogueStore, self.store), self.archive)
        self.desk = Publishing(cast(CatalogueStore, self.store), self.archive, Known({"power"}), self.catalogue)

    async def revision(self) -> int:
        """The present revision of a service."""
        return (await self.desk.get(CODE)).rev

    async def publish(self, **changes: Any) -> int:
        """Publish at once; returns the version."""
        return (await self.desk.publish_at_once(a_catalogue_entry(**changes), ADMIN)).version

    async def tried(self) -> None:
        """Mark the present draft as previewed."""
        draft = (await self.desk.get(CODE)).draft
        await self.desk.tried(CODE, draft["json"] if draft else "")

    def published_versions(self) -> list[int]:
        """The versions in events to routing."""
        return [json.loads(event["data"])["version"] for event in self.store.documents[CODE]["events"]]


async def test_a_draft_is_tried_published_and_replaced() -> None:
    office = Office()
    drafted = await office.desk.write_draft(a_catalogue_entry(), ADMIN, None)
    assert (drafted.version, drafted.draft_stage) == (0, Stage.DRAFT)
    assert office.catalogue.all() == []
    assert await office.catalogue.find(CODE) is None
    with pytest.raises(ConflictError, match="version-refused"):
        await office.desk.publish(CODE, ADMIN, await office.revision())
    await office.tried()
    published = await office.desk.publish(CODE, ADMIN, await office.revision())
    assert (published.version, published.stage, published.draft) == (1, Stage.PUBLISHED, None)
    assert [entry.code for entry, _ in office.catalogue.all()] == [CODE]

    changed = a_catalogue_entry(name=words("Lamp"))
    await office.desk.write_draft(changed, ADMIN, await office.revision())
    await office.tried()
    await office.desk.publish(CODE, ADMIN, await office.revision())
    assert [(v.number, "Lamp" in v.text) for v in await office.desk.versions(CODE)] == [(2, True), (1, False)]
    assert office.published_versions() == [1, 2]


async def test_a_draft_that_was_changed_is_tried_anew() -> None:
    office = Office()
    await office.desk.write_draft(a_catalogue_entry(), ADMIN, None)
    await office.tried()
    await office.desk.write_draft(a_catalogue_entry(name=words("Lamp")), ADMIN, await office.revision())
    with pytest.raises(ConflictError, match="version-refused"):
        await office.desk.publish(CODE, ADMIN, await office.revision())


async def test_a_draft_that_was_changed_while_another_text_was_tried_was_not_tried() -> None:
    office = Office()
    await office.desk.write_draft(a_catalogue_entry(), ADMIN, None)
    seen = (await office.desk.get(CODE)).draft
    assert seen is not None
    await office.desk.write_draft(a_catalogue_entry(name=words("Lamp")), ADMIN, await office.revision())
    await office.desk.tried(CODE, seen["json"])
    with pytest.raises(ConflictError, match="version-refused"):
        await office.desk.publish(CODE, ADMIN, await office.revision())


async def test_a_draft_that_todays_rules_do_not_take_is_refused_with_its_mistakes() -> None:
    office = Office()
    await office.desk.write_draft(a_catalogue_entry(), ADMIN, None)
    await office.tried()
    draft = office.store.documents[CODE]["draft"]
    broken = json.loads(draft["json"])
    broken["form"]["properties"]["lights"]["x-unheard-of"] = True
    broken["form"]["additionalProperties"] = True
    draft["json"] = json.dumps(broken)
    request = Request({"type": "http", "headers": []})
    with pytest.raises(InvalidError) as caught:
        await api.publish(request, CODE, cast(Principal, SimpleNamespace(id=ADMIN)), office.desk, 2)
    assert ("/form", "form_open") in [(e["pointer"], e["code"]) for e in caught.value.errors]
    assert (await office.desk.get(CODE)).version == 0


async def test_outdated_etag_changes_nothing() -> None:
    office = Office()
    seen = (await office.desk.write_draft(a_catalogue_entry(), ADMIN, None)).rev
    await office.desk.write_draft(a_catalogue_entry(name=words("Lamp")), ADMIN, seen)
    for act in (
        office.desk.write_draft(a_catalogue_entry(), ADMIN, seen),
        office.desk.publish(CODE, ADMIN, seen),
        office.desk.discard_draft(CODE, seen),
        office.desk.retire(CODE, ADMIN, seen),
    ):
        with pytest.raises(PreconditionFailedError):
            await act
    with pytest.raises(ConflictError, match="draft-there"):
        await office.desk.write_draft(a_catalogue_entry(), ADMIN, None)


async def test_deleted_draft_leaves_the_published_version() -> None:
    office = Office()
    await office.desk.write_draft(a_catalogue_entry(), ADMIN, None)
    await office.desk.discard_draft(CODE, await office.revision())
    with pytest.raises(NotFoundError):
        await office.desk.get(CODE)
    assert await office.desk.all() == []
    await office.publish()
    with pytest.raises(ConflictError, match="version-refused"):
        await office.desk.discard_draft(CODE, await office.revision())
    assert office.catalogue.all()


async def test_publishing_the_same_twice_is_one_version() -> None:
    office = Office()
    assert [await office.publish(), await office.publish(), await office.publish(name=words("Lamp"))] == [1, 1, 2]


async def test_a_retired_service_takes_no_filing_and_is_still_read() -> None:
    office = Office()
    await office.publish()
    retired = await office.desk.retire(CODE, ADMIN, await office.revision())
    assert (retired.stage, retired.retired_by) == (Stage.RETIRED, ADMIN)
    assert office.catalogue.is_retired(CODE)
    assert office.catalogue.all() == []
    assert await office.catalogue.find(CODE) is not None
    with pytest.raises(ConflictError, match="version-refused"):
        await office.desk.retire(CODE, ADMIN, await office.revision())
    assert await office.publish() == 2
    assert not office.catalogue.is_retired(CODE)


async def test_filing_for_a_retired_service_is_refused_and_a_retry_is_still_answered() -> None:
    counter = Counter()
    first = await counter.file("key-1")
    counter.catalogue.retired = True
    with pytest.raises(InvalidError) as caught:
        await counter.file("key-2")
    assert [(e["pointer"], e["code"]) for e in caught.value.errors] == [("/service", "service_retired")]
    assert (await counter.file("key-1")).request.id == first.request.id


async def test_another_replica_hears_of_changes() -> None:
    one = Office()
    other = Office(one.store, one.archive)
    await one.publish()
    await other.catalogue.refresh()
    assert other.catalogue.all()[0][1] == 1
    await one.publish(name=words("Lamp"))
    await one.desk.retire(CODE, ADMIN, await one.revision())
    await other.catalogue.refresh()
    assert other.catalogue.is_retired(CODE)
    old = await other.catalogue.find_version(CODE, 1)
    assert old is not None
    assert old.entry.name.en == "Street light out"
    assert await other.catalogue.find_version(CODE, 9) is None


async def test_files_leave_what_an_administrator_changed_or_retired() -> None:
    office = Office()
    await office.desk.publish_files({CODE: a_catalogue_entry()})
    await office.desk.publish_files({CODE: a_catalogue_entry()})
    assert office.published_versions() == [1]
    await office.desk.publish_files({CODE: a_catalogue_entry(name=words("From the file"))})
    assert office.published_versions() == [1, 2]
    await office.publish(name=words("Ours"))
    for file in ("From the file", "A newer file"):
        await office.desk.publish_files({CODE: a_catalogue_entry(name=words(file))})
    assert office.published_versions() == [1, 2, 3]
    await office.desk.retire(CODE, ADMIN, await office.revision())
    await office.desk.publish_files({CODE: a_catalogue_entry(name=words("A newer file"))})
    assert office.catalogue.is_retired(CODE)


async def test_rule_must_name_a_known_department() -> None:
    office = Office()
    nowhere = [{"to": "nobody", "because": words("x")}]
    for act in (
        office.desk.publish_at_once(a_catalogue_entry(department=nowhere), ADMIN),
        office.desk.write_draft(a_catalogue_entry(department=nowhere), ADMIN, None),
    ):
        with pytest.raises(MistakesError) as caught:
            await act
        assert [(m.pointer, m.code) for m in caught.value.mistakes] == [("/department/0/to", "department")]
    assert office.store.documents == {}


@pytest.mark.parametrize("step", ["before", "after"])
async def test_a_process_that_dies_while_publishing_loses_no_version(step: str) -> None:
    office = Office()
    await office.publish()

    def dies() -> None:
        setattr(office.store, step, lambda: None)
        raise ConnectionError

    setattr(office.store, step, dies)
    with pytest.raises(ConnectionError):
        await office.publish(name=words("Lamp"))
    assert await office.publish(name=words("Lamp")) == 2
    assert [v.number for v in await office.desk.versions(CODE)] == [2, 1]
    assert "Street light out" in (await office.desk.versions(CODE))[1].text


async def test_publication_fails_under_constant_contention() -> None:
    office = Office()
    await office.publish()

    def another_is_faster() -> None:
        office.store.documents[CODE]["rev"] += 1

    office.store.before = another_is_faster
    with pytest.raises(ContendedError):
        await office.publish(name=words("Lamp"))


async def test_a_correction_is_checked_by_the_version_it_was_filed_under() -> None:
    counter = Counter()
    filed = await counter.file(answers={"lights": "one"})
    assert filed.request.state is State.INFORMATION_NEEDED
    form = a_catalogue_document()["form"]
    newer = {**form, "properties": {**form["properties"], "lights": {"enum": ["three"]}}, "required": ["description"]}
    counter.catalogue.older[1] = counter.catalogue.checks  # type: ignore[assignment]
    counter.catalogue.checks, counter.catalogue.version = Checks(a_catalogue_entry(form=newer, eligibility=[])), 2
    mended = Correction(answers={"lights": "one", "description": "All dark."})
    corrected = await counter.acts.correct(CITIZEN, filed.request.id, mended, "en")
    assert (corrected.state, corrected.service_version) == (State.VERIFYING, 1)
    assert [r["code"] for r in corrected.history[-1]["results"]] == [RULE["code"]]


def test_a_preview_shows_what_a_citizen_would_see_and_where_it_goes() -> None:
    rules = [
        {"when": {"lights": ["many"]}, "to": "works", "because": words("Many lamps.")},
        {"to": "power", "because": words("One lamp.")},
    ]
    checks = Checks(a_catalogue_entry(department=rules, eligibility=[RULE]))
    tried = try_out(checks, Sample(answers={"lights": "many", "description": "dark"}, district="swat"), "ur")
    assert (tried.errors, tried.state) == ([], State.VERIFYING)
    assert tried.department == {"to": "works", "because": "Many lamps. (اردو)"}
    assert [check["passed"] for check in tried.checks] == [True]
    assert try_out(checks, Sample(answers={"lights": "one"}, district="swat"), "en").state == State.INFORMATION_NEEDED
    wrong = try_out(checks, Sample(answers={}, district="lahore"), "en")
    assert [error["pointer"] for error in wrong.errors] == ["/district", "/answers/lights"]
    assert wrong.state is None


@given(st.lists(st.sampled_from(sorted(EDGES)), max_size=12))
def test_a_version_only_takes_listed_edges(actions: list[str]) -> None:
    stage: Stage | None = None
    for action in actions:
        sources, to = EDGES[action]
        if stage in sources:
            stage = stage_after(action, stage)
            assert stage == to
        else:
            with pytest.raises(ConflictError, match="version-refused"):
                stage_after(action, stage)
