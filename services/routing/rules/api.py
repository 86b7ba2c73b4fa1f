"""Administration of routing rules: the draft, its trial, publication, versions, and areas."""

from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import JSONResponse

from services.routing.models.directory import Code
from services.routing.rules import schemas
from services.routing.rules.models.area import AreaBody
from services.routing.rules.models.rows import read_rows
from services.routing.rules.models.rule import RuleSetBody
from services.routing.rules.models.versions import RuleSet
from services.routing.rules.service.publishing import RulePublishing
from services.routing.rules.service.trying import RuleTrial, RuleTrials
from services.routing.rules.service.views import RuleViews, area_line, area_whole, trial_view
from shared.auth import Principal, needs
from shared.clock import utc_now
from shared.errors import language_of
from shared.jsonbody import Body
from shared.openapi import ETAG, answering
from shared.request_headers import Revision
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1/admin/routing", tags=["administration"])
Manager = Annotated[Principal, Depends(needs(Right.MANAGE_ROUTING))]
UsesRules = Annotated[RulePublishing, use("rule_publishing")]
UsesTrials = Annotated[RuleTrials, use("rule_trials")]
UsesViews = Annotated[RuleViews, use("rule_views")]
AreaCode = Annotated[Code, Path()]
VersionNumber = Annotated[int, Path(ge=1, le=1_000_000)]
WHOLE = answering(schemas.RuleSetWhole, 200, ETAG)
MAX_TRIED = 5000
MAX_ROWS = 200


class RuleTrialBody(Body):
    """What to try the draft on: the requests that were routed last, or rows of a table."""

    last: Annotated[int, Field(ge=1, le=MAX_TRIED)] | None = None
    rows: Annotated[list[dict[str, Annotated[str, Field(max_length=300)]]], Field(max_length=MAX_ROWS)] | None = None
    first_row: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    """The number of the first row, where a long table is sent in parts."""

    @model_validator(mode="after")
    def _one_of_both(self) -> "RuleTrialBody":
        if (self.last is None) == (self.rows is None):
            raise PydanticCustomError("required", "refused")
        return self


@router.get("", responses=WHOLE)
async def rule_set(request: Request, admin: UsesRules, views: UsesViews, _: Manager) -> Response:
    """The rule set in force, with the rules that are skipped, and its draft."""
    return await to_response(request, await admin.get(), views)


@router.put("/draft", responses=WHOLE)
async def write_rule_draft(
    request: Request, by: Manager, admin: UsesRules, views: UsesViews, rules: RuleSetBody, revision: Revision
) -> Response:
    """Start or replace the draft. It must be tried before it can be published. Needs `If-Match`."""
    return await to_response(request, await admin.write_draft(rules, by.id, revision), views)


@router.delete("/draft", status_code=204)
async def discard_rule_draft(admin: UsesRules, _: Manager, revision: Revision) -> Response:
    """Throw the draft away. Needs `If-Match`."""
    await admin.discard_draft(revision)
    return Response(status_code=204)


@router.post("/try", response_model=None, responses=answering(schemas.RuleTried))
async def try_rules(admin: UsesRules, trials: UsesTrials, _: Manager, trial: RuleTrialBody) -> schemas.RuleTried:
    """Try the draft (or the rules in force): every request that would go elsewhere. Changes and sends nothing.

    `last` takes the requests that were routed last; `rows` invented ones, as rows of a table: `service` and, where
    needed, `district`, `latitude`, `longitude`, `channel`, `at`; every other column is an answer.
    """
    stored = await admin.get()
    result = await _try(trials, stored.rules_to_try, trial)
    if stored.draft:
        await admin.note_tried(stored.draft["text"])
    return trial_view(result)


async def _try(trials: RuleTrials, rules: list[Any], trial: RuleTrialBody) -> RuleTrial:
    if trial.rows is not None:
        return await trials.rows(rules, read_rows(trial.rows), trial.first_row, utc_now())
    return await trials.latest(rules, trial.last or MAX_TRIED)


@router.post("/publish", responses=WHOLE)
async def publish_rules(
    request: Request, principal: Manager, admin: UsesRules, views: UsesViews, revision: Revision
) -> Response:
    """Put the draft that was tried in force, for requests that are routed from now on. Needs `If-Match`."""
    return await to_response(request, await admin.publish(principal.id, revision), views)


@router.get("/versions")
async def list_rule_versions(request: Request, admin: UsesRules, views: UsesViews, _: Manager) -> schemas.RuleVersions:
    """Published versions, newest first: when, by whom, and how many rules."""
    return {"versions": await views.version_lines(await admin.versions(), language_of(request.headers))}


@router.get("/versions/{number}", response_model=None, responses=answering(schemas.RuleVersionWhole))
async def one_rule_version(
    request: Request, number: VersionNumber, admin: UsesRules, views: UsesViews, _: Manager
) -> schemas.RuleVersionWhole:
    """A published version in full. To go back to it, send its rules as the draft, try and publish it."""
    found = await admin.version(number)
    [line] = await views.version_lines([found], language_of(request.headers))
    return {**line, "rules": found.rules}


@router.get("/areas")
async def list_areas(admin: UsesRules, _: Manager) -> schemas.AreaLines:
    """All areas, without their shapes."""
    used = admin.used_areas()
    return {"areas": [area_line(area, used) for area in await admin.all_areas()]}


@router.get("/areas/{code}", response_model=None, responses=answering(schemas.AreaWhole))
async def one_area(code: AreaCode, admin: UsesRules, _: Manager) -> schemas.AreaWhole:
    """One area with its shape as GeoJSON."""
    return area_whole(await admin.area(code), admin.used_areas())


@router.put("/areas/{code}")
async def put_area(code: AreaCode, principal: Manager, admin: UsesRules, area: AreaBody) -> schemas.AreaLine:
    """Add or replace an area: a GeoJSON polygon, or several. It counts for requests that are routed from now on."""
    return area_line(await admin.put_area(code, area, principal.id), admin.used_areas())


@router.delete("/areas/{code}", status_code=204)
async def remove_area(code: AreaCode, admin: UsesRules, _: Manager) -> Response:
    """Remove an area that no rule in force names."""
    await admin.remove_area(code)
    return Response(status_code=204)


async def to_response(request: Request, stored: RuleSet, views: RuleViews) -> Response:
    """The rule set with its ETag."""
    body = await views.whole(stored, language_of(request.headers))
    return JSONResponse(body, headers={"ETag": f'"{stored.rev}"', "Cache-Control": "no-store"})
