"""One request as its department reads it: what the citizen filed, the state, and the possible actions."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.web.department.history import merged_history, with_steps_inside
from gateway.web.forms.answers import answer_text
from gateway.web.forms.schema import questions_of
from gateway.web.forms.steps import documents_of
from gateway.web.naming import DisplayNames, Texts, names_of
from gateway.web.portal import not_found, or_else, segment
from gateway.web.states import ENDED
from gateway.web.visit import Visit
from gateway.web.words import Translator

ASSIGNMENTS, REQUESTS = "/api/v1/assignments", "/api/v1/requests"
GROUNDS = "grounds"
"""The only answer of an appeal, which has no form in the catalogue."""
WITH_TEMPLATES = ("ask", "progress", "resolve", "delay")
"""Actions whose text can be a reply template."""
WITH_TEAM = ("assign", "note", "recuse")
"""Actions that choose colleagues."""
Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """What a citizen filed: `texts` are the long answers, `answers` all others, each with its question."""

    request: Data
    service: Texts
    texts: list[tuple[str, str]]
    answers: list[tuple[str, str]]
    documents: Mapping[str, Texts]
    """The names of the documents of the service, by code."""


@dataclass(frozen=True, slots=True)
class OpenedRequest:
    """A request; `assignment` is None while verification holds it up, or when the department has finished it.

    `revision` and `request_revision` are the ETags of the assignment and of the request.
    """

    number: str
    request: Data
    request_revision: str
    assignment: Data | None
    revision: str
    names: DisplayNames
    story: Story
    first: Story | None
    """Of an appeal: the first request."""
    merged: Sequence[Story] = ()
    """The requests that were merged into it, oldest first."""
    similar: Sequence[Data] = ()
    notes: Sequence[Data] = ()
    """The internal notes, newest first."""
    parts: Sequence[Data] = ()
    """The parts of the work that other departments were asked for."""
    team: Sequence[Data] = ()
    """The colleagues, for actions that choose one."""
    templates: Sequence[Data] = ()
    """The reply templates for the action in the address, with their fields filled."""

    @property
    def actions(self) -> list[str]:
        """What this member of staff may do now."""
        return [*(self.assignment["actions"] if self.assignment else ()), *self.request["actions"]]

    @property
    def history(self) -> list[Data]:
        """The whole history, also steps that the assignment has and the request does not have yet."""
        return merged_history(self.request["history"], self.assignment["history"] if self.assignment else ())

    @property
    def whole_history(self) -> list[Data]:
        """The history with the steps inside the department."""
        return with_steps_inside(self.history, self.assignment["history"] if self.assignment else ())

    @property
    def state(self) -> str:
        """The present state. The department's steps are in the assignment first, the end is in the request first."""
        state = self.request["state"]
        ahead = state not in ENDED and len(self.history) > len(self.request["history"])
        return str(self.history[-1]["to"] if ahead else state)

    @property
    def evidence_wanted(self) -> bool:
        """Whether resolving needs a file that shows what was done."""
        return bool(self.assignment and self.assignment["evidence_wanted"])


async def open_request(visit: Visit) -> OpenedRequest:
    """The request in the address. Raises RefusedError."""
    number = segment(visit.args["number"]).upper()
    path = f"{ASSIGNMENTS}/{number}"
    request, assignment, notes, parts, team, templates = await asyncio.gather(
        visit.portal.get(f"{REQUESTS}/{number}"),
        or_else(None, visit.portal.get(path), not_found),
        or_else({"notes": ()}, visit.portal.read(f"{path}/notes"), not_found),
        or_else({"parts": ()}, visit.portal.read(f"{path}/parts"), not_found),
        team_for(visit),
        or_else([], templates_for(visit, number), not_found),
    )
    first = request.data.get("original")
    filed = [request.data, *([first] if first else []), *request.data.get("merged", ())]
    names, stories, similar = await asyncio.gather(
        names_of(visit, [one["service"] for one in filed]), read_stories(visit, filed), similar_to(visit, request.data)
    )
    return OpenedRequest(
        number=request.data["number"],
        request=request.data,
        request_revision=request.etag,
        assignment=assignment.data if assignment else None,
        revision=assignment.etag if assignment else "",
        names=names,
        story=stories[0],
        first=stories[1] if first else None,
        merged=stories[2 if first else 1 :],
        similar=similar,
        notes=notes["notes"],
        parts=parts["parts"],
        team=team,
        templates=templates,
    )


async def read_stories(visit: Visit, requests: Sequence[Data]) -> list[Story]:
    """What citizens filed, with the questions of the form that they filled in. Raises RefusedError."""
    forms = list(dict.fromkeys((one["service"], one["service_version"]) for one in requests))
    reading = (visit.portal.read(f"/api/v1/catalogue/{code}", {"version": version}) for code, version in forms)
    entries = dict(zip(forms, await asyncio.gather(*reading), strict=True))
    return [story_of(one, entries[one["service"], one["service_version"]], visit.words) for one in requests]


def story_of(request: Data, entry: Data, words: Translator) -> Story:
    """All answers of a request, in the order of the form."""
    answers = dict(request["answers"])
    texts = [("", str(answers.pop(GROUNDS)))] if request["kind"] == "appeal" and GROUNDS in answers else []
    rows: list[tuple[str, str]] = []
    for question in questions_of(entry):
        text = answer_text(question, answers.pop(question.name, None), words)
        if text:
            (texts if question.kind == "text" else rows).append((words.localised(question.title), text))
    rows += [(name, str(answer)) for name, answer in answers.items()]
    documents = {document["code"]: document for document in documents_of(entry)}
    return Story(request, entry["name"], texts, rows, documents)


async def templates_for(visit: Visit, number: str) -> list[Data]:
    """The reply templates for the action in the address. Raises RefusedError."""
    act = visit.args.get("act")
    if act not in WITH_TEMPLATES:
        return []
    found = await visit.portal.read(f"{ASSIGNMENTS}/{number}/templates")
    return [one for one in found["templates"] if act in one["actions"]]


async def team_for(visit: Visit) -> Sequence[Data]:
    """The colleagues, if the action in the address chooses one. Raises RefusedError."""
    if visit.args.get("act") not in WITH_TEAM:
        return ()
    members: Sequence[Data] = (await visit.portal.read("/api/v1/desk/team"))["members"]
    return members


async def similar_to(visit: Visit, request: Data) -> Sequence[Data]:
    """Possible duplicates, if this request may be merged. Raises RefusedError."""
    if "merge" not in request["actions"]:
        return ()
    similar: Sequence[Data] = (await visit.portal.read(f"{REQUESTS}/{request['number']}/similar"))["similar"]
    return similar
