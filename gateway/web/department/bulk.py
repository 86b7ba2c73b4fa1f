"""One action on the requests that an officer chose in the list: its form, and the result of each request."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response

from gateway.web.department.acts import ASK, DELAY, PROGRESS, RESOLVE, TRANSFER, OfferedAct
from gateway.web.department.filters import Filter
from gateway.web.department.history import as_entry, is_clock_mark
from gateway.web.department.opened import ASSIGNMENTS, WITH_TEMPLATES
from gateway.web.department.room import room
from gateway.web.forms.form import Form, refusal_text
from gateway.web.history import HistoryLine, history_lines
from gateway.web.naming import names_of
from gateway.web.portal import RefusedError
from gateway.web.states import REASONS
from gateway.web.visit import Visit
from gateway.web.words import _

CHOSEN = re.compile(r'(RB-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]) ("[0-9]{1,9}")')
MAX_CHOSEN = 100
BULK = "/api/v1/assignments/bulk"


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """A request in the revision that the list showed."""

    number: str
    revision: str

    @property
    def value(self) -> str:
        """The value of its box in a form."""
        return f"{self.number} {self.revision}"


def chosen_of(form: Form) -> list[ChosenRow]:
    """The chosen requests, each once, at most as many as one call takes."""
    found = {match[1]: match[2] for text in form.values("r") if (match := CHOSEN.fullmatch(text))}
    return [ChosenRow(number, revision) for number, revision in list(found.items())[:MAX_CHOSEN]]


async def act_on_all(visit: Visit, act: Mapping[str, Any], chosen: Sequence[ChosenRow]) -> list[Mapping[str, Any]]:
    """The result of each request. Raises RefusedError if the action itself is refused."""
    requests = [{"number": one.number, "etag": one.revision} for one in chosen]
    results: list[Mapping[str, Any]] = (await visit.portal.post(BULK, {"act": act, "requests": requests})).data[
        "results"
    ]
    return results


def list_of(form: Form) -> dict[str, str]:
    """The address of the list from which the officer came."""
    filters = Filter.of(dict(parse_qsl(form.value("back"))))
    return filters.address(cursor=filters.cursor)


CLAIM = OfferedAct("claim", _("You are responsible for them now."))
ASSIGN = OfferedAct("assign", _("They are assigned."), fields={"officer": "to"})
BULK_ACTS = {act.name: act for act in (CLAIM, ASSIGN, PROGRESS, ASK, RESOLVE, DELAY, TRANSFER)}
AT_ONCE = (CLAIM,)
"""Actions without a form."""
room.redirect("/desk/accept", "/desk")


@room.get("/desk/bulk")
async def show(visit: Visit) -> Response:
    """The form of the action, after a change of language or with a template put in."""
    act, chosen = BULK_ACTS.get(visit.form.value("act")), chosen_of(visit.form)
    if act is None or not chosen:
        return visit.go("/desk", **list_of(visit.form))
    return await form_of(visit, act, chosen)


@room.post("/desk/bulk")
async def submit(visit: Visit) -> Response:
    """Show the form of the action, or carry it out. Raises RefusedError."""
    form = visit.form
    act, chosen = BULK_ACTS.get(form.value("act")), chosen_of(form)
    if act is None or not chosen:
        missing = _("Choose the requests first.") if not chosen else _("Choose what to do with them first.")
        return visit.go("/desk", visit.say(missing), **list_of(form))
    if act not in AT_ONCE and not form.has("sure"):
        return await form_of(visit, act, chosen)
    try:
        results = await act_on_all(visit, {"action": act.name, **act.body(form)}, chosen)
    except RefusedError as refused:
        act.refuse(form, without_prefix(refused), visit.words)
        return await form_of(visit, act, chosen)
    return result_of(visit, act, results)


def without_prefix(refused: RefusedError) -> RefusedError:
    """The refusal with pointers into the action instead of into the whole body."""
    for error in refused.errors:
        error["pointer"] = f"/{error['pointer'].rpartition('/')[2]}"
    return refused


def result_of(visit: Visit, act: OfferedAct, results: Sequence[Mapping[str, Any]]) -> Response:
    """Back to the list if all went well; otherwise the result of each request."""
    failed = [result for result in results if not result["done"]]
    back = list_of(visit.form)
    done = len(results) - len(failed)
    note = visit.words.count("Done for %(n)s request.", "Done for %(n)s requests.", done)
    if not failed:
        return visit.go("/desk", f"{note} {visit.say(act.note)}" if act in (CLAIM, ASSIGN) else note, **back)
    return visit.page(
        "department/bulk-results.html",
        409,
        act=act,
        failed=failed,
        succeeded=[result for result in results if result["done"]],
        note_done=note if done else "",
        typed=act.typed(visit.form) if act.text_field else [],
        back=back,
    )


async def form_of(visit: Visit, act: OfferedAct, chosen: Sequence[ChosenRow]) -> Response:
    """The form of an action for many requests. Raises RefusedError."""
    names, templates, officers = await asyncio.gather(
        names_of(visit), templates_of(visit, act), officers_of(visit, act)
    )
    me = visit.session.signed_in
    own = me.department if me else ""
    act.put_template(visit.form, templates)
    return visit.page(
        "department/bulk.html",
        act=act,
        chosen=chosen,
        back=visit.form.value("back"),
        back_to=list_of(visit.form),
        templates=templates,
        officers=officers,
        departments=sorted((one for one in names.departments.items() if one[0] != own), key=lambda one: one[1]),
        reasons=[(code, visit.say(words)) for code, words in REASONS.items()],
        uploads=False,
    )


async def templates_of(visit: Visit, act: OfferedAct) -> list[Mapping[str, Any]]:
    """The reply templates for the action, with fields that are filled for each request. Raises RefusedError."""
    if act.name not in WITH_TEMPLATES:
        return []
    found = await visit.portal.read("/api/v1/desk/templates")
    return [one for one in found["templates"] if act.name in one["actions"]]


async def officers_of(visit: Visit, act: OfferedAct) -> list[tuple[str, str]]:
    """The colleagues to whom requests can be assigned. Raises RefusedError."""
    if act is not ASSIGN:
        return []
    members = (await visit.portal.read("/api/v1/desk/team"))["members"]
    away = visit.say("away")
    return [
        (one["id"], f"{one['name'] or visit.say('An officer')} · {one['open']}{f' · {away}' if one['away'] else ''}")
        for one in members
    ]


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """A request that was not accepted: because of another officer's `step`, or for the reason in `words`."""

    number: str
    words: str
    step: HistoryLine | None = None


