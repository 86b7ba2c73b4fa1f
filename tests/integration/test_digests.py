"""Digests and quiet hours on the real database with two replicas: one message, on time, even if a replica dies."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from deploy.local.servers import Servers
from services.notifier.contacts import Contacts
from services.notifier.models.contact import Contact
from services.notifier.models.following import DIGEST, STEP, Follower, digest_of
from services.notifier.models.notification import DeliveryState
from services.notifier.models.preferences import Preferences
from services.notifier.sending.courier import Courier
from services.notifier.sending.fallback import Fallback
from services.notifier.service import Notifier
from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import NotificationStore, steps_query
from services.notifier.store.rates import RateStore
from services.notifier.writing.sms import MAX_PARTS, parts
from shared.bus import DONE
from shared.clock import PAKISTAN, utc_now
from shared.envelope import Envelope
from shared.events import Event, RequestAccepted, RequestResolved
from shared.mongo import OUTAGES, ServerClock, connect
from shared.mongo.client import Database
from shared.seal import SealPurpose
from tests.builders import CITIZEN, KEYS
from tests.fakes import FakeClock
from tests.integration.plans import stages_of
from tests.unit.notifier.memory import Recording
from tests.unit.notifier.samples import MOBILE

FOLLOWER = "citizen-2"
NUMBERS = [f"RB-0000-000{place}-0" for place in range(9)]
TODAY = datetime.combine(utc_now().astimezone(PAKISTAN).date(), datetime.min.time(), PAKISTAN)
YESTERDAY = TODAY - timedelta(days=1)
"""A time of yesterday, so that the database finds postponed messages due today."""
ACCEPTED = RequestAccepted.model_validate({"citizen_id": CITIZEN, "department": "power"})


def resolved(number: str) -> Event:
    """An event: a request was resolved."""
    sealed = KEYS.seal("Done.", SealPurpose.REQUEST_REPLY, owner=number)
    return RequestResolved.model_validate(
        {"citizen_id": CITIZEN, "department": "power", "outcome": "granted", "reply": sealed}
    )


class Replica:
    """A notifier and its courier, with their own clock."""

    def __init__(self, database: Database, provider: Recording, at: datetime) -> None:
        self.clock = FakeClock(at)
        marks: dict[str, Any] = {"lease": 8, "settle_after": 120}
        self.store = ContactStore(database["contacts"], ServerClock(database), **marks)
        self.notifications = NotificationStore(database["notifications"])
        self.followers = FollowerStore(database["followers"])
        contacts = Contacts(self.store, KEYS, self.clock)
        providers = {"sms": (provider,)}
        fallback = Fallback(contacts, providers, KEYS, self.clock)
        common = contacts, self.notifications
        self.notifier = Notifier(*common, self.followers, providers, KEYS, self.clock, combine_within=0)
        self.courier = Courier(
            *common, providers, KEYS, self.clock,
            every=1, lease=30, outages=OUTAGES, fallback=fallback,
            rates=RateStore(database["rates"]),
        )  # fmt: skip

    async def hear(self, event: Event, number: str, seq: int = 1) -> None:
        """Handle an event of the present time."""
        body = event.model_dump_json(exclude_none=True).encode()
        envelope = Envelope("routing", event.type, number, seq, self.clock(), body)
        assert await self.notifier.take([cast(Any, SimpleNamespace(envelope=envelope))]) == [DONE]

    async def deliver(self, at: datetime) -> None:
        """Deliver the messages that are due at that time."""
        self.clock.at = at
        for _ in range(3):
            await self.courier.round()


@asynccontextmanager
async def two_replicas(
    servers: Servers, preferences: Preferences, at: datetime
) -> AsyncIterator[tuple[Replica, Replica, Recording]]:
    """Two replicas on one database, with a citizen and a follower of nine requests who have the same preferences."""
    name = f"test_digests_{secrets.token_hex(4)}"
    async with connect(servers.mongo_url, name) as database:
        provider = Recording(at_once=False)
        first, second = Replica(database, provider, at), Replica(database, provider, at)
        await first.notifications.create_indexes(outbox=False)
        for citizen in (CITIZEN, FOLLOWER):
            contact = Contact(id=citizen, preferences=preferences.document())
            contact.mobile = KEYS.seal(MOBILE, SealPurpose.CITIZEN_MOBILE, owner=citizen)
            await first.store.save_many([contact])
        for number in NUMBERS:
            await first.followers.note(Follower(number, FOLLOWER, at - timedelta(days=1)), 1, follows=True)
        yield first, second, provider
        await database.client.drop_database(name)


async def of(replica: Replica, template: str) -> list[dict[str, Any]]:
    """The messages of a template."""
    return await replica.notifications.collection.find({"template": template}).to_list(None)


async def test_a_day_of_steps_that_two_replicas_record_is_one_message(servers: Servers) -> None:
    daily = Preferences.of({"daily": "18:00"})
    async with two_replicas(servers, daily, YESTERDAY.replace(hour=12)) as (first, second, provider):
        for number in NUMBERS:
            for seq, event in enumerate((ACCEPTED, resolved(number)), start=1):
                await asyncio.gather(first.hear(event, number, seq), second.hear(event, number, seq))
                first.clock.advance(minutes=1)
                second.clock.advance(minutes=1)
        (digest,) = await of(first, DIGEST)
        steps = await of(first, STEP)
        assert digest["due_at"] == YESTERDAY.replace(hour=18, minute=1)
        assert [(one["state"], one["included_in"]) for one in steps] == [("cancelled", digest["_id"])] * 18
        await asyncio.gather(first.deliver(TODAY), second.deliver(TODAY))
        (combined,) = [words for _, _, words in provider.sent if words.startswith("Requests you follow")]
        shown = combined.count("the department has closed it with a reply")
        assert combined.endswith(f"and {len(NUMBERS) - shown} more: see Rabta")
        assert (shown > 1, parts(combined)) == (True, MAX_PARTS)
        assert "begun to work" not in combined, "each request once, with its newest step"
        await first.hear(ACCEPTED, NUMBERS[0])  # its event comes again, after all that
        await asyncio.gather(first.deliver(TODAY), second.deliver(TODAY))
        assert len([words for _, _, words in provider.sent if words.startswith("Requests you follow")]) == 1


async def test_a_digest_whose_steps_were_never_recorded_is_not_sent(servers: Servers) -> None:
    """The process died in between: the events come again, and the next digest contains their steps."""
    daily = Preferences.of({"daily": "18:00"})
    async with two_replicas(servers, daily, YESTERDAY.replace(hour=12)) as (first, second, provider):
        await first.notifications.insert_new([digest_of(FOLLOWER, daily, first.clock())])
        await asyncio.gather(first.deliver(TODAY), second.deliver(TODAY))
        assert [one["state"] for one in await of(first, DIGEST)] == [DeliveryState.CANCELLED]
        assert provider.sent == []


async def test_quiet_hours_over_midnight_hold_a_message_until_the_morning(servers: Servers) -> None:
    night, evening = Preferences.of({"quiet": {"start": "22:00", "end": "00:30"}}), YESTERDAY.replace(hour=23)
    async with two_replicas(servers, night, evening) as (first, second, provider):
        await asyncio.gather(first.hear(ACCEPTED, "RB-0000-0009-0"), second.hear(ACCEPTED, "RB-0000-0009-0"))
        (message,) = await of(first, "request.accepted")
        assert (message["state"], message["due_at"]) == ("created", TODAY + timedelta(minutes=30))
        due_now = {"$set": {"due_at": evening}}
        await first.notifications.collection.update_one({"_id": message["_id"]}, due_now)
        await first.courier.round()
        assert provider.sent == [], "the courier looks again before it sends"
        (message,) = await of(first, "request.accepted")
        assert message["due_at"] == TODAY + timedelta(minutes=30)
        await first.notifications.collection.update_one({"_id": message["_id"]}, due_now)
        morning = TODAY + timedelta(minutes=30)
        await asyncio.gather(first.deliver(morning), second.deliver(morning))
        assert len(provider.sent) == 1


async def test_the_steps_of_a_digest_are_found_by_an_index(servers: Servers) -> None:
    async with two_replicas(servers, Preferences(), YESTERDAY) as (first, _, _):
        plan = await first.notifications.collection.find(steps_query(["one", "two"])).explain()
        assert "COLLSCAN" not in stages_of(plan["queryPlanner"]["winningPlan"])
        assert await first.notifications.steps_of(["one", "two"]) == {"one": [], "two": []}
