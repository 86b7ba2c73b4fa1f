"""One action on many requests: its form, and the result of each request."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.web.department.acts import ASK, DELAY, PROGRESS, RESOLVE, TRANSFER, OfferedAct
from gateway.web.department.chosen import ChosenRow, act_on_all, chosen_of, list_of
from gateway.web.department.opened import WITH_TEMPLATES
from gateway.web.department.room import room
from gateway.web.naming import names_of
from gateway.web.portal import RefusedError
from gateway.web.states import REASONS
from gateway.web.visit import Visit
from gateway.web.words import _

CLAIM = OfferedAct("claim", _("You are responsible for them now."))
ASSIGN = OfferedAct("assign", _("They are assigned."), fields={"officer": "to"})
BULK_ACTS = {act.name: act for act in (CLAIM, ASSIGN, PROGRESS, ASK, RESOLVE, DELAY, TRANSFER)}
AT_ONCE = (CLAIM,)
"""Actions without a form."""


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
