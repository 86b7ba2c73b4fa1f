"""One request as its department reads it: what was filed, how it stands, and what may be done with it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.department.history import merged_history
from gateway.web.department.story import Story, story_of
from gateway.web.naming import DisplayNames, names_of
from gateway.web.portal import RefusedError, Reply, segment
from gateway.web.states import ENDED
from gateway.web.visit import Visit

ASSIGNMENTS, REQUESTS = "/api/v1/assignments", "/api/v1/requests"
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """A request; `assignment` is None while verification holds it up, or once it is over for the department.

    `revision` and `tag` are the ETags of the assignment and of the request.
    """

    number: str
    request: Data
    tag: str
    assignment: Data | None
    revision: str
    names: DisplayNames
    story: Story
    first: Story | None
    """Of an appeal: the request that it is about."""
    merged: Sequence[Story] = ()
    """What was merged into it, the oldest first."""
    similar: Sequence[Data] = ()

    @property
    def actions(self) -> list[str]:
        """What this person may do now."""
        return [*(self.assignment["actions"] if self.assignment else ()), *self.request["actions"]]

    @property
    def history(self) -> list[Data]:
        """Every step, also what the request has not heard yet from its assignment."""
        return merged_history(self.request["history"], self.assignment["history"] if self.assignment else ())

    @property
    def state(self) -> str:
        """The present state: what the department did stands first in the assignment, the end first in the request."""
        known = self.request["state"]
        ahead = known not in ENDED and len(self.history) > len(self.request["history"])
        return str(self.history[-1]["to"] if ahead else known)

    @property
    def evidence_wanted(self) -> bool:
        """Whether a file has to show what was done before it is resolved."""
        return bool(self.assignment and self.assignment["evidence_wanted"])


async def open_request(visit: Visit, *, beside: bool = True) -> Opened:
    """The request that the address names; with `beside` also what is like it. Raises RefusedError."""
    number = segment(visit.args["number"]).upper()
    request, assignment = await asyncio.gather(
        visit.portal.get(f"{REQUESTS}/{number}"), or_none(visit.portal.get(f"{ASSIGNMENTS}/{number}"))
    )
    first = request.data.get("original")
    told = [request.data, *([first] if first else []), *request.data.get("merged", ())]
    names, stories, similar = await asyncio.gather(
        names_of(visit, [one["service"] for one in told]),
        read_stories(visit, told),
        alike(visit, number) if beside and "merge" in request.data["actions"] else nothing(),
    )
    return Opened(
        number=request.data["number"],
        request=request.data,
        tag=request.etag,
        assignment=assignment.data if assignment else None,
        revision=assignment.etag if assignment else "",
        names=names,
        story=stories[0],
        first=stories[1] if first else None,
        merged=stories[2 if first else 1 :],
        similar=similar,
    )


async def read_stories(visit: Visit, requests: Sequence[Data]) -> list[Story]:
    """What citizens said, each in the words of the form that was filled in."""
    forms = list(dict.fromkeys((one["service"], one["service_version"]) for one in requests))
    asked = (visit.portal.get(f"/api/v1/catalogue/{code}", {"version": version}) for code, version in forms)
    entries = dict(zip(forms, await asyncio.gather(*asked), strict=True))
    return [story_of(one, entries[one["service"], one["service_version"]].data, visit.words) for one in requests]


async def alike(visit: Visit, number: str) -> Sequence[Data]:
    """What else the department has that may be about the same thing."""
    found: Sequence[Data] = (await visit.portal.read(f"{REQUESTS}/{number}/similar"))["similar"]
    return found


async def nothing() -> Sequence[Data]:
    """Where nothing is asked for."""
    return ()


async def or_none(asking: Any) -> Reply | None:
    """An answer, or None where there is no such thing. Raises RefusedError for every other refusal."""
    try:
        reply: Reply = await asking
    except RefusedError as refused:
        if refused.status != 404:
            raise
        return None
    return reply
