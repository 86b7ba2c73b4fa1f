"""`identity.devices`: known devices, by the hash of their token."""

from dataclasses import asdict
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from services.identity.accounts.models.device import DEVICE_LIFE, Device
from shared.mongo import Database

MAX_LISTED = 100


class DeviceStore:
    """`identity.devices`; deleted after a long time without use."""

    def __init__(self, database: Database) -> None:
        self.collection = database["devices"]

    async def create_indexes(self) -> None:
        """Find devices by the hash of the token and by account; unused ones expire."""
        await self.collection.create_index([("secret", ASCENDING)], unique=True)
        await self.collection.create_index([("account", ASCENDING)])
        life = int(DEVICE_LIFE.total_seconds())
        await self.collection.create_index([("used_at", ASCENDING)], expireAfterSeconds=life)

    async def add(self, device: Device) -> None:
        """Insert a new device."""
        document = asdict(device)
        await self.collection.insert_one({"_id": document.pop("id"), **document})

    async def use(self, secret: str, now: datetime) -> Device | None:
        """The device with that token, marked as used now; None if there is none or it has expired."""
        live = {"secret": str(secret), "used_at": {"$gt": now - DEVICE_LIFE}}
        found = await self.collection.find_one_and_update(
            live, {"$set": {"used_at": now}}, return_document=ReturnDocument.AFTER
        )
        return None if found is None else Device(id=found.pop("_id"), **found)

    async def of_account(self, account: str) -> list[Device]:
        """The devices of an account, last used first."""
        found = self.collection.find({"account": str(account)}).sort("used_at", DESCENDING).limit(MAX_LISTED)
        return [Device(id=document.pop("_id"), **document) for document in await found.to_list(None)]

    async def forget(self, account: str, device_id: str) -> bool:
        """Delete a device of an account; False if it has no such device."""
        gone = await self.collection.delete_one({"_id": str(device_id), "account": str(account)})
        return gone.deleted_count == 1

    async def forget_all(self, account: str) -> None:
        """Delete all devices of an account."""
        await self.collection.delete_many({"account": str(account)})
