"""Known devices: a login from one needs no code besides the password."""

import secrets

import structlog

from services.identity.accounts.hashing import hash_of_token
from services.identity.accounts.models.device import Device
from services.identity.sessions.store.devices import DeviceStore
from shared.clock import Clock
from shared.errors import NotFoundError

log = structlog.get_logger(__name__)


class Devices:
    """The use cases. A token has 256 random bits, so its plain hash is enough."""

    def __init__(self, devices: DeviceStore, clock: Clock) -> None:
        self._devices = devices
        self._clock = clock

    async def remember(self, account: str, name: str) -> str:
        """Make a device known; returns its token."""
        token, now = secrets.token_urlsafe(32), self._clock()
        await self._devices.add(Device(secrets.token_hex(16), account, hash_of_token(token), name, now, now))
        return token

    async def known(self, token: str | None) -> Device | None:
        """The device with this token."""
        return None if token is None else await self._devices.use(hash_of_token(token), self._clock())

    async def of_account(self, account: str) -> list[Device]:
        """The known devices of an account."""
        return await self._devices.of_account(account)

    async def forget(self, account: str, device_id: str) -> None:
        """Forget a device: its next login needs a code. Raises NotFoundError."""
        if not await self._devices.forget(account, device_id):
            raise NotFoundError
        log.info("device.forgotten", account=account)
