"""Drafting and publishing the rule set; each is one write guarded by the revision, as with services (docs/adr/0017)."""

import json
from typing import Any

import structlog

from services.routing.rules.models.area import MAX_AREAS, AreaBody, MappedArea
from services.routing.rules.models.rule import RuleSetBody
from services.routing.rules.models.versions import RULE_SET, RuleSet, RuleVersion
from services.routing.rules.service.in_force import RulesInForce
from services.routing.rules.store import RuleVersionStore
from shared.changing import change
from shared.clock import utc_now
from shared.errors import ConflictError, NotFoundError, PreconditionFailedError
from shared.events import RulesPublished

log = structlog.get_logger(__name__)
MAX_VERSIONS = 100


class RulePublishing:
    """The administrator's work on the rule set and on areas. A rule that names an area that is gone is skipped."""

    def __init__(self, in_force: RulesInForce, archive: RuleVersionStore) -> None:
        self._in_force, self._archive = in_force, archive
        self._store, self._directory = in_force.store, in_force.directory

    async def get(self) -> RuleSet:
        """The rule set with its draft; empty before the first."""
        return await self._store.load()

    async def write_draft(self, body: RuleSetBody, by: str, revision: int) -> RuleSet:
        """Start or replace the draft. Raises MistakesError, PreconditionFailedError."""
        await self.require_known(body)
        stored = await self._in_revision(revision)
        stored.write_draft(text_of(body), by, utc_now())
        return await self._saved(stored)

    async def discard_draft(self, revision: int) -> RuleSet:
        """Throw the draft away."""
        stored = await self._in_revision(revision)
        stored.discard_draft()
        return await self._saved(stored)

    async def note_tried(self, text: str) -> None:
        """Note that the draft was tried, unless it is another one by now."""
        await change(self._store, RULE_SET, lambda stored: stored.note_tried(text))

    async def publish(self, by: str, revision: int) -> RuleSet:
        """Put the tried draft in force. Raises ConflictError, MistakesError, PreconditionFailedError."""
        stored = await self._in_revision(revision)
        if not stored.draft:
            raise ConflictError("rules-not-tried")
        await self.require_known(RuleSetBody.model_validate({"rules": stored.draft_rules}))
        if stored.version:
            await self._archive.keep(stored.in_force)
        now = utc_now()
        stored.publish(by, now)
        stored.emit(RulesPublished(version=stored.version, rules=len(stored.in_force.rules), by=by), now)
        saved = await self._saved(stored)
        await self._in_force.refresh()
        log.info("routing.rules_published", version=saved.version, by=by)
        return saved

    async def require_known(self, body: RuleSetBody) -> None:
        """Raise MistakesError if the rules name a department or an area that is not there, or share a name."""
        if {rule.to for rule in body.rules} - self._directory.departments.keys():
            await self._directory.refresh()  # another process may have made it a moment ago
        body.require_known(self._directory.departments.keys(), await self._in_force.areas.codes())

    async def versions(self) -> list[RuleVersion]:
        """Published versions, newest first."""
        stored = await self._store.load()
        newest = [stored.in_force] if stored.version else []
        return [*newest, *(one for one in await self._archive.newest(MAX_VERSIONS) if one.number < stored.version)]

    async def version(self, number: int) -> RuleVersion:
        """A published version. Raises NotFoundError."""
        stored = await self._store.load()
        found = stored.in_force if number == stored.version else await self._archive.get(number)
        if not found or not 0 < number <= stored.version:
            raise NotFoundError
        return found

    async def all_areas(self) -> list[MappedArea]:
        """All areas, ordered by code."""
        return await self._in_force.areas.all()

    async def area(self, code: str) -> MappedArea:
        """One area. Raises NotFoundError."""
        area = await self._in_force.areas.get(code)
        if area is None:
            raise NotFoundError
        return area

    async def put_area(self, code: str, body: AreaBody, by: str) -> MappedArea:
        """Add or replace an area. Raises MistakesError for a shape that crosses itself, ConflictError."""
        codes = await self._in_force.areas.codes()
        if code not in codes and len(codes) >= MAX_AREAS:
            raise ConflictError("areas-full")
        area = MappedArea(code, body.name.model_dump(), body.shape.model_dump(), utc_now(), by)
        await self._in_force.areas.put(area)
        await self._in_force.refresh()
        return area

    async def remove_area(self, code: str) -> None:
        """Remove an area. Raises NotFoundError, ConflictError."""
        await self._in_force.refresh()
        if code in self.used_areas():
            raise ConflictError("area-in-use")
        if not await self._in_force.areas.remove(code):
            raise NotFoundError

    def used_areas(self) -> set[str]:
        """The areas that rules in force name."""
        return {code for one in self._in_force.rules if one.rule for code in one.rule.when.areas or ()}

    async def _in_revision(self, revision: int) -> RuleSet:
        stored = await self._store.load()
        if stored.rev != revision:
            raise PreconditionFailedError
        return stored

    async def _saved(self, stored: RuleSet) -> RuleSet:
        if await self._store.save_many([stored]):
            raise PreconditionFailedError
        return await self._store.load()


def text_of(body: RuleSetBody) -> str:
    """Rules as they are stored, without what was left out."""
    rules: list[dict[str, Any]] = [rule.model_dump(by_alias=True, exclude_none=True) for rule in body.rules]
    return json.dumps(rules, ensure_ascii=False)
