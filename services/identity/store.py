"""The only module of this service that knows MongoDB: indexes and queries of its seven collections."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.identity.models.challenge import KEPT, TRIES, TRIES_A_CODE, Challenge
from services.identity.models.citizen import Citizen
from services.identity.models.keys import SigningKey
from services.identity.models.session import Session, lifetime_of
from services.identity.models.staff import Department, StaffMember
from shared.mongo import Database, RecordStore
from shared.rights import Role

SPENT_KEPT = 500
KEYS_KEPT = 2
SIGNING = "signing"
Document = dict[str, Any]


class CitizenStore(RecordStore[Citizen]):
    """`identity.citizens`."""

    kind = Citizen

    async def create_indexes(self) -> None:
        """One account for a CNIC, one for a mobile, whoever is first."""
        await super().create_indexes()
        for name in ("cnic_index", "mobile_index"):
            await self.collection.create_index([(name, ASCENDING)], unique=True)
        await self.collection.create_index(
            [("code.challenge", ASCENDING)], partialFilterExpression={"code.challenge": {"$type": "string"}}
        )

    async def owners(self, cnic_index: str, mobile_index: str) -> list[Citizen]:
        """The accounts that hold this CNIC or this mobile: none, one or two."""
        either = {"$or": [{"cnic_index": str(cnic_index)}, {"mobile_index": str(mobile_index)}]}
        return [Citizen.of(document) for document in await self.collection.find(either).to_list(None)]

    async def by_index(self, index: str) -> Citizen | None:
        """The account with this CNIC or mobile."""
        either = {"$or": [{"cnic_index": str(index)}, {"mobile_index": str(index)}]}
        document = await self.collection.find_one(either)
        return Citizen.of(document) if document else None

    async def by_challenge(self, challenge: str) -> Citizen | None:
        """The account whose present code answers this challenge."""
        document = await self.collection.find_one({"code.challenge": str(challenge)})
        return Citizen.of(document) if document else None


class DepartmentStore(RecordStore[Department]):
    """`identity.departments`."""

    kind = Department


class ChallengeStore:
    """`identity.challenges`: counters of codes, deleted a day after the last code."""

    def __init__(self, database: Database) -> None:
        self.collection = database["challenges"]

    async def create_indexes(self) -> None:
        """Old ones go by themselves."""
        await self.collection.create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)

    async def get(self, challenge_id: str) -> Challenge | None:
        """The counters, or None."""
        found = await self.collection.find_one({"_id": str(challenge_id)})
        return Challenge(found["_id"], tuple(found["sends"]), found["tries"], found["tries_in_all"]) if found else None

    async def open(self, challenge: Challenge) -> bool:
        """Keep a new challenge; False when one with this id is there."""
        counters = {"sends": list(challenge.sends), "tries": 0, "tries_in_all": 0}
        expires_at = challenge.sends[-1] + KEPT
        return await _inserted(self.collection, {"_id": challenge.id, **counters, "expires_at": expires_at})

    async def replace(self, old: Challenge, new: Challenge) -> bool:
        """Exchange it unless a code was sent since `old` was read; tries counted meanwhile stay counted."""
        changed = {"sends": list(new.sends), "tries": 0, "expires_at": new.sends[-1] + KEPT}
        result = await self.collection.update_one(
            {"_id": old.id, "sends": list(old.sends)},
            {"$set": changed, "$inc": {"tries_in_all": new.tries_in_all - old.tries_in_all}},
        )
        return result.matched_count == 1

    async def claim_try(self, challenge_id: str) -> bool:
        """Count one try of the newest code, atomically; False when none is left, or no such challenge."""
        left = {"_id": str(challenge_id), "tries": {"$lt": TRIES_A_CODE}, "tries_in_all": {"$lt": TRIES}}
        result = await self.collection.update_one(left, {"$inc": {"tries": 1, "tries_in_all": 1}})
        return result.matched_count == 1


class ThrottleStore:
    """`identity.throttles`: counters that start anew after a time."""

    def __init__(self, database: Database) -> None:
        self.collection = database["throttles"]

    async def create_indexes(self) -> None:
        """Old ones go by themselves."""
        await self.collection.create_index([("ends_at", ASCENDING)], expireAfterSeconds=0)

    async def claim(self, key: str, now: datetime, window: timedelta) -> tuple[int, datetime]:
        """Count one, atomically: how many since the window began, and when it ends."""
        over = {"$lte": ["$ends_at", now]}  # true also where there is no such field yet
        count = {"$cond": [over, 1, {"$add": ["$count", 1]}]}
        ends_at = {"$cond": [over, now + window, "$ends_at"]}
        update = [{"$set": {"count": count, "ends_at": ends_at}}]
        for _ in range(2):
            try:
                found = await self.collection.find_one_and_update(
                    {"_id": key}, update, upsert=True, return_document=ReturnDocument.AFTER
                )
                break
            except DuplicateKeyError:  # two made it at once: now it is there
                continue
        return found["count"], found["ends_at"]

    async def give_back(self, key: str) -> None:
        """Count one less."""
        await self.collection.update_one({"_id": key, "count": {"$gt": 0}}, {"$inc": {"count": -1}})

    async def clear(self, key: str) -> None:
        """Start anew."""
        await self.collection.delete_one({"_id": key})


class SessionStore:
    """`identity.sessions`: deleted when their longest time is over."""

    def __init__(self, database: Database) -> None:
        self.collection = database["sessions"]

    async def create_indexes(self) -> None:
        """Refresh tokens are found by their hash, good and spent ones."""
        await self.collection.create_index([("secret", ASCENDING)], unique=True)
        await self.collection.create_index([("spent", ASCENDING)])
        await self.collection.create_index([("account", ASCENDING)])
        await self.collection.create_index([("ends_at", ASCENDING)], expireAfterSeconds=0)

    async def add(self, session: Session) -> None:
        """Keep a new session."""
        document = asdict(session) | {"spent": [], "idle": _milliseconds(lifetime_of(session.role).idle)}
        await self.collection.insert_one({"_id": document.pop("id"), **document})

    async def alive(self, session_id: str, now: datetime) -> bool:
        """Whether it was not ended and has not run out."""
        return await self.collection.find_one({"_id": str(session_id), **_running(now)}, {"_id": 1}) is not None

    async def rotate(self, secret: str, new_secret: str, now: datetime) -> Session | None:
        """Exchange the refresh token, atomically; the session, or None when that token is not good."""
        changed = {
            "secret": {"$literal": new_secret},
            "idle_until": {"$min": [{"$add": [now, "$idle"]}, "$ends_at"]},
            "spent": {"$slice": [{"$concatArrays": ["$spent", ["$secret"]]}, -SPENT_KEPT]},
        }
        found = await self.collection.find_one_and_update(
            {"secret": secret, **_running(now)}, [{"$set": changed}], return_document=ReturnDocument.AFTER
        )
        return _session(found) if found else None

    async def end_spent(self, secret: str, now: datetime) -> str | None:
        """End the session that once had this refresh token; its id."""
        found = await self.collection.find_one_and_update({"spent": secret}, {"$set": {"ended_at": now}})
        return str(found["_id"]) if found else None

    async def end(self, session_id: str, now: datetime) -> None:
        """End it."""
        await self.collection.update_one({"_id": str(session_id)}, {"$set": {"ended_at": now}})


class StaffStore:
    """`identity.staff`."""

    def __init__(self, database: Database) -> None:
        self.collection = database["staff"]

    async def create_indexes(self) -> None:
        """One account for a login."""
        await self.collection.create_index([("login", ASCENDING)], unique=True)

    async def get(self, staff_id: str) -> StaffMember | None:
        """The member, or None."""
        return await self._one({"_id": str(staff_id)})

    async def by_login(self, login: str) -> StaffMember | None:
        """The member with that login."""
        return await self._one({"login": str(login)})

    async def add(self, member: StaffMember) -> bool:
        """Keep a new member; False when the login is taken."""
        document = asdict(member)
        return await _inserted(self.collection, {"_id": document.pop("id"), **document})

    async def set_password(self, staff_id: str, old: str, new: str) -> None:
        """Exchange the hash if it is still the old one."""
        await self.collection.update_one({"_id": staff_id, "password": old}, {"$set": {"password": new}})

    async def has_admin(self) -> bool:
        """Whether there is an administrator."""
        return await self._one({"role": Role.ADMIN.value, "disabled": False}) is not None

    async def _one(self, query: Document) -> StaffMember | None:
        found = await self.collection.find_one(query)
        if found is None:
            return None
        known = {name: found[name] for name in StaffMember.__dataclass_fields__ if name not in ("id", "role")}
        return StaffMember(id=found["_id"], role=Role(found["role"]), **known)


class KeyStore:
    """`identity.keys`: one document with the signing keys, newest first."""

    def __init__(self, database: Database) -> None:
        self.collection = database["keys"]

    async def all(self) -> list[SigningKey]:
        """The keys; none before the first start."""
        found = await self.collection.find_one({"_id": SIGNING})
        return [SigningKey(**key) for key in found["keys"]] if found else []

    async def add(self, key: SigningKey, newest: str | None) -> None:
        """Put a key in front if the newest is still that one (None: if there is none); else do nothing."""
        if newest is None:
            await _inserted(self.collection, {"_id": SIGNING, "keys": [asdict(key)]})
            return
        front = {"$each": [asdict(key)], "$position": 0, "$slice": KEYS_KEPT}
        await self.collection.update_one({"_id": SIGNING, "keys.0.kid": newest}, {"$push": {"keys": front}})


def _running(now: datetime) -> Document:
    return {"ended_at": {"$exists": False}, "idle_until": {"$gt": now}, "ends_at": {"$gt": now}}


def _session(document: Document) -> Session:
    kept = {name: document[name] for name in Session.__dataclass_fields__ if name not in ("id", "role")}
    return Session(id=document["_id"], role=Role(document["role"]), **kept)


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


async def _inserted(collection: Any, document: Document) -> bool:
    """Insert a document; False when something unique is taken."""
    try:
        await collection.insert_one(document)
    except DuplicateKeyError:
        return False
    return True
