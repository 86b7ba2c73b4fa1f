"""What a department has of a request besides its history: internal notes, parts of the work, and its colleagues."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.portal import not_found, or_else
from gateway.web.visit import Visit

Data = Mapping[str, Any]
OPEN_PARTS = ("asked", "accepted")

WITH_TEAM = ("assign", "note", "recuse")
"""Actions that choose colleagues."""


@dataclass(frozen=True, slots=True)
class Inside:
    """Notes (newest first) and parts of a request; `team` only for actions that choose colleagues."""

    notes: Sequence[Data] = ()
    parts: Sequence[Data] = ()
    team: Sequence[Data] = ()

    @property
    def open_parts(self) -> list[Data]:
        """The parts that are not over."""
        return [part for part in self.parts if part["state"] in OPEN_PARTS]


async def inside_of(visit: Visit, number: str) -> Inside:
    """What the department has of a request. Raises RefusedError."""
    path = f"/api/v1/assignments/{number}"
    chooses = visit.args.get("act") in WITH_TEAM
    notes, parts, team = await asyncio.gather(
        or_else({"notes": ()}, visit.portal.read(f"{path}/notes"), not_found),
        or_else({"parts": ()}, visit.portal.read(f"{path}/parts"), not_found),
        visit.portal.read("/api/v1/desk/team") if chooses else _no_team(),
    )
    return Inside(notes["notes"], parts["parts"], team["members"])


async def _no_team() -> Data:
    return {"members": ()}
