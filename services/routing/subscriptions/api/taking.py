"""The department's software takes its messages over HTTP."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query

from services.routing.api.assignments import department_of
from services.routing.api.departments import no_store
from services.routing.subscriptions import schemas
from services.routing.subscriptions.pulling import Pulling
from shared.auth import Principal, needs
from shared.rights import Right
from shared.routes import Router, use

Software = Annotated[Principal, Depends(needs(Right.TAKE_MESSAGES))]
UsesPulling = Annotated[Pulling, use("pulling")]
TEN_FOR_A_MINUTE = schemas.LeaseRequest()

router = Router(prefix="/api/v1/department", tags=["department messages"], dependencies=[Depends(no_store)])


@router.get("/messages")
async def messages(
    principal: Software,
    pull: UsesPulling,
    after: Annotated[int, Query(ge=0, le=schemas.MAX_NUMBER, description="the last number that you have")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    test: Annotated[bool, Query(description="the invented messages instead of the real ones")] = False,
) -> schemas.FeedPage:
    """The department's messages after a number, in order, of the last 30 days. Reading changes nothing."""
    return await pull.messages(department_of(principal), test=test, after=after, limit=limit)


@router.post("/subscriptions/{subscription}/lease")
async def lease(
    subscription: str, principal: Software, pull: UsesPulling, asked: schemas.LeaseRequest = TEN_FOR_A_MINUTE
) -> schemas.LeasedMessages:
    """Take the next messages: nobody else gets them until the lease ends. Without an acknowledgement they come again.

    Returned messages whose pause is over come first, then new ones, in order. After ten tries a message is given up.
    """
    length = timedelta(seconds=asked.seconds)
    return await pull.lease(department_of(principal), subscription, asked.limit, length)


@router.post("/subscriptions/{subscription}/ack")
async def acknowledge(
    subscription: str, principal: Software, pull: UsesPulling, done: schemas.Acknowledgement
) -> schemas.LeaseSettled:
    """Say that messages are stored. Repeating it is harmless."""
    return await pull.ack(department_of(principal), subscription, done.lease, done.numbers)


@router.post("/subscriptions/{subscription}/nack")
async def give_back(
    subscription: str, principal: Software, pull: UsesPulling, back: schemas.Return
) -> schemas.LeaseSettled:
    """Return messages, to be handed out again after a pause."""
    pause = timedelta(seconds=back.pause_seconds)
    return await pull.nack(department_of(principal), subscription, back.lease, back.numbers, pause)


@router.post("/subscriptions/{subscription}/extend")
async def extend(
    subscription: str, principal: Software, pull: UsesPulling, longer: schemas.Extension
) -> schemas.LeaseExtended:
    """Hold a lease for longer, from now on; without messages in the answer it has ended."""
    length = timedelta(seconds=longer.seconds)
    return await pull.extend(department_of(principal), subscription, longer.lease, length)
