"""A request from the queue: its details, fetched as the department's software, and its actions."""

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
    """A request of a department. Actions use the queue's connection, details HTTP."""

    def __init__(self, event: StoredEvent, queue: DepartmentQueue, api: SignedInAccount) -> None:
        self.number = event.subject
        self._queue = queue
        self._api = api

    async def details(self) -> dict[str, Any] | None:
        """The citizen's answers; None if the department may not see them (any more).

        Waits if the message arrived before the details.
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
        """The possible actions now; none if another department has the request."""
        found: list[str] = (await self._assignment()).get("actions", [])
        return found

    async def needs_photo(self) -> bool:
        """Whether its service wants a photo or document of the work before the request is resolved."""
        return bool((await self._assignment()).get("evidence_wanted"))

    async def _assignment(self) -> dict[str, Any]:
        """The assignment; empty if another department has the request."""
        try:
            found: dict[str, Any] = (await self._api.assignment(self.number)).body
        except ApiError as error:
            if error.status != 404:
                raise
            return {}
        return found

    async def until_possible(self, action: str) -> bool:
        """Wait until the action is possible; False after some seconds. Published actions take effect with a delay."""
        end = time.monotonic() + SECONDS
        while action not in await self.actions():
            if time.monotonic() > end:
                return False
            await asyncio.sleep(PAUSE)
        return True

    async def act(self, action: str, **more: str) -> None:
        """Publish an action with a new id until the broker confirms it."""
        await self._queue.act(str(uuid.uuid4()), self.number, action, **more)
