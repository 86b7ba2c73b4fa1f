"""Identity's use cases over MongoDB: the cases that a database can break. Unit tests run all of them in memory."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.identity.accounts.store.citizens import CitizenStore
from services.identity.accounts.store.sessions import SessionStore
from services.identity.accounts.store.staff import PublishedMemberStore, StaffStore
from services.identity.accounts.store.throttles import ThrottleStore
from services.identity.codes.store.challenges import ChallengeStore
from services.identity.keys.store.keys import KeyStore
from services.identity.keys.tokens import Tokens
from services.identity.sessions.store.devices import DeviceStore
from services.identity.staff.store.audit import AuditStore
from services.identity.staff.store.departments import DepartmentSecretStore
from services.identity.staff.store.login_steps import LoginStepStore
from shared.mongo import Database, ServerClock, connect
from tests.unit.identity import (
    account_cases,
    code_cases,
    counter_cases,
    day_cases,
    device_cases,
    household_cases,
    mobile_cases,
    password_cases,
    refresh_cases,
    registration_cases,
    second_factor_cases,
    session_cases,
    staff_cases,
    unproven_cases,
)
from tests.unit.identity.world import ISSUER, OVER_MONGODB, RING, Stores, World

MARKS = {"lease": 30.0, "settle_after": 120.0}


@pytest.fixture(scope="module")
async def database(environment: dict[str, str]) -> AsyncIterator[Database]:
    """A new database, with all indexes."""
    async with connect(environment["mongo_url"], "use_cases_identity") as database:
        await CitizenStore(database["citizens"], ServerClock(database), **MARKS).create_indexes()
        for store in (ChallengeStore, ThrottleStore, SessionStore, StaffStore, AuditStore, LoginStepStore, DeviceStore):
            await store(database).create_indexes()
        yield database
        await database.client.drop_database(database.name)


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    """The use cases over empty collections."""
    for name in (
        "citizens",
        "departments",
        "challenges",
        "tries",
        "sessions",
        "staff",
        "staff_names",
        "audit",
        "audit_head",
        "login_steps",
        "devices",
    ):
        await database[name].delete_many({})
    world = World(stores_of(database))
    yield world
    world.hasher.close()


def stores_of(database: Database) -> Stores:
    """All stores of one database."""
    clock = ServerClock(database)
    return Stores(
        citizens=CitizenStore(database["citizens"], clock, **MARKS),
        departments=DepartmentSecretStore(database["departments"], clock, **MARKS),
        challenges=ChallengeStore(database),
        throttles=ThrottleStore(database),
        sessions=SessionStore(database),
        staff=StaffStore(database),
        keys=KeyStore(database),
        audit=AuditStore(database),
        steps=LoginStepStore(database),
        devices=DeviceStore(database),
        published=PublishedMemberStore(database["staff_names"], clock, **MARKS),
    )


def over_mongodb(promises: type) -> type:
    """The cases of a class that are marked `also_over_mongodb`."""
    others = [name for name in dir(promises) if name.startswith("test_") and not is_marked(promises, name)]
    return type(promises.__name__, (promises,), {"__doc__": promises.__doc__} | dict.fromkeys(others))


def is_marked(promises: type, name: str) -> bool:
    """Whether a case also runs over MongoDB."""
    return getattr(promises, name).__qualname__ in OVER_MONGODB


TestRegistration = over_mongodb(registration_cases.RegistrationPromises)
TestLapse = over_mongodb(registration_cases.LapsePromises)
TestCodes = over_mongodb(code_cases.CodePromises)
TestSends = over_mongodb(code_cases.SendPromises)
TestDays = over_mongodb(day_cases.DayPromises)
TestResending = over_mongodb(code_cases.ResendPromises)
TestLocks = over_mongodb(code_cases.LockPromises)
TestResets = over_mongodb(password_cases.ResetPromises)
TestChanges = over_mongodb(password_cases.ChangePromises)
TestMobiles = over_mongodb(mobile_cases.MobilePromises)
TestUnproven = over_mongodb(unproven_cases.UnprovenPromises)
TestAnew = over_mongodb(unproven_cases.AnewPromises)
TestHouseholds = over_mongodb(household_cases.HouseholdPromises)
TestOwnSessions = over_mongodb(password_cases.OwnSessionPromises)
TestDevices = over_mongodb(device_cases.DevicePromises)
TestDelivery = over_mongodb(code_cases.DeliveryPromises)
TestSessions = over_mongodb(session_cases.SessionPromises)
TestRefreshing = over_mongodb(refresh_cases.RefreshPromises)
TestStaff = over_mongodb(account_cases.StaffPromises)
TestStaffChanges = over_mongodb(staff_cases.ChangePromises)
TestSecondFactor = over_mongodb(second_factor_cases.SecondFactorPromises)
TestCounter = over_mongodb(counter_cases.CounterPromises)
TestAudit = over_mongodb(staff_cases.AuditPromises)


async def test_processes_that_start_or_renew_at_once_share_their_keys(database: Database, world: World) -> None:
    await database["keys"].delete_many({})
    replicas = [Tokens(KeyStore(database), RING, world.clock, issuer=ISSUER, days=30) for _ in range(8)]
    await asyncio.gather(*(replica.prepare() for replica in replicas))
    world.clock.forward(days=31)
    published = await asyncio.gather(*(replica.published() for replica in replicas))
    world.clock.forward(minutes=1)
    published = await asyncio.gather(*(replica.published() for replica in replicas))
    assert len(published[0]["keys"]) == 2
    assert all(each == published[0] for each in published)


async def test_existing_members_are_published_when_identity_starts(world: World, database: Database) -> None:
    member = await staff_cases.made(world)
    await database["staff"].update_one({"_id": member.id}, {"$unset": {"unpublished": "", "unsettled": ""}})
    await database["staff_names"].delete_many({})
    await StaffStore(database).note_unpublished()
    assert (await world.staff.members.sweep(), await world.staff.members.sweep()) == (1, 0)
    assert [*(await staff_cases.told(world, member))[-1].values()] == ["officer", "water", True]
    await StaffStore(database).note_unpublished()
    assert await world.staff.members.sweep() == 0
