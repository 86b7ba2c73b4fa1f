"""Lists and ends an account's sessions, also after a change of the password."""

import structlog

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.session import Session
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.accounts.store.sessions import SessionStore
from services.identity.sessions.store.devices import DeviceStore
from shared.clock import Clock
from shared.errors import NotFoundError

BATCH = 50

log = structlog.get_logger(__name__)


class OwnSessions:
    """Lists and ends an account's sessions."""

    def __init__(self, citizens: CitizenStore, sessions: SessionStore, devices: DeviceStore, clock: Clock) -> None:
        self._citizens = citizens
        self._sessions = sessions
        self._devices = devices
        self._clock = clock

    async def settle(self, citizen: Citizen) -> None:
        """End the sessions named in `ending`; after a crash `sweep` does it."""
        if citizen.ending is None:
            return
        await self._sessions.end_all(citizen.id, self._clock(), citizen.ending["keep"])
        if citizen.ending["how"] != "changed":
            await self._devices.forget_all(citizen.id)
        known = await self._citizens.get(citizen.id)
        if known is not None and known.ending == citizen.ending:
            known.ending = None
            await self._citizens.save_many([known])

    async def sweep(self) -> int:
        """Settle accounts after a crash; returns how many."""
        unsettled = await self._citizens.ending(BATCH)
        for citizen in unsettled:
            await self.settle(citizen)
        return len(unsettled)

    async def running(self, account: str) -> list[Session]:
        """The sessions of an account, newest first."""
        return await self._sessions.of_account(account, self._clock())

    async def end(self, account: str, session_id: str) -> None:
        """End one session of the account. Raises NotFoundError."""
        if not await self._sessions.end_own(account, session_id, self._clock()):
            raise NotFoundError
        log.info("session.ended", session=session_id)

    async def end_others(self, account: str, keep: str) -> None:
        """End every session of the account except one."""
        await self._sessions.end_all(account, self._clock(), keep)
