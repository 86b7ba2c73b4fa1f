"""Reply templates of the department: everybody reads them, its head writes them."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.department.opened import WITH_TEMPLATES
from gateway.web.department.room import OVERSEERS, oversees, room
from gateway.web.portal import first_with, not_found, or_else, segment
from gateway.web.visit import Visit

TEMPLATES = "/api/v1/desk/templates"
NEW = "new"


@room.get("/desk/replies")
async def show(visit: Visit) -> Response:
    """All reply templates. Raises RefusedError."""
    found = await visit.portal.read(TEMPLATES)
    return visit.page("department/replies.html", templates=found["templates"], oversees=oversees(visit))


@room.get("/desk/replies/{template}", roles=OVERSEERS)
async def show_one(visit: Visit) -> Response:
    """The form of a template. Raises RefusedError, NotFoundError."""
    template = await template_of(visit)
    if template:
        visit.form.prefill(
            {f"{part}.{language}": template[part][language] for part in ("name", "text") for language in ("en", "ur")}
        )
    if not visit.form.submitted:
        for action in template["actions"] if template else ("resolve",):
            visit.form.fields.append(("actions", action))
    return visit.page("department/reply.html", known=template)


@room.post("/desk/replies/{template}", roles=OVERSEERS, again=show_one)
async def save(visit: Visit) -> Response:
    """Save the template. Raises RefusedError."""
    form, chosen = visit.form, segment(visit.args["template"])
    form.require(
        **{
            "name.en": visit.say("Write a name in English."),
            "name.ur": visit.say("Write a name in Urdu."),
            "text.en": visit.say("Write the text in English."),
            "text.ur": visit.say("Write the text in Urdu."),
            "actions": visit.say("Choose where it is offered."),
        }
    )
    body = {
        **{part: {code: form.value(f"{part}.{code}") for code in ("en", "ur")} for part in ("name", "text")},
        "actions": [action for action in form.values("actions") if action in WITH_TEMPLATES],
    }
    await visit.portal.call("PUT", f"{TEMPLATES}/{form.key if chosen == NEW else chosen}", body=body)
    return visit.go("/desk/replies", visit.say("The reply template is saved."))


@room.get("/desk/replies/{template}/remove", roles=OVERSEERS)
async def show_removal(visit: Visit) -> Response:
    """The question whether to remove a template. Raises RefusedError, NotFoundError."""
    return visit.page("department/reply-remove.html", known=await template_of(visit))


@room.post("/desk/replies/{template}/remove", roles=OVERSEERS)
async def remove(visit: Visit) -> Response:
    """Remove a template. Raises RefusedError."""
    removing = visit.portal.call("DELETE", f"{TEMPLATES}/{segment(visit.args['template'])}")
    await or_else(None, removing, not_found)
    return visit.go("/desk/replies", visit.say("The reply template is removed."))


async def template_of(visit: Visit) -> Mapping[str, Any] | None:
    """The template in the address; None for a new one. Raises RefusedError, NotFoundError."""
    chosen = segment(visit.args["template"])
    if chosen == NEW:
        return None
    return first_with((await visit.portal.read(TEMPLATES))["templates"], "id", chosen)
