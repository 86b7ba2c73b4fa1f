"""The caller's sessions and known devices: listing and ending them."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel

from services.identity.accounts.api.bodies import no_store
from services.identity.sessions.service.devices import Devices
from services.identity.sessions.service.own_sessions import OwnSessions
from shared.auth import Principal, needs
from shared.clock import Moment
from shared.rights import Right
from shared.routes import Router, use

router = Router(tags=["sessions"], dependencies=[Depends(no_store)])
OWN, DEVICES = "/api/v1/me/sessions", "/api/v1/me/devices"


class SessionAnswer(BaseModel):
    """One session. `device` is the family of browser and system only."""

    id: str
    opened_at: Moment
    used_at: Moment | None
    device: str
    current: bool


class SessionsAnswer(BaseModel):
    """The caller's sessions, newest first."""

    sessions: list[SessionAnswer]


class DeviceAnswer(BaseModel):
    """A known device. `name` is the family of browser and system only."""

    id: str
    name: str
    made_at: Moment
    used_at: Moment


class DevicesAnswer(BaseModel):
    """The caller's known devices, last used first."""

    devices: list[DeviceAnswer]


UsesDevices = Annotated[Devices, use("devices")]
UsesSessions = Annotated[OwnSessions, use("session_ends")]
Own = Annotated[Principal, Depends(needs(Right.OWN_ACCOUNT))]


@router.get(OWN)
async def own_sessions(principal: Own, own: UsesSessions) -> SessionsAnswer:
    """The caller's sessions."""
    running = await own.running(principal.id)
    sessions = [SessionAnswer(**asdict(one), current=one.id == principal.session) for one in running]
    return SessionsAnswer(sessions=sessions)


@router.get(DEVICES)
async def own_devices(principal: Own, devices: UsesDevices) -> DevicesAnswer:
    """The caller's known devices, which need no code to log in."""
    return DevicesAnswer(devices=[DeviceAnswer(**asdict(one)) for one in await devices.of_account(principal.id)])


@router.delete(DEVICES + "/{device}", status_code=204)
async def forget_device(device: str, principal: Own, devices: UsesDevices) -> Response:
    """Forget a device: its next login needs a code."""
    await devices.forget(principal.id, device)
    return Response(status_code=204)


@router.delete(OWN, status_code=204)
async def end_others(principal: Own, own: UsesSessions) -> Response:
    """End all the caller's sessions except this one."""
    await own.end_others(principal.id, principal.session)
    return Response(status_code=204)


@router.delete(OWN + "/{session}", status_code=204)
async def end_session(session: str, principal: Own, own: UsesSessions) -> Response:
    """End one session; its tokens are refused everywhere within seconds."""
    await own.end(principal.id, session)
    return Response(status_code=204)
