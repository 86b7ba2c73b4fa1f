"""Known devices: a login from one needs no code besides the password."""

import secrets

import structlog

from services.identity.accounts.hashing import hash_of_token
from services.identity.accounts.models.device import Device
from services.identity.accounts.ports import DeviceRecords
from shared.clock import Clock
from shared.errors import NotFoundError

log = structlog.get_logger(__name__)


class Devices:
    """The use cases. A token has 256 random bits, so its plain hash is enough."""

    def __init__(self, devices: DeviceRecords, clock: Clock) -> None:
        self._devices = devices
        self._clock = clock

    async def remember(self, account: str, name: str) -> str:
        """Make a device known; its token, given this once."""
        token, now = secrets.token_urlsafe(32), self._clock()
        await self._devices.add(Device(secrets.token_hex(16), account, hash_of_token(token), name, now, now))
        return token

    async def known(self, token: str | None) -> Device | None:
        """The device that a token is of."""
        return None if token is None else await self._devices.use(hash_of_token(token), self._clock())

    async def of_account(self, account: str) -> list[Device]:
        """The known devices of an account."""
        return await self._devices.of_account(account)

    async def forget(self, account: str, device_id: str) -> None:
        """The device needs a code at its next login. Raises NotFoundError."""
        if not await self._devices.forget(account, device_id):
            raise NotFoundError
        log.info("device.forgotten", account=account)
