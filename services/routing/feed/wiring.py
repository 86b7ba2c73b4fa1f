"""Wiring of the room."""

import asyncio
from datetime import timedelta

from fastapi import FastAPI

from services.routing.directory import Directory
from services.routing.feed.metrics import QueueMeter
from services.routing.feed.publishing import FeedPublisher
from services.routing.feed.queues import DepartmentQueues
from services.routing.feed.replaying import Replaying
from services.routing.feed.store import FeedStore
from services.routing.provisioning import Provisioning
from services.routing.settings import RoutingSettings
from services.routing.store.departments import DepartmentStore
from shared.bus import Publisher
from shared.clock import utc_now
from shared.sweep import sweep_forever

EXPIRE_EVERY = 3600.0


class FeedRoom:
    """All parts."""

    def __init__(
        self,
        feed: FeedStore,
        departments: DepartmentStore,
        directory: Directory,
        provisioning: Provisioning,
        settings: RoutingSettings,
    ) -> None:
        self._feed = feed
        self._directory = directory
        self._keep = timedelta(days=settings.feed_days)
        self.queues = DepartmentQueues(departments, directory, provisioning, feed)
        provisioning.on_counted = QueueMeter(directory, feed).measure

    def publisher(self, publisher: Publisher) -> FeedPublisher:
        """What publishes the events of routing's outbox."""
        return FeedPublisher(publisher, self._feed, self._directory)

    def serve(self, app: FastAPI, publisher: Publisher, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Give the routes what they need, and start forgetting old messages."""
        app.state.queues, app.state.publisher = self.queues, publisher
        app.state.replaying = Replaying(self._feed, self._directory, publisher)
        return [tasks.create_task(sweep_forever("feed", EXPIRE_EVERY, self._expire, at_once=True))]

    async def _expire(self) -> None:
        before = utc_now() - self._keep
        for feed in await self._feed.feeds():
            await self._feed.expire(feed, before)
