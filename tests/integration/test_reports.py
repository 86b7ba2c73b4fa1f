"""Reports of providers on a real database: no courier overwrites one."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest

from services.notifier.callbacks import Callbacks
from services.notifier.channels.provider import Callback, CallbackRefusedError, DeliveryResult, Report
from services.notifier.models.delivery import attempted
from services.notifier.models.message import SMS
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.sending.reports import Reports, ReportSource
from services.notifier.store.notifications import NotificationStore
from shared.clock import utc_now
from shared.errors import ForbiddenError, NotFoundError
from shared.mongo import Database
from tests.builders import CITIZEN
from tests.unit.notifier.memory import Recording, World

GATEWAY = ReportSource(SMS, SMS)
CALL = Callback("https://rabta.example/api/v1/callbacks/sms/receipts", {}, b"")


class Calling(Recording):
    """A provider with the responses that a test sets."""

    def __init__(self) -> None:
        super().__init__(at_once=False)
        self.says: list[Report] = []
        self.is_signed = True

    def reports(self, callback: Callback) -> list[Report]:
        """The reports that the test has set."""
        if not self.is_signed:
            raise CallbackRefusedError
        return self.says


@dataclass
class Stored:
    """Reports and callbacks over real collections; contacts are in memory."""

    notifications: NotificationStore
    reports: Reports
    callbacks: Callbacks
    provider: Calling

    async def claimed(self, name: str) -> Notification:
        """A message that a courier has claimed and is sending."""
        now = utc_now()
        message = Notification(
            id=f"routing/{name}/1:sms",
            citizen_id=CITIZEN,
            subject=name,
            template="request.accepted",
            channel=SMS,
            created_at=now,
            due_at=now - timedelta(seconds=1),
        )
        await self.notifications.insert_new([message])
        [due] = [one for one in await self.notifications.due(SMS, 100, urgent=False) if one.subject == name]
        due.state, due.ours = DeliveryState.SENDING, secrets.token_hex(16)
        due.calling = {"provider": SMS, "at": now}
        assert due.due_at is not None
        assert await self.notifications.claim({due.id: due.due_at}, [due], timedelta(seconds=30)) == {due.id}
        return due

    async def answered(self, message: Notification, result: DeliveryResult) -> None:
        """Record the provider's response, like a courier."""
        attempted(message, result.state, utc_now(), by=SMS, reference=result.reference)
        await self.notifications.save([message])

    async def state(self, name: str) -> DeliveryState:
        """The state of a message."""
        found = await self.notifications.collection.find_one({"_id": f"routing/{name}/1:sms"})
        assert found is not None
        assert "claim" not in found
        return DeliveryState(found["state"])


@pytest.fixture
async def stored(database: Database) -> Stored:
    """Stores on a new database."""
    world = World(None)
    notifications = NotificationStore(database["notifications"])
    await notifications.create_indexes(outbox=False)
    reports = Reports(notifications, world.known, world.fallback, utc_now)
    provider, nobody = Calling(), cast(Any, None)
    return Stored(notifications, reports, Callbacks([provider], reports, nobody), provider)


@pytest.mark.parametrize("reported", [DeliveryState.DELIVERED, DeliveryState.PERMANENT_FAILURE])
async def test_a_report_and_the_couriers_note_at_once_end_as_the_report_says(
    stored: Stored, reported: DeliveryState
) -> None:
    messages = [await stored.claimed(f"RB-{place}") for place in range(20)]
    acts = [
        act
        for message in messages
        for act in (
            stored.reports.take(GATEWAY, [Report(message.ours, None, reported)]),
            stored.answered(message, DeliveryResult(DeliveryState.SENDING, f"SM{message.subject}")),
        )
    ]
    await asyncio.gather(*acts, *(stored.reports.take(GATEWAY, [Report(m.ours, None, reported)]) for m in messages))
    assert {await stored.state(message.subject) for message in messages} == {reported}


async def test_of_reports_that_contradict_each_other_delivered_wins_whatever_their_order(stored: Stored) -> None:
    for turn in range(10):
        message = await stored.claimed(f"RB-{turn}")
        await stored.answered(message, DeliveryResult(DeliveryState.SENDING, f"SM{turn}"))
        states = (
            DeliveryState.SENDING,
            DeliveryState.DELIVERED,
            DeliveryState.TEMPORARY_FAILURE,
            DeliveryState.DELIVERED,
            DeliveryState.PERMANENT_FAILURE,
        )
        await asyncio.gather(*(stored.reports.take(GATEWAY, [Report(message.ours, None, state)]) for state in states))
        assert await stored.state(message.subject) is DeliveryState.DELIVERED


async def test_an_unsigned_report_is_refused(stored: Stored) -> None:
    message = await stored.claimed("RB-1")
    await stored.answered(message, DeliveryResult(DeliveryState.SENDING, "SM1"))
    stored.provider.says, stored.provider.is_signed = [Report(message.ours, None, DeliveryState.DELIVERED)], False
    with pytest.raises(ForbiddenError):
        await stored.callbacks.report(SMS, CALL)
    with pytest.raises(NotFoundError):
        await stored.callbacks.report("another", CALL)
    assert await stored.state("RB-1") is DeliveryState.SENDING
