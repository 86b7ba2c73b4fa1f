"""Entries of the audit that are altered, deleted or added behind the service's back are found."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from services.identity.accounts.models.audit import AuditedAct, What
from services.identity.staff.service.audit import Audit
from services.identity.staff.store.audit import AuditStore
from shared.clock import utc_now
from shared.mongo import Database, connect
from tests.unit.identity.world import RING

Tamper = Callable[[Database], Awaitable[object]]
ENTRIES = 6


@pytest.fixture(autouse=True)
def pages_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain is read in several pages, as a long one is."""
    monkeypatch.setattr("services.identity.staff.service.audit.BATCH", 2)


@pytest.fixture
async def database(environment: dict[str, str]) -> AsyncIterator[Database]:
    """A chain of six entries in a database of its own."""
    async with connect(environment["mongo_url"], "audit_identity") as database:
        await database.client.drop_database(database.name)
        store = AuditStore(database)
        await store.create_indexes()
        audit = Audit(store, RING)
        for n in range(1, ENTRIES + 1):
            await audit.enter(AuditedAct(f"act-{n}", utc_now(), What.ROLE_CHANGED, "admin", "member", {"role": "head"}))
        yield database
        await database.client.drop_database(database.name)


async def copy_over(database: Database) -> None:
    """Put entry 2 in the place of entry 4."""
    second = await database["audit"].find_one({"_id": 2})
    assert second is not None
    await database["audit"].delete_many({"_id": {"$in": [2, 4]}})
    await database["audit"].insert_one(second | {"_id": 4})


TAMPERINGS: dict[str, tuple[Tamper, int]] = {
    "a word": (lambda db: db["audit"].update_one({"_id": 3}, {"$set": {"act.details.role": "officer"}}), 3),
    "who did it": (lambda db: db["audit"].update_one({"_id": 3}, {"$set": {"act.by": "another"}}), 3),
    "when": (lambda db: db["audit"].update_one({"_id": 3}, {"$set": {"act.at": utc_now()}}), 3),
    "its hash": (lambda db: db["audit"].update_one({"_id": 3}, {"$set": {"hash": "0" * 64}}), 3),
    "the first is gone": (lambda db: db["audit"].delete_one({"_id": 1}), 1),
    "one is gone": (lambda db: db["audit"].delete_one({"_id": 3}), 3),
    "the last is gone": (lambda db: db["audit"].delete_one({"_id": ENTRIES}), ENTRIES),
    "all are gone": (lambda db: db["audit"].delete_many({}), 1),
    "one in the place of another": (copy_over, 2),
}


async def test_an_untouched_chain_holds(database: Database) -> None:
    assert await Audit(AuditStore(database), RING).verify() == (ENTRIES, None)


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_tampering_is_found(database: Database, name: str) -> None:
    tamper, place = TAMPERINGS[name]
    await tamper(database)
    _, broken = await Audit(AuditStore(database), RING).verify()
    assert broken == place


async def test_the_chain_cannot_be_made_anew_without_the_key(database: Database) -> None:
    forged = Audit(AuditStore(database), type(RING)(b"d" * 32, b"x" * 32))
    await database["audit"].delete_many({})
    await database["audit_head"].delete_many({})
    for n in range(1, ENTRIES + 1):
        await forged.enter(AuditedAct(f"act-{n}", utc_now(), What.MADE, "admin", "member"))
    assert await Audit(AuditStore(database), RING).verify() == (ENTRIES, 1)