@room.post("/desk/accept")
async def accept(visit: Visit) -> Response:
    """Accept the chosen requests, and list those that could not be accepted. Raises RefusedError."""
    back, chosen = list_of(visit.form), chosen_of(visit.form)
    if not chosen:
        return visit.go("/desk", visit.say("Choose the requests that you want to accept first."), **back)
    results = await act_on_all(visit, {"action": "accept"}, chosen)
    failed = [result for result in results if not result["done"]]
    left = [missed for result in failed if (missed := await not_accepted(visit, result))]
    done = len(results) - len(left)
    note = visit.words.count(
        "%(n)s request is accepted. You work on it now.", "%(n)s requests are accepted. You work on them now.", done
    )
    if not left:
        return visit.go("/desk", note, **back)
    return visit.page("department/accepted.html", 409, left=left, done=done, note_accepted=note, back=back)


async def not_accepted(visit: Visit, result: Mapping[str, Any]) -> NotAccepted | None:
    """Why a request was not accepted; None if it is theirs now."""
    number, words = result["number"], f"{result['title']}. {result['detail']}"
    return await changed(visit, number, words) if result["status"] in (409, 412) else NotAccepted(number, words)


async def changed(visit: Visit, number: str, words: str) -> NotAccepted | None:
    """The request changed since the list was shown. If nobody took a step, it is accepted as it is now."""
    try:
        found = await visit.portal.get(f"{ASSIGNMENTS}/{number}")
        step = [step for step in found.data["history"] if not is_clock_mark(step)][-1]
        if step["action"] == "route":
            await visit.portal.post(f"{ASSIGNMENTS}/{number}/accept", {}, revision=found.etag)
            return None
    except RefusedError as again:
        gone = visit.say("The request is not at your department any more.")
        return NotAccepted(number, gone if again.status == 404 else refusal_text(again))
    if step["action"] == "accept" and step["by"] == visit.account:
        return None
    [line] = history_lines({"history": [as_entry(step)], "state": found.data["state"]}, own=False)
    return NotAccepted(number, words, line)
