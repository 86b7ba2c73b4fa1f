"""`identity.staff`: accounts of those who work here."""

from dataclasses import asdict
from typing import Any

from pymongo import ASCENDING

from services.identity.models.staff import StaffMember
from services.identity.store.inserting import inserted
from shared.mongo import Database
from shared.rights import Role

Document = dict[str, Any]


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
        return await inserted(self.collection, {"_id": document.pop("id"), **document})

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
