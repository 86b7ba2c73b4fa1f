"""A test message to a webhook, sent at once, so that its head sees whether it is taken."""

from dataclasses import dataclass

from services.routing.feed.invented import one_of_each
from services.routing.feed.models import feed_for_tests
from services.routing.feed.store import FeedStore
from services.routing.store.departments import DepartmentStore
from services.routing.subscriptions.models.subscription import found_in
from services.routing.subscriptions.registry import subscriptions_of
from services.routing.subscriptions.sending import WebhookSender
from shared.clock import utc_now
from shared.errors import ConflictError, NotFoundError


class NoWebhookToTryError(ConflictError):
    """Nothing is sent to a subscription that is pulled."""

    code = "subscription-without-address"


@dataclass(frozen=True)
class WebhookTrial:
    """The number of the message in the feed for tests, and why it was not taken; None where it was."""

    number: int
    error: str | None


class WebhookTrials:
    """The use case."""

    def __init__(self, departments: DepartmentStore, feed: FeedStore, sender: WebhookSender) -> None:
        self._departments = departments
        self._feed = feed
        self._sender = sender

    async def send(self, department: str, wanted: str) -> WebhookTrial:
        """Send one invented message. Raises NotFoundError, NoWebhookToTryError."""
        record = await self._departments.get(department)
        subscription = found_in(subscriptions_of(record), wanted) if record is not None else None
        if record is None or subscription is None:
            raise NotFoundError
        if not subscription.is_webhook:
            raise NoWebhookToTryError
        first = await self._feed.newest(feed_for_tests(department)) + 1
        invented = one_of_each(department, record.name, first, utc_now())[:1]
        [entry] = await self._feed.append(invented)
        failure = await self._sender.try_out(subscription, entry)
        return WebhookTrial(entry.number, failure.error if failure else None)
