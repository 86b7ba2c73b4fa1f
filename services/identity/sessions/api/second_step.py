"""The second step of a login of staff."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.identity.accounts.api.bodies import no_store, problems, reads
from services.identity.accounts.api.caller import FromCaller
from services.identity.sessions.api.sessions import TokenAnswer, UsesLogins
from services.identity.staff.api.second_factor import CODE, FactorBody
from services.identity.staff.api.staff import UsesStaff
from shared.auth import Public
from shared.jsonbody import described

router = APIRouter(prefix="/api/v1", dependencies=[Depends(no_store)])


@router.post(
    "/sessions/{challenge}/totp",
    tags=["sessions"],
    dependencies=[Public],
    responses=problems(400, 413, 415, 422, 429, 503),
    openapi_extra=described(FactorBody, CODE),
)
async def finish_login(
    challenge: str,
    body: Annotated[FactorBody, Depends(reads(FactorBody))],
    logins: UsesLogins,
    staff: UsesStaff,
    caller: FromCaller,
) -> TokenAnswer:
    """Finish the login of a member of staff: with the code of the app, or a recovery code. Each code is good once."""
    account = await staff.logins.finish(challenge, code=body.digits, recovery_code=body.recovery_code)
    return TokenAnswer.of(await logins.open(account, caller.program))
