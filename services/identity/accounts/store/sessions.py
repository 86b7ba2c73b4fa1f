"""`identity.sessions`: logins with their successive refresh tokens."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from services.identity.accounts.models.session import Session, lifetime_of
from shared.mongo import Database
from shared.rights import Role

SPENT_KEPT = 500
MAX_LISTED = 100
Document = dict[str, Any]


class SessionStore:
    """`identity.sessions`; deleted after their maximum lifetime."""

    def __init__(self, database: Database) -> None:
        self.collection = database["sessions"]

    async def create_indexes(self) -> None:
        """Find sessions by the hash of current and spent refresh tokens, by account, and by time of ending."""
        await self.collection.create_index([("secret", ASCENDING)], unique=True)
        await self.collection.create_index([("spent", ASCENDING)])
        await self.collection.create_index([("account", ASCENDING)])
        await self.collection.create_index([("ends_at", ASCENDING)], expireAfterSeconds=0)
        await self.collection.create_index([("ended_at", ASCENDING)], sparse=True)

    async def add(self, session: Session) -> None:
        """Insert a new session."""
        document = asdict(session) | {"spent": [], "idle": _milliseconds(lifetime_of(session.role).idle)}
        await self.collection.insert_one({"_id": document.pop("id"), **document})

    async def alive(self, session_id: str, now: datetime) -> bool:
        """Whether the session has neither ended nor expired."""
        return await self.collection.find_one({"_id": str(session_id), **_running(now)}, {"_id": 1}) is not None

    async def rotate(self, secret: str, new_secret: str, now: datetime) -> Session | None:
        """Replace the refresh token, atomically; returns the session, or None if the token is not valid."""
        changed = {
            "secret": {"$literal": new_secret},
            "used_at": now,
            "idle_until": {"$min": [{"$add": [now, "$idle"]}, "$ends_at"]},
            "spent": {"$slice": [{"$concatArrays": ["$spent", ["$secret"]]}, -SPENT_KEPT]},
        }
        found = await self.collection.find_one_and_update(
            {"secret": secret, **_running(now)}, [{"$set": changed}], return_document=ReturnDocument.AFTER
        )
        return _session(found) if found else None

    async def given_since(self, secret: str, device: str, since: datetime, now: datetime) -> Session | None:
        """The running session of a device whose unused refresh token is this one, issued since then."""
        unused = {"secret": secret, "device": device, "used_at": {"$gt": since}}
        found = await self.collection.find_one({**unused, **_running(now)})
        return _session(found) if found else None

    async def end_spent(self, secret: str, now: datetime) -> str | None:
        """End the session that once had this refresh token; returns its id."""
        found = await self.collection.find_one_and_update(
            {"spent": secret}, [{"$set": {"ended_at": {"$ifNull": ["$ended_at", now]}}}]
        )
        return str(found["_id"]) if found else None

    async def end(self, session_id: str, now: datetime) -> None:
        """End a session."""
        await self.collection.update_one(
            {"_id": str(session_id), "ended_at": {"$exists": False}}, {"$set": {"ended_at": now}}
        )

    async def end_own(self, account: str, session_id: str, now: datetime) -> bool:
        """End one session of an account; False if it has no such session."""
        own = {"_id": str(session_id), "account": str(account), **_running(now)}
        return (await self.collection.update_one(own, {"$set": {"ended_at": now}})).matched_count == 1

    async def end_all(self, account: str, now: datetime, keep: str | None = None) -> None:
        """End every session of an account except the one to keep."""
        running = {"account": str(account), "ended_at": {"$exists": False}, "_id": {"$ne": keep}}
        await self.collection.update_many(running, {"$set": {"ended_at": now}})

    async def of_account(self, account: str, now: datetime) -> list[Session]:
        """The running sessions of an account, newest first."""
        found = self.collection.find({"account": str(account), **_running(now)}).sort("opened_at", DESCENDING)
        return [_session(document) for document in await found.limit(MAX_LISTED).to_list(None)]

    async def ended_since(self, since: datetime) -> list[str]:
        """The ids of sessions that were ended since then."""
        found = await self.collection.find({"ended_at": {"$gte": since}}, {"_id": 1}).to_list(None)
        return [str(document["_id"]) for document in found]


def _running(now: datetime) -> Document:
    return {"ended_at": {"$exists": False}, "idle_until": {"$gt": now}, "ends_at": {"$gt": now}}


def _session(document: Document) -> Session:
    kept = {name: document[name] for name in Session.__dataclass_fields__ if name in document}
    return Session(id=document["_id"], **kept | {"role": Role(document["role"])})


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
