"""Logging in, refreshing, logging out, and the caller's own account."""

from dataclasses import asdict, replace
from typing import Annotated, Literal

from fastapi import Depends, Response
from pydantic import BaseModel

from services.identity.accounts.api.bodies import LoginBody, LoginCodeBody, RefreshBody, ResendBody, no_store
from services.identity.accounts.api.caller import FromCaller, keep_device
from services.identity.accounts.models.challenge import CODE_LIFE
from services.identity.accounts.models.device import CHALLENGE
from services.identity.accounts.service.accounts import Accounts
from services.identity.codes.api.codes import BY_SMS, ChallengeAnswer, CodeStateAnswer, UsesCodes
from services.identity.codes.service.codes import Pending
from services.identity.sessions.service.sessions import GrantedTokens, Logins
from services.identity.staff.api.second_factor import FactorBody
from services.identity.staff.api.staff import UsesStaff
from services.identity.staff.service.login import TotpNeeded
from shared.auth import Principal, Public, needs
from shared.clock import Moment
from shared.errors import UnauthenticatedError
from shared.events import Channel
from shared.openapi import problems
from shared.rights import Right, Role
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["sessions"], dependencies=[Depends(no_store)])


class AccountAnswer(BaseModel):
    """The account that logged in."""

    id: str
    role: Role
    department: str | None


class TokenAnswer(BaseModel):
    """Tokens; lifetimes in seconds. A limited session can only enrol a second factor or change the password."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    refresh_token: str
    refresh_expires_in: int
    account: AccountAnswer
    limited: bool = False
    device: str | None = None

    @classmethod
    def of(cls, granted: GrantedTokens) -> "TokenAnswer":
        """The answer for granted tokens."""
        account = AccountAnswer(id=granted.account, role=granted.role, department=granted.department)
        return cls(**asdict(granted) | {"account": account})


class NextStepAnswer(BaseModel):
    """The password was correct; now answer the challenge within `expires_in` seconds.

    `totp` asks for the code of an authenticator app, `otp` for a code that was sent.
    """

    challenge: str
    next: Literal["totp", "otp"]
    expires_in: int
    sent_by: Channel | None = None
    resend_after: int | None = None
    channels: list[Channel] | None = None
    sms_after: int | None = None

    @classmethod
    def of(cls, needed: TotpNeeded | Pending) -> "NextStepAnswer":
        """The answer for the next step."""
        if isinstance(needed, TotpNeeded):
            return cls(challenge=needed.challenge, next="totp", expires_in=needed.expires_in)
        sent = ChallengeAnswer.model_validate(needed, from_attributes=True).model_dump()
        return cls(challenge=needed.id, expires_in=int(CODE_LIFE.total_seconds()), **sent)


class OwnDataAnswer(BaseModel):
    """The caller's own account; the fields depend on the role.

    For staff `totp` says whether a second factor is in use, `recovery_codes_left` how many recovery codes are unused,
    and `start_password` whether the password must be changed.
    """

    id: str
    role: Role
    department: str | None = None
    login: str | None = None
    name: str | None = None
    counter: str | None = None
    totp: bool | None = None
    recovery_codes_left: int | None = None
    start_password: bool | None = None
    cnic: str | None = None
    mobile: str | None = None
    email: str | None = None
    address: str | None = None
    language: Literal["en", "ur"] | None = None
    verified: bool | None = None
    mobile_proven: bool | None = None
    mobile_silent: bool | None = None
    """The mobile was not proven for a year: no reset codes go there until it is proven at `/api/v1/me/mobile`."""
    identity: Literal["unverified", "confirmed", "mismatch"] | None = None
    registered_at: Moment | None = None


UsesLogins = Annotated[Logins, use("logins")]
OwnAccount = Annotated[Principal, Depends(needs(Right.OWN_ACCOUNT))]


@router.post("/sessions", dependencies=[Public], responses=problems(401) | {202: {"model": NextStepAnswer}})
async def log_in(
    body: LoginBody, logins: UsesLogins, caller: FromCaller, response: Response
) -> TokenAnswer | NextStepAnswer:
    """Log in with CNIC or mobile (staff: their login) and password. 202 if a second step is needed.

    A known device sends its token, in `device` or in the cookie, and needs no code.
    """
    step = await logins.login(body.login, body.password, replace(caller, device=body.device or caller.device))
    if isinstance(step, GrantedTokens):
        return TokenAnswer.of(step)
    response.status_code = 202
    return NextStepAnswer.of(step)


@router.get("/sessions/{challenge}", dependencies=[Public], response_model=CodeStateAnswer)
async def login_state(challenge: str, codes: UsesCodes) -> Pending:
    """The codes for a login on a new device: when each was sent and arrived."""
    return await codes.state("login", challenge)


@router.post("/sessions/{challenge}/otp", dependencies=[Public], responses=problems(401))
async def answer_code(
    challenge: str, body: LoginCodeBody, logins: UsesLogins, caller: FromCaller, response: Response
) -> TokenAnswer:
    """Answer with the code for a new device. The token `device` in the answer, and the cookie, make it known."""
    granted = await logins.answer_code(challenge, body.code, caller, remember=body.remember)
    keep_device(response, granted.device)
    return TokenAnswer.of(granted)


@router.post("/sessions/{challenge}/otp/resend", status_code=202, dependencies=[Public])
async def resend_code(
    challenge: str, codes: UsesCodes, caller: FromCaller, body: ResendBody = BY_SMS
) -> NextStepAnswer:
    """Send a new code; the older code becomes invalid."""
    return NextStepAnswer.of(await codes.resend("login", challenge, caller.address, body.channel))


@router.post("/sessions/{challenge}/totp", dependencies=[Public])
async def finish_login(
    challenge: str, body: FactorBody, logins: UsesLogins, staff: UsesStaff, caller: FromCaller
) -> TokenAnswer:
    """Finish the login of a member of staff with the app's code or a recovery code. Each code works once."""
    account = await staff.logins.finish(challenge, code=body.digits, recovery_code=body.recovery_code)
    return TokenAnswer.of(await logins.open(account, caller.program))


@router.post("/sessions/refresh", dependencies=[Public], responses=problems(401))
async def refresh(body: RefreshBody, logins: UsesLogins, caller: FromCaller) -> TokenAnswer:
    """New tokens for a refresh token, which is then spent; using a spent one again ends the session.

    Within 30 seconds the same program (`User-Agent`) gets the same refresh token again, if that one was not used yet:
    for two tabs that refresh at once, and for a lost answer.
    """
    return TokenAnswer.of(await logins.refresh(body.refresh_token, caller))


@router.delete("/sessions/current", status_code=204)
async def log_out(principal: OwnAccount, logins: UsesLogins) -> Response:
    """Log out: end this session."""
    await logins.log_out(principal.session)
    return Response(status_code=204)


@router.get("/me", responses=problems(404), response_model_exclude_none=True)
async def me(
    principal: OwnAccount, logins: UsesLogins, accounts: Annotated[Accounts, use("accounts")]
) -> OwnDataAnswer:
    """The caller's account; of the CNIC only the last three digits."""
    if principal.role is not Role.DEPARTMENT and not await logins.is_alive(principal.session):
        raise UnauthenticatedError(headers=CHALLENGE)
    return OwnDataAnswer(**await accounts.own_data(principal))
