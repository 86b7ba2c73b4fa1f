"""The queues of a department: its head and its software at one place, administrators of any department at another."""

from typing import Annotated, Any

from fastapi import Response

from services.routing import schemas as kernel
from services.routing.api.departments import END_OLD_NOW
from services.routing.feed import schemas
from services.routing.feed.managing import ManagedDepartment, at_both_places
from services.routing.feed.queues import DepartmentQueues
from services.routing.models.directory import NewPassword
from shared.bus import Publisher
from shared.routes import Router, use

UsesQueues = Annotated[DepartmentQueues, use("queues")]
UsesPublisher = Annotated[Publisher, use("publisher")]


def add_routes_to(router: Router, manage: Any, read: Any) -> None:
    """Add all routes; `manage` and `read` are the dependencies that give the department."""

    @router.get("")
    async def list_queues(queues: UsesQueues, at: ManagedDepartment = read) -> schemas.QueueStandings:
        """The queues of the department, how each stands, and the numbers of its messages that are kept."""
        return await queues.standing(at.department)

    @router.post("", status_code=201)
    async def create_queue(
        queues: UsesQueues, entry: schemas.QueueEntry, at: ManagedDepartment = manage
    ) -> kernel.Credentials:
        """Make a queue for a second system, or for a test system; the password is shown this once."""
        return await queues.create(at.department, entry.name, entry.kind, at.account)

    @router.post("/replay")
    async def replay_queue(
        queues: UsesQueues, bus: UsesPublisher, asked: schemas.QueueReplay, at: ManagedDepartment = read
    ) -> schemas.ReplayResult:
        """Send messages of the last 30 days to a queue again: the same ids and numbers, at most 5,000 at a time."""
        return await queues.replay(bus, at.department, asked.queue, asked.start, at.account)

    @router.post("/samples")
    async def send_samples(
        queues: UsesQueues, bus: UsesPublisher, at: ManagedDepartment = read
    ) -> schemas.SampleResult:
        """Send one invented message of each type to the department's test queues and test subscriptions."""
        return await queues.send_one_of_each(at.department, bus)

    @router.post("/{name}/credentials", status_code=201)
    async def renew_queue_credentials(
        name: str, queues: UsesQueues, asked: NewPassword = END_OLD_NOW, at: ManagedDepartment = manage
    ) -> kernel.Credentials:
        """Give a further queue's software a new password, shown this once; the old one ends, or stays for a while."""
        return await queues.renew(at.department, name[:30], at.account, asked.keep_old_hours)

    @router.delete("/{name}", status_code=204)
    async def delete_queue(name: str, queues: UsesQueues, at: ManagedDepartment = manage) -> Response:
        """Remove a further queue with its users, and with the messages in it."""
        await queues.remove(at.department, name[:30], at.account)
        return Response(status_code=204)


router = at_both_places("queues", add_routes_to)
