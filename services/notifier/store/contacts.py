"""Contacts in MongoDB."""

from collections.abc import Collection as Ids
from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.notifier.models.contact import Contact, Reach
from services.notifier.models.preferences import Preferences
from shared.mongo import RecordStore

REACH = ("language", "mobile", "email", "erased", "mobile_unproven", "preferences", "failing", "bad_email_left")


class ContactStore(RecordStore[Contact]):
    """Contacts, one for each citizen."""

    kind = Contact

    async def create_indexes(self) -> None:
        """Also index contacts by mobile."""
        await super().create_indexes()
        await self.collection.create_index([("mobile_index", ASCENDING)])
        await self.collection.create_index(
            [("erasing_until", ASCENDING)], partialFilterExpression={"erasing_until": {"$type": "date"}}
        )

    async def reaches(self, ids: Ids[str]) -> dict[str, Reach]:
        """How to reach these citizens, if their registration has arrived."""
        known = {"_id": {"$in": list(ids)}, "$or": [{"mobile": {"$ne": ""}}, {"erased": True}]}
        found = await self.collection.find(known, dict.fromkeys(REACH, 1)).to_list(None)
        return {d["_id"]: _reach(d) for d in found}

    async def erasing(self) -> list[Contact]:
        """Recently erased contacts, the latest first."""
        found = self.collection.find({"erasing_until": {"$type": "date"}}).sort("erasing_until", DESCENDING)
        return [Contact.of(document) for document in await found.to_list(None)]

    async def with_mobile(self, index: str) -> list[str]:
        """The ids of the citizens with a mobile, by its blind index."""
        found = await self.collection.find({"mobile_index": index}, {"_id": 1}).limit(100).to_list(None)
        return [document["_id"] for document in found]


def _reach(document: Mapping[str, Any]) -> Reach:
    return Reach(
        language=document["language"],
        mobile=document["mobile"],
        email=document.get("email", ""),
        erased=document.get("erased", False),
        mobile_unproven=document.get("mobile_unproven", False),
        preferences=Preferences.of(document.get("preferences", {})),
        failing=frozenset(document.get("failing", ())),
        bad_email_left=document.get("bad_email_left"),
    )
