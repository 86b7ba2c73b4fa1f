"""What must be remembered of callbacks: reports that came early, and the SMS that were taken in."""

from collections.abc import Sequence
from datetime import timedelta

from pymongo import ASCENDING, DESCENDING, DeleteOne, ReplaceOne

from services.notifier.models import Early, State
from shared.clock import Clock
from shared.mongo.client import Collection

EARLY_FOR = timedelta(minutes=15)
"""How much earlier than our own note of the message a report may come; afterwards it is about none of ours."""
TAKEN_FOR = timedelta(days=7)
"""How long a provider may go on bringing the same SMS."""


class CallbackStore:
    """Both by the provider and its name for the message; both expire."""

    def __init__(self, early: Collection, taken: Collection, clock: Clock) -> None:
        self._early = early
        self._taken = taken
        self._clock = clock

    async def create_indexes(self) -> None:
        """Both expire."""
        for collection, lasts in ((self._early, EARLY_FOR), (self._taken, TAKEN_FOR)):
            await collection.create_index([("at", ASCENDING)], expireAfterSeconds=round(lasts.total_seconds()))

    async def keep_early(self, reports: Sequence[Early]) -> None:
        """Keep what is about messages that nobody knows yet; of each message the last report."""
        writes = [
            ReplaceOne(
                {"_id": _name(one)},
                {
                    "provider": one.provider,
                    "theirs": one.theirs,
                    "state": one.state.value,
                    "bad_address": one.bad_address,
                    "at": self._clock(),
                },
                upsert=True,
            )
            for one in reports
        ]
        if writes:
            await self._early.bulk_write(writes, ordered=True)

    async def early(self, limit: int) -> list[Early]:
        """What is kept, the newest first: what is old is hardly ours."""
        found = await self._early.find().sort("at", DESCENDING).limit(limit).to_list(None)
        return [Early(one["provider"], one["theirs"], State(one["state"]), one["bad_address"]) for one in found]

    async def forget_early(self, reports: Sequence[Early]) -> None:
        """These have found their messages. One that was replaced meanwhile stays."""
        if reports:
            await self._early.bulk_write(
                [DeleteOne({"_id": _name(one), "state": one.state.value}) for one in reports], ordered=False
            )

    async def is_taken(self, provider: str, name: str) -> bool:
        """Whether an SMS was taken in before."""
        return await self._taken.find_one({"_id": f"{provider}/{name}"}) is not None

    async def note_taken(self, provider: str, name: str) -> None:
        """Remember that an SMS was taken in."""
        key = {"_id": f"{provider}/{name}"}
        await self._taken.replace_one(key, {"at": self._clock()}, upsert=True)


def _name(report: Early) -> str:
    return f"{report.provider}/{report.theirs}"
