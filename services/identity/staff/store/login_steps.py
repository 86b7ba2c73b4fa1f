"""`identity.login_steps`: logins that wait for the second factor."""

from dataclasses import asdict
from datetime import datetime

from pymongo import ASCENDING

from services.identity.accounts.models.session import LoginStep
from shared.mongo import Database


class LoginStepStore:
    """`identity.login_steps`; deleted when they expire."""

    def __init__(self, database: Database) -> None:
        self.collection = database["login_steps"]

    async def create_indexes(self) -> None:
        """Expire old ones; find those of an account when its sessions end."""
        await self.collection.create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)
        await self.collection.create_index([("account", ASCENDING)])

    async def open(self, step: LoginStep) -> None:
        """Insert a new one."""
        document = asdict(step)
        await self.collection.insert_one({"_id": document.pop("id"), **document})

    async def get(self, step_id: str, now: datetime) -> LoginStep | None:
        """The unexpired step, or None."""
        found = await self.collection.find_one({"_id": str(step_id), "expires_at": {"$gt": now}})
        return LoginStep(found["_id"], found["account"], found["expires_at"]) if found else None

    async def use_up(self, step_id: str) -> bool:
        """Delete it; False if it was already used."""
        return (await self.collection.delete_one({"_id": str(step_id)})).deleted_count == 1

    async def end_all(self, account: str) -> None:
        """Delete all steps of an account."""
        await self.collection.delete_many({"account": str(account)})
