"""Notifications in MongoDB."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as Ids
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError

from services.notifier.models.combining import LATER
from services.notifier.models.contact import PHONE
from services.notifier.models.notification import WAITING, DeliveryState, Notification
from shared.clock import utc_now
from shared.mongo import drop_indexes, listing
from shared.mongo.client import Collection
from shared.mongo.records import only_duplicates

SOURCES = ("requests", "routing")
"""The services that publish events of requests. Ids have the form `<source>/<number>/<seq>:<channel>`."""
NOBODY = "erased"
TO_FOLLOWERS = ("followed.step", "request.followed", "request.followed.merged", "request.unfollowed")
"""Templates of messages to people other than the request's citizen."""
STORED = {"$exists": True}
ENDED = {"ended": STORED}
CAN_GO = ("event", "due_at", "words", "calling", "provider", "reference", "delivered_at")
NEWEST_FIRST = [("created_at", DESCENDING), ("_id", DESCENDING)]
UNREAD: dict[str, Any] = {"words": {"$exists": True}, "read_at": {"$exists": False}}
MONTH = 30 * 24 * 3600


class NotificationStore:
    """Notifications by their natural key."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.on_code: Callable[[], object] = object
        """Called when a code waits for the courier."""

    async def create_indexes(self, *, outbox: bool) -> None:
        """Create indexes for lists, the courier and reports; answers to unknown phones expire after a month."""
        await self.collection.create_index([("citizen_id", ASCENDING), *NEWEST_FIRST])
        lanes = [("channel", ASCENDING), ("urgent", ASCENDING), ("due_at", ASCENDING)]
        for fields, named in ((lanes, "due_at"), ("ours", "ours"), ("reference", "reference"), ("subject", "ended")):
            await self.collection.create_index(fields, partialFilterExpression={named: {"$exists": True}})
        await self.collection.create_index("included_in", name="digests", partialFilterExpression={"step": STORED})
        await drop_indexes(self.collection, "included_in_1")
        phones = {"citizen_id": {"$gte": PHONE, "$lt": f"{PHONE}~"}}
        await self.collection.create_index(
            [("created_at", ASCENDING)], partialFilterExpression=phones, expireAfterSeconds=MONTH
        )
        if outbox:
            await self.collection.create_index(NEWEST_FIRST)

    async def insert_new(self, notifications: Sequence[Notification]) -> None:
        """Insert those that are not recorded yet."""
        if not notifications:  # the driver refuses an empty list
            return
        try:
            await self.collection.insert_many([n.document() for n in notifications], ordered=False)
        except BulkWriteError as error:
            only_duplicates(error)
        if any(one.urgent and one.due_at is not None for one in notifications):
            self.on_code()

    async def existing(self, ids: Ids[str]) -> set[str]:
        """Those of the ids that are recorded."""
        found = await self.collection.find({"_id": {"$in": list(ids)}}, {"_id": 1}).to_list(None)
        return {document["_id"] for document in found}

    async def steps_of(self, ids: Ids[str]) -> dict[str, list[Notification]]:
        """The steps that each of these digests includes, by its id."""
        included: dict[str, list[Notification]] = {id_: [] for id_ in ids}
        for document in await self.collection.find(steps_query(ids)).to_list(None):
            included[document["included_in"]].append(Notification.of(document))
        return included

    async def ends(self, numbers: Ids[str]) -> dict[str, int]:
        """The requests whose end was reported, with the seq of the last event that ended each."""
        if not numbers:
            return {}
        query = {"subject": {"$in": [str(number) for number in numbers]}, **ENDED}
        found = await self.collection.find(query, {"subject": 1, "ended": 1}).sort("ended", ASCENDING).to_list(None)
        return {document["subject"]: document["ended"] for document in found}

    async def of_citizen(self, citizen_id: str, before: tuple[datetime, str] | None, limit: int) -> list[Notification]:
        """A citizen's notifications with a text, newest first, older than the given one."""
        query: dict[str, Any] = {"citizen_id": citizen_id, "words": {"$exists": True}}
        if before is not None:
            at, last = before
            query |= {"created_at": {"$lte": at}, "$or": [{"created_at": {"$lt": at}}, {"_id": {"$lt": last}}]}
        return await self._newest(query, limit)

    async def delivered(self, citizens: Ids[str] | None, limit: int) -> list[Notification]:
        """The newest delivered notifications, of these citizens or of all."""
        query: dict[str, Any] = {"state": DeliveryState.DELIVERED.value}
        if citizens is not None:
            query["citizen_id"] = {"$in": list(citizens)}
        return await self._newest(query, limit)

    async def due(self, channel: str, limit: int, *, urgent: bool) -> list[Notification]:
        """Due notifications of a channel by the server's clock, longest waiting first."""
        lane = {"channel": channel, "urgent": True if urgent else None, "due_at": {"$exists": True}}
        ripe = {**lane, "$expr": {"$lt": ["$due_at", "$$NOW"]}}
        return _all(await self.collection.find(ripe).sort("due_at", ASCENDING).limit(limit).to_list(None))

    async def postpone(self, ids: Ids[str], pause: timedelta) -> None:
        """Postpone these by the pause."""
        due_at = {"$add": ["$$NOW", pause // timedelta(milliseconds=1)]}
        ripe = {
            "_id": {"$in": list(ids)},
            "$expr": {"$lt": ["$due_at", "$$NOW"]},
            "state": {"$in": [state.value for state in WAITING]},
        }
        await self.collection.update_many(ripe, [{"$set": {"due_at": due_at}}])

    async def oldest_due(self, channel: str, *, urgent: bool) -> timedelta:
        """For how long the first message of a lane has been due."""
        due = await self.due(channel, 1, urgent=urgent)
        return utc_now() - due[0].due_at if due and due[0].due_at else timedelta()

    async def claim(self, read: Mapping[str, datetime], found: Sequence[Notification], lease: timedelta) -> set[str]:
        """Claim messages for the lease, if they are still as they were `read` and due; returns the claimed ids.

        The same write stores the provider about to be called, and our reference.
        """
        token, waits = secrets.token_hex(6), {"$in": [state.value for state in WAITING]}
        until = {"$add": ["$$NOW", lease // timedelta(milliseconds=1)]}
        writes = []
        for one in found:
            one.claim = token
            change: dict[str, Any] = {"due_at": until, "claim": token}
            if one.state is DeliveryState.SENDING:
                change["state"] = DeliveryState.SENDING.value
            if one.calling is not None:
                change |= {"calling": {"$literal": one.calling}, "ours": one.ours}
            as_read = {"_id": one.id, "due_at": read[one.id], "state": waits}
            writes.append(UpdateOne(as_read, [{"$set": change}]))
        done = await self.collection.bulk_write(writes, ordered=False)
        ids = [one.id for one in found]
        if done.matched_count == len(ids):
            return set(ids)
        mine = await self.collection.find({"_id": {"$in": ids}, "claim": token}, {"_id": 1}).to_list(None)
        return {document["_id"] for document in mine}

    async def save(self, notifications: Sequence[Notification]) -> None:
        """Save the results of claimed notifications."""
        writes = []
        for notification in notifications:
            document = notification.document()
            mine = {"_id": document.pop("_id"), "claim": document.pop("claim")}
            gone = {name: "" for name in CAN_GO if name not in document}
            writes.append(UpdateOne(mine, {"$set": document, "$unset": {**gone, "claim": ""}}))
        await self.collection.bulk_write(writes, ordered=False)

    async def named(self, provider: str, names: Sequence[tuple[str | None, str | None]]) -> list[Notification]:
        """The messages with these references: ours or, without it, the provider's."""
        ours = [mine for mine, _ in names if mine is not None]
        theirs = [other for mine, other in names if mine is None and other is not None]
        either: list[dict[str, Any]] = [{"ours": {"$in": ours}}] if ours else []
        either += [{"reference": {"$in": theirs}, "provider": provider}] if theirs else []
        return await self._found({"$or": either}) if either else []

    async def replace(self, read: Notification, now: Notification) -> bool:
        """Save a changed message, if it is still as it was read; claiming and saving change that."""
        before, after = read.document(), now.document()
        as_read = {name: before.get(name, {"$exists": False}) for name in ("state", "claim", "calling", "due_at")}
        attempts = {"attempts": {"$size": len(read.attempts)}}
        changed = {name: value for name, value in after.items() if before.get(name) != value}
        gone = dict.fromkeys(before.keys() - after.keys(), "")
        change = {name: values for name, values in (("$set", changed), ("$unset", gone)) if values}
        written = await self.collection.update_one({"_id": read.id, **as_read, **attempts}, change)
        return bool(written.matched_count)

    async def find(self, ids: Ids[str]) -> list[Notification]:
        """Those of the ids that are recorded."""
        return await self._found({"_id": {"$in": list(ids)}})

    async def later(self, numbers: Ids[str]) -> list[Notification]:
        """The messages about these requests that may include others."""
        ranges = [ids for number in numbers for ids in ids_about(number)]
        return await self._found({"$or": ranges, "template": {"$in": list(LATER)}})

    async def include(self, included_in: Mapping[str, str]) -> int:
        """Cancel those that still wait and note which message includes each; returns their number.

        As in `RecordStore`, the driver need not retry it: after a fault all is looked up again.
        """
        waiting = {"state": DeliveryState.CREATED.value, "event": {"$exists": True}, "claim": {"$exists": False}}
        writes = [
            UpdateMany(
                {"_id": earlier, **waiting},
                {"$set": {"state": DeliveryState.CANCELLED.value, "included_in": later}, "$unset": {"due_at": ""}},
            )
            for earlier, later in included_in.items()
        ]
        return int((await self.collection.bulk_write(writes, ordered=False)).modified_count)

    async def unread(self, citizen_id: str, since: datetime, limit: int) -> int:
        """The number of a citizen's unread messages since a time, at most `limit`."""
        mine = {"citizen_id": citizen_id, "created_at": {"$gte": since}, **UNREAD}
        return int(await self.collection.count_documents(mine, limit=limit))

    async def mark_read(self, citizen_id: str, ids: Ids[str], at: datetime) -> None:
        """Mark the citizen's own messages among the ids as read."""
        await self._mark_read({"citizen_id": citizen_id, "_id": {"$in": list(ids)}}, at)

    async def mark_read_up_to(self, citizen_id: str, last: str, at: datetime) -> None:
        """Mark a message of the citizen and all older ones as read; nothing if it is another person's."""
        mine = {"citizen_id": citizen_id, "_id": last}
        found = await self.collection.find_one(mine, {"created_at": 1})
        if found is not None:
            await self._mark_read({"citizen_id": citizen_id, "created_at": {"$lte": found["created_at"]}}, at)

    async def _mark_read(self, which: dict[str, Any], at: datetime) -> None:
        await self.collection.update_many({**which, **UNREAD}, {"$set": {"read_at": at}})

    async def about_request(self, number: str) -> list[Notification]:
        """The notifications to the citizen of a request."""
        return await self._found(_to_citizen_about(number))

    async def forget_request(self, number: str, nobody: str) -> None:
        """Remove text, address and citizen from every message about a request; waiting ones are no longer sent.

        Messages to followers stay: they contain nothing of the citizen.
        """
        await self._forget(_to_citizen_about(number), nobody)

    async def forget_citizen(self, citizen_id: str) -> None:
        """Remove text and address from every message to a citizen, and the citizen from those about requests."""
        written = [{name: {"$exists": True}} for name in ("words", "to", "event")]
        own = {"citizen_id": str(citizen_id), "subject": str(citizen_id), "$or": written}
        await self._forget(own, citizen_id)
        await self._forget({"citizen_id": str(citizen_id), "subject": {"$ne": str(citizen_id)}}, NOBODY)

    async def _forget(self, whose: dict[str, Any], nobody: str) -> None:
        under_way = {"state": DeliveryState.SENDING.value, "claim": {"$exists": True}}
        waiting = {"$and": [whose, {"$or": [{"state": DeliveryState.CREATED.value}, under_way]}]}
        await self.collection.update_many(waiting, {"$set": {"state": DeliveryState.CANCELLED.value}})
        personal = dict.fromkeys(("words", "to", "event", "due_at", "claim", "calling"), "")
        await self.collection.update_many(whose, {"$set": {"citizen_id": nobody}, "$unset": personal})

    async def _found(self, query: dict[str, Any]) -> list[Notification]:
        return _all(await self.collection.find(query).to_list(None))

    async def _newest(self, query: dict[str, Any], limit: int) -> list[Notification]:
        with listing():
            return _all(await self.collection.find(query).sort(NEWEST_FIRST).limit(limit).to_list(None))


def _all(documents: Sequence[Mapping[str, Any]]) -> list[Notification]:
    return [Notification.of(document) for document in documents]


def steps_query(digests: Ids[str]) -> dict[str, Any]:
    """The query for the steps that these digests include."""
    return {"included_in": {"$in": list(digests)}, "step": {"$exists": True}}


def ids_about(number: str) -> list[dict[str, Any]]:
    """Ranges of the ids of all messages about a request."""
    return [{"_id": {"$gte": f"{source}/{number}/", "$lt": f"{source}/{number}0"}} for source in SOURCES]


def _to_citizen_about(number: str) -> dict[str, Any]:
    return {"$or": ids_about(number), "template": {"$nin": list(TO_FOLLOWERS)}}
