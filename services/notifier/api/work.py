"""The address and frequency of a member's messages about work."""

from typing import Annotated, Literal, cast

from fastapi import Depends, Request
from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from services.notifier import schemas
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.officer import KIND_RULES, Frequency, Kind, StaffContact
from services.notifier.officers.addresses import StaffAddresses
from shared.addresses import EMAIL_LENGTH, read_code, read_email, read_mobile
from shared.auth import Principal, needs
from shared.errors import InvalidError, field_error, language_of
from shared.events import Channel
from shared.jsonbody import Body
from shared.rights import Right
from shared.routes import Router, use

PREFERENCES = "/api/v1/notifications/work-preferences"
ADDRESSES = "/api/v1/notifications/work-addresses"
router = Router(tags=["work"])
Own = Annotated[Principal, Depends(needs(Right.WORK_MESSAGES))]
UsesAddresses = Annotated[StaffAddresses, use("staff_addresses")]
HowOften = Literal["at_once", "hourly", "daily", "off"]


class WorkPreferencesBody(Body):
    """The frequency of each kind, within working hours; what is left out gets its default."""

    new_work: HowOften | None = None
    disputes: HowOften | None = Field(None, description="for heads: also appeals that were granted")
    answers: HowOften | None = None
    due_soon: HowOften | None = Field(None, description="three quarters of the time are used")
    late: HowOften | None = None
    escalated: HowOften | None = Field(None, description="for heads: to the head of the organisation")
    assigned: HowOften | None = Field(None, description="a request was assigned to the caller")
    mentioned: HowOften | None = Field(None, description="an internal note mentions the caller")
    system: HowOften | None = Field(None, description="messages to the department's software stopped; for its head")
    systems: HowOften | None = Field(None, description="the same of any department; for administrators")
    parts: HowOften | None = Field(None, description="parts of the work: asked for by, or done for, the department")
    language: Literal["en", "ur"] = "en"

    def chosen(self) -> dict[Kind, Frequency]:
        """The choices."""
        return {kind: Frequency(often) for kind in Kind if (often := getattr(self, kind)) is not None}


class WorkAddressBody(Body):
    """An email address or a mobile number."""

    channel: Channel
    address: Annotated[str, StringConstraints(max_length=EMAIL_LENGTH), Field(repr=False)]


class WorkProofBody(Body):
    """The code that was sent to the address."""

    code: Annotated[str, StringConstraints(max_length=20), Field(repr=False)]

    @field_validator("code")
    @classmethod
    def read(cls, value: str) -> str:
        """The six digits."""
        if (code := read_code(value)) is None:
            raise PydanticCustomError("format", "refused")
        return code


@router.get(PREFERENCES, operation_id="read_work_preferences")
async def read(principal: Own, addresses: UsesAddresses) -> schemas.WorkMessages:
    """Read the caller's address and frequencies for new work, disputes and answers."""
    return answer(addresses, await addresses.own(principal))


@router.put(PREFERENCES, operation_id="choose_work_preferences")
async def choose(
    request: Request, principal: Own, addresses: UsesAddresses, body: WorkPreferencesBody
) -> schemas.WorkMessages:
    """Choose how often the caller gets each kind; what is left out gets its default."""
    chosen = body.chosen()
    own = await addresses.own(principal)
    wrong = [kind for kind in chosen if own.role not in KIND_RULES[kind].roles]
    if wrong:
        language = language_of(request.headers)
        raise InvalidError(errors=[field_error(f"/{kind}", "not_your_role", language) for kind in wrong])
    return answer(addresses, await addresses.choose(principal, chosen, body.language))


@router.post(ADDRESSES, operation_id="give_work_address", status_code=202)
async def give(
    request: Request, principal: Own, addresses: UsesAddresses, body: WorkAddressBody
) -> schemas.WorkMessages:
    """Add an address: it counts once the code that is sent there was entered (within ten minutes)."""
    address = read_email(body.address) if body.channel == EMAIL else read_mobile(body.address)
    if address is None:
        code = "email" if body.channel == EMAIL else "mobile"
        raise InvalidError(errors=[field_error("/address", code, language_of(request.headers))])
    return answer(addresses, await addresses.ask(principal, body.channel, address))


@router.post(f"{ADDRESSES}/proof", operation_id="prove_work_address")
async def prove(
    request: Request, principal: Own, addresses: UsesAddresses, body: WorkProofBody
) -> schemas.WorkMessages:
    """Prove the waiting address with its code; five tries."""
    return answer(addresses, await addresses.prove(principal, body.code))


@router.delete(f"{ADDRESSES}/{{channel}}", operation_id="remove_work_address")
async def remove(principal: Own, addresses: UsesAddresses, channel: Channel) -> schemas.WorkMessages:
    """Remove the address of a channel."""
    return answer(addresses, await addresses.forget(principal, channel))


def answer(addresses: StaffAddresses, member: StaffContact) -> schemas.WorkMessages:
    """The member's own data, in the clear."""
    often = {kind.value: member.frequency_of(kind).value for kind in Kind if member.role in KIND_RULES[kind].roles}
    return {
        "email": addresses.address(member, EMAIL),
        "mobile": addresses.address(member, SMS),
        "failing": cast(list[Channel], sorted(member.failing)),
        "by": cast(Channel | None, member.channel),
        "waiting": addresses.waiting(member),
        "language": cast(Literal["en", "ur"], member.language),
        "often": cast(schemas.WorkKinds, often),
    }
