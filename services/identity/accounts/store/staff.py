"""`identity.staff`: accounts of staff."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ASCENDING

from services.identity.accounts.models.staff import PublishedMember, StaffMember
from services.identity.accounts.models.totp import SecondFactor
from services.identity.accounts.store.inserting import inserted
from shared.mongo import Database, RecordStore, index_where, text
from shared.rights import Role

Document = dict[str, Any]


class StaffStore:
    """`identity.staff`."""

    def __init__(self, database: Database) -> None:
        self.collection = database["staff"]

    async def create_indexes(self) -> None:
        """Unique logins and keys; lists in order of creation; unsettled members."""
        await self.collection.create_index([("login", ASCENDING)], unique=True)
        await index_where(self.collection, "made_by_key", "string", unique=True)
        await self.collection.create_index([("made_at", ASCENDING), ("_id", ASCENDING)])
        await self.collection.create_index(
            [("unsettled", ASCENDING)], partialFilterExpression={"unsettled": {"$eq": True}}
        )

    async def get(self, staff_id: str) -> StaffMember | None:
        """The member, or None."""
        return await self._one({"_id": str(staff_id)})

    async def by_login(self, login: str) -> StaffMember | None:
        """The member with that login."""
        return await self._one({"login": str(login)})

    async def by_key(self, key: str) -> StaffMember | None:
        """The member created with that key."""
        return await self._one({"made_by_key": text(key)})

    async def add(self, member: StaffMember) -> bool:
        """Insert a new member; False if login or key are taken."""
        return await inserted(self.collection, {"_id": member.id, **_fields(member)})

    async def save(self, member: StaffMember) -> bool:
        """Write a member if its revision is still the stored one; False if another writer was faster."""
        revisions = [member.rev, None] if member.rev == 0 else [member.rev]  # members from before there were revisions
        result = await self.collection.update_one(
            {"_id": member.id, "rev": {"$in": revisions}}, {"$set": _fields(member) | {"rev": member.rev + 1}}
        )
        return result.matched_count == 1

    async def page(self, after: tuple[datetime, str] | None, limit: int) -> list[StaffMember]:
        """A page of members in the order of creation, after the cursor (made_at, id)."""
        query: Document = {}
        if after is not None:
            at, member_id = after
            query = {"$or": [{"made_at": {"$gt": at}}, {"made_at": at, "_id": {"$gt": str(member_id)}}]}
        cursor = self.collection.find(query).sort([("made_at", ASCENDING), ("_id", ASCENDING)]).limit(limit)
        return [_member(found) for found in await cursor.to_list(None)]

    async def unsettled(self, limit: int) -> list[StaffMember]:
        """Members whose last change is not settled."""
        return [_member(found) for found in await self.collection.find({"unsettled": True}).limit(limit).to_list(None)]

    async def note_unpublished(self) -> None:
        """Have members from before publishing began published."""
        await self.collection.update_many({"unpublished": {"$exists": False}}, {"$set": {"unsettled": True}})

    async def settled(self, member: StaffMember) -> None:
        """Note that this revision of the member is settled."""
        done = {"unsettled": False, "acts": [], "ends_sessions": False, "unpublished": False}
        await self.collection.update_one({"_id": member.id, "rev": member.rev}, {"$set": done})

    async def set_password(self, staff_id: str, old: str, new: str) -> None:
        """Replace the hash if it is still the old one."""
        exchanged = {"$set": {"password": new}, "$inc": {"rev": 1}}
        await self.collection.update_one({"_id": str(staff_id), "password": old}, exchanged)

    async def has_admin(self) -> bool:
        """Whether there is an administrator who may log in."""
        return await self._one({"role": Role.ADMIN.value, "disabled": False, "proposed_by": None}) is not None

    async def _one(self, query: Document) -> StaffMember | None:
        found = await self.collection.find_one(query)
        return _member(found) if found else None


class PublishedMemberStore(RecordStore[PublishedMember]):
    """`identity.staff_names`: publishes names, roles and departments of staff."""

    kind = PublishedMember


def _fields(member: StaffMember) -> Document:
    document = asdict(member) | {"acts": list(member.acts), "unsettled": member.unsettled}
    del document["id"]
    return document


def _member(found: Document) -> StaffMember:
    known = {name: found[name] for name in StaffMember.__dataclass_fields__ if name in found}
    read: Document = {"role": Role(found["role"]), "acts": tuple(found.get("acts", ())), "totp": _totp(found)}
    return StaffMember(id=found["_id"], **known | read)


def _totp(found: Document) -> SecondFactor | None:
    totp = found.get("totp")
    return SecondFactor(**totp | {"recovery": tuple(totp["recovery"])}) if totp else None
