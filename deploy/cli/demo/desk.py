"""A department's subscriber: consumes its queue with its own credentials, and closes what the city had closed."""

import asyncio
from typing import Any

from deploy.cli.demo.city import City
from deploy.cli.demo.ledger import FiledRow, Ledger
from deploy.cli.queue import DepartmentQueue, Received

PREFETCH = 2000
ROUTED, REJECTED = "request.routed.v1", "action.rejected.v1"
CONFLICT = 409
TRIES = 20
RETRY_SECONDS = 0.3


class DemoSubscriber:
    """A subscriber. A delivery is acknowledged when the broker has confirmed the resulting actions."""

    def __init__(self, code: str, queue: DepartmentQueue, city: City, ledger: Ledger) -> None:
        self.code = code
        self.queue = queue
        self._city = city
        self._ledger = ledger

    async def run(self) -> None:
        """Work until cancelled; deliveries of other runs stay on the queue."""
        await self.queue.run(self._receive)

    async def remind(self, filed: FiledRow) -> None:
        """Send the actions again, with the same ids.

        Until routing has processed an action, only the broker has it, and a wiped broker loses it.
        """
        for arrival in self._ledger.arrivals.get(filed.number, []):
            if arrival.department == self.code and filed.row.is_closed:
                await self._answer(filed, next(iter(arrival.events)))

    async def _receive(self, received: Received) -> None:
        if received.type == ROUTED:
            self._ledger.arrive(received.subject, self.code, received.id, received.at)
            filed = await self._ledger.named(received.subject)
            if filed.row.is_closed:
                await self._answer(filed, received.id)
        elif received.type == REJECTED:
            await self._rejected(received.body)
        await received.ack()

    async def _answer(self, filed: FiledRow, event: str) -> None:
        await self.queue.act(f"{event}/accept", filed.number, "accept")
        await self._resolve(filed, f"{event}/resolve/1")

    async def _resolve(self, filed: FiledRow, act_id: str) -> None:
        outcome, reply = self._city.outcome(filed.row), self._city.reply(filed.row)
        reason = {} if outcome == "granted" else {"reason": "other"}
        await self.queue.act(act_id, filed.number, "resolve", outcome=outcome, reply=reply, **reason)

    async def _rejected(self, problem: dict[str, Any]) -> None:
        """Retry: with several routing processes an action can overtake the acceptance before it."""
        number, act_id = str(problem.get("request")), str(problem.get("action"))
        start, _, count = act_id.rpartition("/")
        if problem.get("status") != CONFLICT:
            self._ledger.objections.append(f"{number}: {act_id} was refused: {problem.get('title')}")
        elif start.endswith("/resolve") and count.isdecimal() and int(count) < TRIES:
            await asyncio.sleep(RETRY_SECONDS)
            await self._resolve(await self._ledger.named(number), f"{start}/{int(count) + 1}")
