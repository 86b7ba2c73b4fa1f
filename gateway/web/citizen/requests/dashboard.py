"""The citizen's requests: first those that wait for the citizen, then those in work, then the finished ones."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.web import states
from gateway.web.citizen.account.data import reach_of
from gateway.web.citizen.room import room
from gateway.web.naming import DisplayNames, names_of
from gateway.web.portal import Query, or_else, segment, unavailable
from gateway.web.visit import Visit
from gateway.web.words import _
from shared.errors import NotFoundError

LIST = "/api/v1/requests"
GROUPS: dict[str, tuple[str, Sequence[str]]] = {
    "waiting": (_("Waiting for you"), states.WAITING_FOR_YOU),
    "working": (_("Being worked on"), states.IN_WORK),
    "finished": (_("Finished"), states.FINISHED),
}
KINDS = {"application": _("Applications"), "complaint": _("Complaints"), "appeal": _("Appeals")}
MAX_SIGN_IN_FORM, MAX_WORKING, MAX_FINISHED = 50, 20, 5
MAX_WORDS, MAX_CURSOR = 200, 80
DRAFT = re.compile(r"[0-9a-f]{32}")
NOTHING: Mapping[str, Any] = {"requests": [], "next": None, "drafts": [], "notifications": [], "unread": 0}
Page = Mapping[str, Any]
"""A page of requests, as the API lists them."""


@room.get("/my")
async def dashboard(visit: Visit) -> Response:
    """The dashboard, or the result of a search. Raises RefusedError."""
    search = {name: visit.query(name) for name in ("q", "show", "kind", "cursor")}
    if any(search.values()):
        return await found(visit, search)
    waiting, working, finished, drafts, messages, reach = await asyncio.gather(
        visit.portal.read(LIST, {"state": GROUPS["waiting"][1], "limit": MAX_SIGN_IN_FORM}),
        visit.portal.read(LIST, {"state": GROUPS["working"][1], "limit": MAX_WORKING}),
        visit.portal.read(LIST, {"state": GROUPS["finished"][1], "limit": MAX_FINISHED}),
        or_else(NOTHING, visit.portal.read("/api/v1/drafts"), unavailable),
        or_else(NOTHING, visit.portal.read("/api/v1/notifications", {"limit": 2}), unavailable),
        reach_of(visit),
    )
    names = await names_in(visit, waiting, working, finished)
    return visit.page(
        "citizen/requests/dashboard.html",
        waiting=soonest_first(waiting, "answer_by"),
        working=soonest_first(working, "due_at"),
        finished=finished,
        drafts=drafts["drafts"],
        messages=messages["notifications"],
        unread=messages["unread"],
        reach=reach,
        **choices(visit, names),
    )


async def found(visit: Visit, search: Mapping[str, str]) -> Response:
    """A page of the requests that were found, newest first. Raises RefusedError."""
    query: Query = {
        "q": search["q"][:MAX_WORDS],
        "state": GROUPS.get(search["show"], ("", ()))[1],
        "kind": search["kind"] if search["kind"] in KINDS else None,
        "cursor": search["cursor"][:MAX_CURSOR],
    }
    page = await visit.portal.read(LIST, query)
    names = await names_in(visit, page)
    return visit.page("citizen/requests/found.html", page=page, terms=search, **choices(visit, names))


@room.get("/my/live")
async def live(visit: Visit) -> Response:
    """Every step of the citizen's requests as it happens."""
    return visit.live("/api/v1/events")


@room.get("/my/drafts/{draft}/remove")
async def confirm_removal(visit: Visit) -> Response:
    """Ask whether a draft is to be deleted. Raises RefusedError, NotFoundError."""
    draft = draft_of(visit)
    kept, names = await asyncio.gather(visit.portal.read("/api/v1/drafts"), names_of(visit))
    known = next((one for one in kept["drafts"] if one["id"] == draft), None)
    if known is None:
        return visit.go("/my", visit.say("The draft is gone."))
    return visit.page("citizen/requests/remove-draft.html", draft=known, names=names)


@room.post("/my/drafts/{draft}/remove")
async def remove(visit: Visit) -> Response:
    """Delete a draft. Raises RefusedError, NotFoundError."""
    await visit.portal.call("DELETE", f"/api/v1/drafts/{draft_of(visit)}")
    return visit.go("/my", visit.say("The draft is gone."))


def draft_of(visit: Visit) -> str:
    """The draft's id in the address. Raises NotFoundError."""
    draft = segment(visit.args["draft"])
    if not DRAFT.fullmatch(draft):
        raise NotFoundError
    return draft


async def names_in(visit: Visit, *pages: Page) -> DisplayNames:
    """The names for these lists, also of retired services. Raises RefusedError."""
    return await names_of(visit, [request["service"] for page in pages for request in page["requests"]])


def soonest_first(page: Page, field: str) -> Page:
    """The same requests, sorted by a time of each."""
    return {**page, "requests": sorted(page["requests"], key=lambda request: request[field] or "9")}


def choices(visit: Visit, names: DisplayNames) -> dict[str, Any]:
    """The choices of the search form, and the names."""
    return {
        "names": names,
        "groups": [(name, visit.say(words)) for name, (words, _states) in GROUPS.items()],
        "kinds": [(name, visit.say(words)) for name, words in KINDS.items()],
    }
