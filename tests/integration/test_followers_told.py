"""Followers get no message about steps before they followed, on the real database, and nothing fails."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

from services.notifier.contacts import Contacts
from services.notifier.models.following import Follower
from services.notifier.service import Notifier
from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import NotificationStore
from shared.bus import DONE
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import RequestAccepted
from shared.mongo import Database, ServerClock
from tests.builders import CITIZEN, KEYS, NUMBER


async def test_a_step_that_comes_after_a_later_follow_is_recorded(database: Database) -> None:
    marks: dict[str, Any] = {"lease": 8, "settle_after": 120}
    contacts = Contacts(ContactStore(database["contacts"], ServerClock(database), **marks), KEYS, utc_now)
    notifications, followers = NotificationStore(database["notifications"]), FollowerStore(database["followers"])
    notifier = Notifier(contacts, notifications, followers, {}, KEYS, utc_now, combine_within=0.0)
    now = utc_now()
    await followers.note(Follower(NUMBER, "citizen-2", now), 2, follows=True)
    accepted = RequestAccepted(citizen_id=CITIZEN, department="power", actor="officer-1")
    body = accepted.model_dump_json(exclude_none=True).encode()
    earlier = Envelope("routing", accepted.type, NUMBER, 2, now - timedelta(seconds=1), body)
    delivery = cast(Any, SimpleNamespace(envelope=earlier))
    assert await notifier.take([delivery]) == [DONE]
    assert [one["citizen_id"] async for one in database["notifications"].find({})] == [CITIZEN]
