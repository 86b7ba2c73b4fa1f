"""Heads manage the subscriptions of their department, administrators those of any: the same routes at two places.

The department's software sees how its subscriptions stand, and has messages delivered again.
"""

from typing import Annotated, Any

from fastapi import Request, Response

from services.routing.feed.managing import ManagedDepartment, at_both_places
from services.routing.subscriptions import schemas
from services.routing.subscriptions.sending import WebhookSender
from services.routing.subscriptions.service import Subscriptions
from shared.errors import language_of
from shared.routes import Router, use

UsesSubscriptions = Annotated[Subscriptions, use("subscriptions")]
UsesSender = Annotated[WebhookSender, use("webhooks")]
ROTATE_NOW = schemas.SecretRotation()


def add_routes_to(router: Router, manage: Any, read: Any) -> None:
    """Add all routes; `manage` and `read` are the dependencies that give the department."""

    @router.get("")
    async def list_subscriptions(subs: UsesSubscriptions, at: ManagedDepartment = read) -> schemas.SubscriptionStates:
        """The subscriptions of the department, the oldest first, and how each stands."""
        return await subs.all(at.department)

    @router.post("", status_code=201)
    async def create_subscription(
        request: Request, subs: UsesSubscriptions, entry: schemas.SubscriptionEntry, at: ManagedDepartment = manage
    ) -> schemas.NewSubscriptionState:
        """Make a subscription; the secret of a webhook is shown this once."""
        return await subs.create(at.department, entry, at.account, language_of(request.headers))

    @router.get("/{subscription}")
    async def one_subscription(
        subscription: str, subs: UsesSubscriptions, at: ManagedDepartment = read
    ) -> schemas.SubscriptionState:
        """One subscription, and how it stands."""
        return await subs.get(at.department, subscription)

    @router.post("/{subscription}/secret", status_code=201)
    async def renew_secret(
        subscription: str,
        subs: UsesSubscriptions,
        asked: schemas.SecretRotation = ROTATE_NOW,
        at: ManagedDepartment = manage,
    ) -> schemas.NewSubscriptionState:
        """Give a webhook a new secret, shown this once.

        With `keep_old_hours` messages are signed with both for so long; the receiver can change over meanwhile.
        """
        return await subs.rotate(at.department, subscription, at.account, asked.keep_old_hours)

    @router.post("/{subscription}/test")
    async def try_webhook(
        subscription: str, sender: UsesSender, at: ManagedDepartment = manage
    ) -> schemas.WebhookTried:
        """Send one invented message to a webhook now, and say whether it was taken. It changes nothing else."""
        return await sender.try_out(at.department, subscription)

    @router.post("/{subscription}/pause")
    async def pause_subscription(
        subscription: str, subs: UsesSubscriptions, at: ManagedDepartment = manage
    ) -> schemas.SubscriptionState:
        """Deliver nothing until it is resumed; its messages wait, for 30 days at most."""
        return await subs.pause(at.department, subscription, at.account)

    @router.post("/{subscription}/resume")
    async def resume_subscription(
        subscription: str, subs: UsesSubscriptions, at: ManagedDepartment = manage
    ) -> schemas.SubscriptionState:
        """Deliver again, what waited first; also one that was stopped because it kept failing."""
        return await subs.resume(at.department, subscription, at.account)

    @router.post("/{subscription}/replay")
    async def replay_subscription(
        subscription: str, subs: UsesSubscriptions, asked: schemas.Replay, at: ManagedDepartment = read
    ) -> schemas.SubscriptionState:
        """Deliver again what follows a number or a time; a later number skips what is before it."""
        return await subs.replay(at.department, subscription, at.account, asked.start)

    @router.delete("/{subscription}", status_code=204)
    async def delete_subscription(
        subscription: str, subs: UsesSubscriptions, at: ManagedDepartment = manage
    ) -> Response:
        """End a subscription; its messages stay in the feed."""
        await subs.delete(at.department, subscription, at.account)
        return Response(status_code=204)


router = at_both_places("subscriptions", add_routes_to)
