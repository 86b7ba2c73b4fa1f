"""Compares, after a fault run, the requests that got a 201 with what every service and queue has."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from tools.chaos.department import Received
from tools.chaos.load import Load

STEPS = ["submit", "pass", "route"]
TEMPLATES = 2  # a citizen is told that it was submitted, and that it was routed


@dataclass
class Verdict:
    """What is missing or duplicated, by number; all lists are empty if every promise was kept."""

    acknowledged: int
    lost_requests: list[str] = field(default_factory=list)
    lost_assignments: list[str] = field(default_factory=list)
    lost_deliveries: list[str] = field(default_factory=list)
    lost_notifications: list[str] = field(default_factory=list)
    unfinished_history: list[str] = field(default_factory=list)
    wrong_history: list[str] = field(default_factory=list)
    doubled_deliveries: list[str] = field(default_factory=list)
    doubled_notifications: list[str] = field(default_factory=list)
    doubled_filings: list[str] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Requests of which something is missing."""
        lists = (
            self.lost_requests,
            self.lost_assignments,
            self.lost_deliveries,
            self.lost_notifications,
            self.unfinished_history,
        )
        return len({number for one in lists for number in one})

    @property
    def doubled(self) -> int:
        """Requests with something duplicated, or a history out of order."""
        lists = (self.doubled_deliveries, self.doubled_notifications, self.doubled_filings, self.wrong_history)
        return len({number for one in lists for number in one})


async def audit(mongo_url: str, load: Load, received: Received) -> Verdict:
    """Check every acknowledged request in all three services and on the departments' queues."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_url)
    numbers = list(load.acknowledged)
    verdict = Verdict(acknowledged=len(numbers))
    try:
        requests = await _by_id(client["rabta_requests"]["requests"], numbers, {"history": 1, "parked": 1})
        assignments = await _by_id(client["rabta_routing"]["assignments"], numbers, {"state": 1, "history": 1})
        told = await _told(client["rabta_notifier"]["notifications"], numbers)
        keys = await _filings_by_key(client["rabta_requests"]["requests"])
    finally:
        client.close()
    for number in numbers:
        if number not in requests:
            verdict.lost_requests.append(number)
        elif (steps := [step["action"] for step in requests[number]["history"]]) != STEPS:
            unfinished = steps == STEPS[: len(steps)]
            (verdict.unfinished_history if unfinished else verdict.wrong_history).append(number)
        if assignments.get(number, {}).get("state") != "routed":
            verdict.lost_assignments.append(number)
        elif len(assignments[number]["history"]) != 1:
            verdict.wrong_history.append(number)
        if number not in received.routed:
            verdict.lost_deliveries.append(number)
        templates = told.get(number, Counter())
        if len(templates) < TEMPLATES:
            verdict.lost_notifications.append(number)
        if any(count > 1 for count in templates.values()):
            verdict.doubled_notifications.append(number)
    verdict.doubled_deliveries = [number for number in received.doubled if number in load.acknowledged]
    verdict.doubled_filings = [key for key, count in keys.items() if count > 1]
    verdict.doubled_filings += [key for key, found in load.by_key.items() if len(found) > 1]
    return verdict


async def _by_id(collection: Any, numbers: list[str], fields: dict[str, int]) -> dict[str, dict[str, Any]]:
    found = await collection.find({"_id": {"$in": numbers}}, fields).to_list(None)
    return {document["_id"]: document for document in found}


async def _told(collection: Any, numbers: list[str]) -> dict[str, Counter[str]]:
    told: dict[str, Counter[str]] = {}
    async for document in collection.find({"subject": {"$in": numbers}}, {"subject": 1, "template": 1}):
        told.setdefault(document["subject"], Counter())[document["template"]] += 1
    return told


async def _filings_by_key(collection: Any) -> Counter[str]:
    keys: Counter[str] = Counter()
    async for document in collection.find({}, {"citizen_id": 1, "idempotency_key": 1}):
        keys[f"{document['citizen_id']}/{document['idempotency_key']}"] += 1
    return keys
