"""A test message to a webhook, sent at once, so that its head sees whether it is taken."""

from services.routing.directory import Directory
from services.routing.feed.invented import one_of_each
from services.routing.feed.models import feed_for_tests
from services.routing.feed.store import FeedStore
from services.routing.subscriptions import schemas
from services.routing.subscriptions.registry import known_subscription
from services.routing.subscriptions.sending import WebhookSender
from shared.clock import utc_now
from shared.errors import ConflictError


class NoWebhookToTryError(ConflictError, code="subscription-without-address"):
    """Nothing is sent to a subscription that is pulled."""


class WebhookTrials:
    """The use case."""

    def __init__(self, directory: Directory, feed: FeedStore, sender: WebhookSender) -> None:
        self._directory = directory
        self._feed = feed
        self._sender = sender

    async def send(self, department: str, wanted: str) -> schemas.WebhookTried:
        """Send one invented message. Raises NotFoundError, NoWebhookToTryError."""
        subscription = await known_subscription(self._directory, department, wanted)
        if not subscription.is_webhook:
            raise NoWebhookToTryError
        first = await self._feed.newest(feed_for_tests(department)) + 1
        invented = one_of_each(department, self._directory.department(department).name, first, utc_now())[:1]
        [entry] = await self._feed.append(invented)
        failure = await self._sender.try_out(subscription, entry)
        return {"number": entry.number, "taken": failure is None, "error": failure.error if failure else None}
