"""Logging in, refreshing, logging out, and one's own data."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from services.identity.api.bodies import LoginBody, RefreshBody, described, no_store, problems, reads
from services.identity.service.accounts import Accounts
from services.identity.service.sessions import CHALLENGE, Granted, Logins
from services.identity.service.staff_login import TotpNeeded
from shared.auth import Principal, Public, needs
from shared.errors import UnauthenticatedError
from shared.rights import Right, Role

router = APIRouter(prefix="/api/v1", tags=["sessions"], dependencies=[Depends(no_store)])


class AccountAnswer(BaseModel):
    """Who has logged in."""

    id: str
    role: Role
    department: str | None


class TokenAnswer(BaseModel):
    """Tokens; lifetimes in seconds. A limited session may do nothing but get a second factor or an own password."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    account: AccountAnswer
    limited: bool = False

    @classmethod
    def of(cls, granted: Granted) -> "TokenAnswer":
        """The answer for what was granted."""
        return cls(
            access_token=granted.access_token,
            expires_in=granted.expires_in,
            refresh_token=granted.refresh_token,
            refresh_expires_in=granted.refresh_expires_in,
            account=AccountAnswer(id=granted.account, role=granted.role, department=granted.department),
            limited=granted.limited,
        )


class NextStepAnswer(BaseModel):
    """The password was right, and more is needed: an answer to the challenge within `expires_in` seconds."""

    challenge: str
    next: Literal["totp"]
    expires_in: int


class OwnDataAnswer(BaseModel):
    """What an account may see of itself; which fields there are depends on the role."""

    id: str
    role: Role
    department: str | None = None
    login: str | None = None
    name: str | None = None
    counter: str | None = None
    totp: bool | None = None
    start_password: bool | None = None
    cnic: str | None = None
    mobile: str | None = None
    email: str | None = None
    address: str | None = None
    language: Literal["en", "ur"] | None = None
    verified: bool | None = None
    identity: Literal["unverified", "confirmed", "mismatch"] | None = None
    registered_at: datetime | None = None


def logins_of(request: Request) -> Logins:
    """The use case of this process."""
    found: Logins = request.app.state.logins
    return found


def accounts_of(request: Request) -> Accounts:
    """The use case of this process."""
    found: Accounts = request.app.state.accounts
    return found


UsesLogins = Annotated[Logins, Depends(logins_of)]
OwnAccount = Annotated[Principal, Depends(needs(Right.OWN_ACCOUNT))]


@router.post(
    "/sessions",
    dependencies=[Public],
    responses=problems(400, 401, 413, 415, 422, 429, 503) | {202: {"model": NextStepAnswer}},
    openapi_extra=described(LoginBody, {"login": "35202-1234567-2", "password": "monsoon over the blue hills"}),
)
async def log_in(
    body: Annotated[LoginBody, Depends(reads(LoginBody))], logins: UsesLogins, response: Response
) -> TokenAnswer | NextStepAnswer:
    """Log in with CNIC or mobile (staff: their login) and password. 202 when a second step is needed."""
    granted = await logins.login(body.login, body.password)
    if isinstance(granted, TotpNeeded):
        response.status_code = 202
        return NextStepAnswer(challenge=granted.challenge, next="totp", expires_in=granted.expires_in)
    return TokenAnswer.of(granted)


@router.post(
    "/sessions/refresh",
    dependencies=[Public],
    responses=problems(400, 401, 413, 415, 422),
    openapi_extra=described(RefreshBody, {"refresh_token": "the refresh token of the last answer"}),
)
async def refresh(body: Annotated[RefreshBody, Depends(reads(RefreshBody))], logins: UsesLogins) -> TokenAnswer:
    """New tokens for a refresh token, which is spent by that; a spent one that comes again ends the session."""
    return TokenAnswer.of(await logins.refresh(body.refresh_token))


@router.delete("/sessions/current", status_code=204, responses=problems(401))
async def log_out(principal: OwnAccount, logins: UsesLogins) -> Response:
    """End this session."""
    await logins.log_out(principal.session)
    return Response(status_code=204)


@router.get("/me", responses=problems(401, 404), response_model_exclude_none=True)
async def me(
    principal: OwnAccount, logins: UsesLogins, accounts: Annotated[Accounts, Depends(accounts_of)]
) -> OwnDataAnswer:
    """One's own account; of the CNIC the last three digits."""
    if principal.role is not Role.DEPARTMENT and not await logins.is_alive(principal.session):
        raise UnauthenticatedError(headers=CHALLENGE)
    return OwnDataAnswer(**await accounts.own_data(principal))
