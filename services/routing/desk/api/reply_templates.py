"""A department's reply templates: written by its head, offered to its officers with the fields filled."""

from typing import Annotated, Any

from fastapi import Request, Response
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from services.routing.api.assignments import Worker, actor_of, department_of, own_assignment
from services.routing.api.worklist import Overseer
from services.routing.desk import schemas
from services.routing.desk.api.saved_views import ChosenId
from services.routing.desk.models.named import FIELDS, TemplateAction, unknown_fields
from services.routing.desk.service.reply_templates import DepartmentTemplates
from shared.clock import utc_now
from shared.jsonbody import Body
from shared.paging import time_text
from shared.routes import Router, use
from shared.spelling import AS_TEXT

router = Router(prefix="/api/v1", tags=["assignments"])
UsesTemplates = Annotated[DepartmentTemplates, use("reply_templates")]
Name = Annotated[str, Field(min_length=1, max_length=80), AS_TEXT]
TemplateText = Annotated[str, Field(min_length=10, max_length=3000), AS_TEXT]


class TemplateName(Body):
    """The name in both languages."""

    en: Name
    ur: Name


class TemplateTexts(Body):
    """The text in both languages, with fields in curly brackets."""

    en: TemplateText
    ur: TemplateText

    @field_validator("en", "ur")
    @classmethod
    def check_fields(cls, text: str) -> str:
        """Only known fields."""
        if unknown_fields(text):
            raise PydanticCustomError("template_field", "refused")
        return text


class TemplateToSave(Body):
    """A reply template."""

    name: TemplateName
    text: TemplateTexts
    actions: Annotated[list[TemplateAction], Field(min_length=1, max_length=4)]


@router.get("/desk/templates")
async def list_templates(principal: Worker, templates: UsesTemplates) -> schemas.ReplyTemplateList:
    """The reply templates of the department."""
    found = await templates.of(department_of(principal))
    return {"templates": [_template(one) for one in found], "fields": list(FIELDS)}


@router.put("/desk/templates/{template_id}")
async def save_template(
    principal: Overseer, templates: UsesTemplates, template_id: ChosenId, body: TemplateToSave
) -> schemas.ReplyTemplate:
    """Add a reply template, or replace the one with this id."""
    template = {"id": template_id, **body.model_dump(), "actions": list(dict.fromkeys(body.actions))}
    template |= {"changed_at": utc_now(), "changed_by": principal.id}
    await templates.put(department_of(principal), template)
    return _template(template)


@router.delete("/desk/templates/{template_id}", status_code=204)
async def remove_template(principal: Overseer, templates: UsesTemplates, template_id: ChosenId) -> Response:
    """Remove a reply template. What was sent with it stays."""
    await templates.remove(department_of(principal), template_id)
    return Response(status_code=204)


@router.get("/assignments/{number}/templates")
async def fill_templates(
    request: Request, number: str, principal: Worker, templates: UsesTemplates
) -> schemas.FilledTemplates:
    """The reply templates of the department with the fields filled for this request."""
    assignment = await own_assignment(request, number, principal)
    filled = await templates.filled(assignment, actor_of(request, principal))
    return {"templates": [_texts(one) for one in filled]}


def _template(template: dict[str, Any]) -> schemas.ReplyTemplate:
    at, by = time_text(template["changed_at"]), template["changed_by"]
    return {**_texts(template), "changed_at": at, "changed_by": by}


def _texts(template: dict[str, Any]) -> schemas.FilledTemplate:
    return {
        "id": template["id"],
        "name": template["name"],
        "text": template["text"],
        "actions": template["actions"],
    }
