"""Areas on the map, which administrators import. A rule that names one that is gone is reported and skipped."""

from services.routing.rules.models.area import MAX_AREAS, AreaBody, MappedArea
from services.routing.rules.service.in_force import RulesInForce
from shared.clock import utc_now
from shared.errors import ConflictError, NotFoundError


class AreaInUseError(ConflictError, code="area-in-use"):
    """A rule in force names the area."""


class TooManyAreasError(ConflictError, code="areas-full"):
    """The maximum number of areas is reached."""


class AreaAdmin:
    """The administrator's work on areas."""

    def __init__(self, in_force: RulesInForce) -> None:
        self._in_force, self._store = in_force, in_force.areas

    async def all(self) -> list[MappedArea]:
        """All areas, ordered by code."""
        return await self._store.all()

    async def get(self, code: str) -> MappedArea:
        """One area. Raises NotFoundError."""
        area = await self._store.get(code)
        if area is None:
            raise NotFoundError
        return area

    async def put(self, code: str, body: AreaBody, by: str) -> MappedArea:
        """Add or replace an area. Raises MistakesError for a shape that crosses itself, TooManyAreasError."""
        codes = await self._store.codes()
        if code not in codes and len(codes) >= MAX_AREAS:
            raise TooManyAreasError
        area = MappedArea(code, body.name.model_dump(), body.shape.model_dump(), utc_now(), by)
        await self._store.put(area)
        await self._in_force.refresh()
        return area

    async def remove(self, code: str) -> None:
        """Remove an area. Raises NotFoundError, AreaInUseError."""
        await self._in_force.refresh()
        if code in self.used():
            raise AreaInUseError
        if not await self._store.remove(code):
            raise NotFoundError

    def used(self) -> set[str]:
        """The areas that rules in force name."""
        return {code for one in self._in_force.rules if one.rule for code in one.rule.when.areas or ()}
