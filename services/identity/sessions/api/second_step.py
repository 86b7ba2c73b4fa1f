"""The second step of a login of staff."""

from fastapi import Depends

from services.identity.accounts.api.bodies import no_store
from services.identity.accounts.api.caller import FromCaller
from services.identity.sessions.api.sessions import TokenAnswer, UsesLogins
from services.identity.staff.api.second_factor import FactorBody
from services.identity.staff.api.staff import UsesStaff
from shared.auth import Public
from shared.routes import Router

router = Router(prefix="/api/v1", dependencies=[Depends(no_store)])


@router.post("/sessions/{challenge}/totp", tags=["sessions"], dependencies=[Public])
async def finish_login(
    challenge: str, body: FactorBody, logins: UsesLogins, staff: UsesStaff, caller: FromCaller
) -> TokenAnswer:
    """Finish the login of a member of staff with the app's code or a recovery code. Each code works once."""
    account = await staff.logins.finish(challenge, code=body.digits, recovery_code=body.recovery_code)
    return TokenAnswer.of(await logins.open(account, caller.program))
