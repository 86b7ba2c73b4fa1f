"""The pull API: leased messages of a subscription, acknowledged, returned, or held for longer."""

import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from services.routing.directory import Directory
from services.routing.feed.models import feed_name
from services.routing.feed.store import FeedStore
from services.routing.subscriptions import schemas
from services.routing.subscriptions.messages import message_of
from services.routing.subscriptions.models.position import Position
from services.routing.subscriptions.models.subscription import Subscription
from services.routing.subscriptions.registry import known_subscription
from services.routing.subscriptions.store import ProgressStore
from shared.changing import retry_overtaken
from shared.clock import written
from shared.errors import ConflictError, NotFoundError

Change = Callable[[Position, datetime], list[int]]


class Pulling:
    """The use cases of a department's software. All raise NotFoundError and ConflictError."""

    def __init__(self, directory: Directory, progress: ProgressStore, feed: FeedStore) -> None:
        self._directory = directory
        self._progress = progress
        self._feed = feed

    async def lease(self, department: str, wanted: str, limit: int, length: timedelta) -> schemas.LeasedMessages:
        """Hand out messages. Raises ConflictError."""
        subscription = await self._pulled(department, wanted)
        if subscription.paused_at is not None:
            raise ConflictError("subscription-paused")
        feed, token = subscription.feed, secrets.token_hex(12)
        kept = (await self._feed.oldest(feed), await self._feed.newest(feed))
        numbers, position, now = await self._change(
            subscription, lambda p, now: p.lease(kept, limit, now, now + length, token)
        )
        entries = [entry for run in runs_of(numbers) for entry in await self._feed.after(feed, run[0] - 1, len(run))]
        messages: list[schemas.LeasedMessage] = [
            {**message_of(entry), "tries": position.open[entry.number].tries} for entry in entries
        ]
        return {"lease": token, "until": written(now + length), "messages": messages}

    async def ack(
        self, department: str, wanted: str, lease: str, numbers: Collection[int] | None
    ) -> schemas.LeaseSettled:
        """Take messages of a lease as done."""
        return await self._settle(department, wanted, lambda p, _: p.ack(lease, numbers))

    async def nack(
        self, department: str, wanted: str, lease: str, numbers: Collection[int] | None, pause: timedelta
    ) -> schemas.LeaseSettled:
        """Return messages of a lease, to be handed out again after a pause."""
        return await self._settle(department, wanted, lambda p, now: p.nack(lease, numbers, now, pause))

    async def extend(self, department: str, wanted: str, lease: str, length: timedelta) -> schemas.LeaseExtended:
        """Hold a lease for longer; its numbers, and until when."""
        subscription = await self._pulled(department, wanted)
        held, _, now = await self._change(subscription, lambda p, now: p.extend(lease, now + length))
        return {"until": written(now + length), "numbers": held}

    async def messages(self, department: str, *, test: bool, after: int, limit: int) -> schemas.FeedPage:
        """The department's messages after a number, whatever any subscription has."""
        feed = feed_name(department, test=test)
        messages = [message_of(entry) for entry in await self._feed.after(feed, after, limit)]
        return {"messages": messages, "oldest": await self._feed.oldest(feed), "newest": await self._feed.newest(feed)}

    async def _pulled(self, department: str, wanted: str) -> Subscription:
        subscription = await known_subscription(self._directory, department, wanted)
        if subscription.is_webhook:
            raise ConflictError("subscription-not-pulled")
        return subscription

    async def _settle(self, department: str, wanted: str, fn: Change) -> schemas.LeaseSettled:
        lost, position, _ = await self._change(await self._pulled(department, wanted), fn)
        return {"lost": lost, "acked_up_to": position.acked_up_to}

    async def _change(self, subscription: Subscription, fn: Change) -> tuple[list[int], Position, datetime]:
        """Change the position and store it; begins again where another consumer was quicker.

        Returns the numbers that the change gave, the stored position, and the server's time.
        """

        async def attempt() -> tuple[list[int], Position, datetime]:
            position, now = await self._progress.load(Position, subscription.id)
            if position is None:
                raise NotFoundError
            result = fn(position, now)
            await self._progress.save(position)
            return result, position, now

        return await retry_overtaken(attempt)


def runs_of(numbers: Sequence[int]) -> list[list[int]]:
    """The numbers in runs without a gap."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs
