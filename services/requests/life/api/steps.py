"""Each step that a citizen can take with a request after filing it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.requests.life.service import citizen
from services.requests.life.service.citizen import CitizenActs
from services.requests.request.api.parts import Number, Owner, shown
from services.requests.request.schemas import OwnRequest
from shared.errors import language_of
from shared.jsonbody import body_of, described

router = APIRouter(tags=["requests"])


def acts_of(request: Request) -> CitizenActs:
    """The citizen's use cases of this process."""
    acts: CitizenActs = request.app.state.acts
    return acts


Acts = Annotated[CitizenActs, Depends(acts_of)]


@router.patch("/requests/{number}", openapi_extra=described(citizen.Correction, {"answers": {}}))
async def correct(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Correction, Depends(body_of(citizen.Correction))],
) -> OwnRequest:
    """Mend the answers after verification found something; the rules run again."""
    language = language_of(request.headers)
    return shown(request, await acts.correct(principal.id, number, body, language))


@router.post("/requests/{number}/answer", openapi_extra=described(citizen.Answer, {"answer": "Yes."}))
async def answer(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Answer, Depends(body_of(citizen.Answer))],
) -> OwnRequest:
    """Answer what the department asked. Of a merged request: tell more, which is read with the other one."""
    return shown(request, await acts.answer(principal.id, number, body))


@router.post("/requests/{number}/confirm", openapi_extra=described(citizen.Confirmation, {"rating": 4}))
async def confirm(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Confirmation, Depends(body_of(citizen.Confirmation))],
) -> OwnRequest:
    """Agree that it is done."""
    return shown(request, await acts.confirm(principal.id, number, body))


@router.post("/requests/{number}/dispute", openapi_extra=described(citizen.Dispute, {"reason": "not_done"}))
async def dispute(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Dispute, Depends(body_of(citizen.Dispute))],
) -> OwnRequest:
    """Say that it was closed badly; it opens again at the department's head."""
    return shown(request, await acts.dispute(principal.id, number, body))


@router.post("/requests/{number}/withdraw", openapi_extra=described(citizen.Withdrawal, {}))
async def withdraw(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Withdrawal, Depends(body_of(citizen.Withdrawal))],
) -> OwnRequest:
    """Take the request back."""
    return shown(request, await acts.withdraw(principal.id, number, body))


@router.post("/requests/{number}/rating", openapi_extra=described(citizen.Rating, {"rating": 4, "words": "Quick."}))
async def rate(
    request: Request,
    number: Number,
    principal: Owner,
    acts: Acts,
    body: Annotated[citizen.Rating, Depends(body_of(citizen.Rating))],
) -> OwnRequest:
    """Rate a request that is over: once, within 30 days."""
    return shown(request, await acts.rate(principal.id, number, body))
