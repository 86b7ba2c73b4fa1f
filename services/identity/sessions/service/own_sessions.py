"""An account's sessions: listing them, and ending them, also after a new password."""

import structlog

from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.session import Session
from services.identity.accounts.ports import Citizens, DeviceRecords, Sessions
from shared.clock import Clock
from shared.errors import NotFoundError

AT_ONCE = 50

log = structlog.get_logger(__name__)


class OwnSessions:
    """Lists and ends an account's sessions, and finishes what a new password began."""

    def __init__(self, citizens: Citizens, sessions: Sessions, devices: DeviceRecords, clock: Clock) -> None:
        self._citizens = citizens
        self._sessions = sessions
        self._devices = devices
        self._clock = clock

    async def settle(self, citizen: Citizen) -> None:
        """End what the account's change left to end; what a crash leaves undone, `sweep` does."""
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
        """Settle what was left undone; how many accounts."""
        left = await self._citizens.ending(AT_ONCE)
        for citizen in left:
            await self.settle(citizen)
        return len(left)

    async def running(self, account: str) -> list[Session]:
        """The sessions of an account, newest first."""
        return await self._sessions.of_account(account, self._clock())

    async def end(self, account: str, session_id: str) -> None:
        """End one session of the account. Raises NotFoundError."""
        if not await self._sessions.end_own(account, session_id, self._clock()):
            raise NotFoundError
        log.info("session.ended", session=session_id)

    async def end_others(self, account: str, keep: str) -> None:
        """End every session of the account but this one."""
        await self._sessions.end_all(account, self._clock(), keep)
