"""Wiring of the room."""

import asyncio

from fastapi import FastAPI

from services.routing.directory import Directory
from services.routing.feed.store import FeedStore
from services.routing.settings import RoutingSettings
from services.routing.store.departments import DepartmentStore
from services.routing.subscriptions.measuring import SubscriptionMetrics
from services.routing.subscriptions.models.sending import RetryRule
from services.routing.subscriptions.pulling import Pulling
from services.routing.subscriptions.sending import WebhookSender
from services.routing.subscriptions.service import Subscriptions
from services.routing.subscriptions.store import ProgressStore
from services.routing.subscriptions.trying import WebhookTrials
from shared.mongo import Database, ServerClock
from shared.sweep import sweep_forever

MEASURED_EVERY = 15.0


class SubscriptionRoom:
    """All parts. In demo and test, webhooks may lead to loopback."""

    def __init__(
        self,
        database: Database,
        clock: ServerClock,
        departments: DepartmentStore,
        directory: Directory,
        feed: FeedStore,
        settings: RoutingSettings,
    ) -> None:
        trial, keys = not settings.is_production, settings.keys
        progress = ProgressStore(database)
        rule = RetryRule.of_seconds(settings.webhook_pauses, settings.webhook_gives_up)
        self._every = settings.webhooks_every
        self._subscriptions = Subscriptions(departments, directory, progress, feed, keys, trial=trial)
        self._metrics = SubscriptionMetrics(directory, progress, feed)
        self._pulling = Pulling(directory, progress, feed)
        self._sender = WebhookSender(departments, directory, progress, feed, keys, rule, clock.now, trial=trial)

        self._trials = WebhookTrials(directory, feed, self._sender)

    def serve(self, app: FastAPI, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Give the routes what they need, and start sending."""
        app.state.subscriptions, app.state.pulling = self._subscriptions, self._pulling
        app.state.webhook_trials = self._trials
        return [
            tasks.create_task(self._sender.run(self._every)),
            tasks.create_task(sweep_forever("subscriptions", MEASURED_EVERY, self._metrics.sweep)),
        ]
