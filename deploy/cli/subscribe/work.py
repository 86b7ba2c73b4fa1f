"""One thing that came on the queue: what it is about, fetched as the department's own software, and what is done."""

import asyncio
import time
import uuid
from typing import Any

from deploy.cli.client import SignedInAccount
from deploy.cli.queue import DepartmentQueue
from deploy.cli.subscribe.inbox import StoredEvent
from deploy.cli.transport import ApiError

SECONDS = 15.0
PAUSE = 0.2


class Work:
    """A request that a department has to look at. Actions go over the queue's own connection, details over HTTP."""

    def __init__(self, event: StoredEvent, queue: DepartmentQueue, api: SignedInAccount) -> None:
        self.number = event.subject
        self._queue = queue
        self._api = api

    async def details(self) -> dict[str, Any] | None:
        """What the citizen told; None when the department may not see it (any more).

        The message can be quicker than the citizen's view of it, so that is waited for.
        """
        end = time.monotonic() + SECONDS
        while True:
            try:
                return await self._api.request(self.number)
            except ApiError as error:
                if error.status != 404:
                    raise
                if time.monotonic() > end or not await self.actions():
                    return None
            await asyncio.sleep(PAUSE)

    async def actions(self) -> list[str]:
        """What the department may do with it now; nothing when it is with another one."""
        try:
            found: list[str] = (await self._api.assignment(self.number)).body["actions"]
        except ApiError as error:
            if error.status != 404:
                raise
            return []
        return found

    async def until_possible(self, action: str) -> bool:
        """Wait until the action is possible; False after some seconds. What was published takes effect a bit later."""
        end = time.monotonic() + SECONDS
        while action not in await self.actions():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(PAUSE)
        return True

    async def act(self, action: str, **more: str) -> None:
        """Publish an action with an id of its own, as often as it takes until the broker has it."""
        await self._queue.act(str(uuid.uuid4()), self.number, action, **more)
