"""The promises of identity's use cases, over MongoDB."""

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
    address_cases,
    code_cases,
    counter_cases,
    day_cases,
    device_cases,
    household_cases,
    mobile_cases,
    password_cases,
    refresh_cases,
    second_factor_cases,
    staff_cases,
    takeover_cases,
    unproven_cases,
    use_cases,
)
from tests.unit.identity.world import ISSUER, RING, Stores, World

MARKS = {"lease": 30.0, "settle_after": 120.0}


@pytest.fixture(scope="module")
async def database(environment: dict[str, str]) -> AsyncIterator[Database]:
    """A database of its own, with all indexes."""
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


class TestRegistration(use_cases.RegistrationPromises):
    """Registering."""


class TestLapse(use_cases.LapsePromises):
    """Registrations that nobody proved."""


class TestCodes(code_cases.CodePromises):
    """What a code is good for."""


class TestSends(code_cases.SendPromises):
    """How often a code is sent, and where to."""


class TestDays(day_cases.DayPromises):
    """What a number gets in a day."""


class TestResending(code_cases.ResendPromises):
    """Sending again while somebody answers."""


class TestLocks(code_cases.LockPromises):
    """Wrong codes."""


class TestResets(password_cases.ResetPromises):
    """A forgotten password."""


class TestChanges(password_cases.ChangePromises):
    """Another password."""


class TestMobiles(mobile_cases.MobilePromises):
    """Another mobile."""


class TestUnproven(unproven_cases.UnprovenPromises):
    """A code by email."""


class TestAnew(unproven_cases.AnewPromises):
    """An account that is opened anew."""


class TestHouseholds(household_cases.HouseholdPromises):
    """Several people and one phone."""


class TestNewPasswords(takeover_cases.NewPasswordPromises):
    """A password that was reset lately."""


class TestSilentNumbers(takeover_cases.SilentNumberPromises):
    """A number that may have gone to somebody else."""


class TestOwnSessions(password_cases.OwnSessionPromises):
    """One's own sessions."""


class TestDevices(device_cases.DevicePromises):
    """Known devices."""


class TestAddresses(address_cases.AddressPromises):
    """Addresses that people share."""


class TestLoginLimits(device_cases.LoginLimitPromises):
    """Counting logins."""


class TestDelivery(code_cases.DeliveryPromises):
    """What became of a code."""


class TestSessions(use_cases.SessionPromises):
    """Sessions."""


class TestRefreshing(refresh_cases.RefreshPromises):
    """Refresh tokens."""


class TestStaff(use_cases.StaffPromises):
    """Staff and departments."""


class TestStaffChanges(staff_cases.ChangePromises):
    """Changes of staff."""


class TestSecondFactor(second_factor_cases.SecondFactorPromises):
    """Second factors of staff."""


class TestCounter(counter_cases.CounterPromises):
    """What clerks do for citizens."""


class TestAudit(staff_cases.AuditPromises):
    """The audit of what was done."""


async def test_processes_that_start_or_renew_at_once_share_their_keys(database: Database, world: World) -> None:
    await database["keys"].delete_many({})
    replicas = [Tokens(KeyStore(database), RING, world.clock, issuer=ISSUER, days=30, outages=()) for _ in range(8)]
    await asyncio.gather(*(replica.prepare() for replica in replicas))
    world.clock.forward(days=31)
    published = await asyncio.gather(*(replica.published() for replica in replicas))
    world.clock.forward(minutes=1)
    published = await asyncio.gather(*(replica.published() for replica in replicas))
    assert len(published[0]["keys"]) == 2
    assert all(each == published[0] for each in published)


async def test_members_of_before_are_told_of_when_identity_starts(world: World, database: Database) -> None:
    member = await staff_cases.made(world)
    await database["staff"].update_one({"_id": member.id}, {"$unset": {"unpublished": "", "unsettled": ""}})
    await database["staff_names"].delete_many({})
    await StaffStore(database).note_unpublished()
    assert (await world.staff.members.sweep(), await world.staff.members.sweep()) == (1, 0)
    assert [*(await staff_cases.told(world, member))[-1].values()] == ["officer", "water", True]
    await StaffStore(database).note_unpublished()
    assert await world.staff.members.sweep() == 0
