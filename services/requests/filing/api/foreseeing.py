"""Checks answers before filing."""

from typing import Annotated

from fastapi import Request, Response
from starlette.responses import JSONResponse

from services.requests.catalogue.schemas import Checked
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.filing.service.foreseeing import Written, foresee
from shared.auth import Public
from shared.errors import NotFoundError, language_of
from shared.openapi import answering
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["catalogue"])


@router.post("/catalogue/{code}/check", dependencies=[Public], responses=answering(Checked))
async def check(
    request: Request, code: str, body: Written, catalogue: Annotated[Catalogue, use("catalogue")]
) -> Response:
    """Check answers without filing: missing and wrong fields, or else the results of the rules.

    `checks` are the results of the rules and `department` is where the request would go. Rules about the citizen count
    as met.
    """
    found = await catalogue.find(code[:60])
    if found is None or catalogue.is_retired(code[:60]):
        raise NotFoundError
    return JSONResponse(foresee(found[0], body, language_of(request.headers)), headers={"Cache-Control": "no-store"})
