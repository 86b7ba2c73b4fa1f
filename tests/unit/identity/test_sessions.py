"""Tests of sessions that run on stores in memory only."""

import dataclasses

import pytest

from services.identity.accounts.models.throttle import FAILURES_OF_AN_ADDRESS
from services.identity.staff.service.accounts import NewMember
from shared.errors import UnauthenticatedError, UnavailableError
from shared.rights import Role
from tests.unit.identity.fakes import FakeCitizens, FakeThrottles
from tests.unit.identity.staff_fakes import FakeStaff
from tests.unit.identity.world import World, fake_stores

OFFICER = NewMember("officer.water", "Bilal", Role.OFFICER, "water", "seven brass kettles")


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": Role.HEAD}, {"department": "power"}])
async def test_a_refresh_sees_that_the_account_has_changed(world: World, change: dict[str, object]) -> None:
    member = (await world.staff.accounts.add(OFFICER, by="admin")).member
    granted = await world.login(OFFICER.login, OFFICER.password or "")
    assert isinstance(world.stores.staff, FakeStaff)
    world.stores.staff.kept[member.id] = dataclasses.replace(member, **change)  # type: ignore[arg-type]
    with pytest.raises(UnauthenticatedError):
        await world.logins.refresh(granted.refresh_token)


async def test_hash_with_older_parameters_is_renewed_at_login(world: World) -> None:
    form = await world.verified()
    assert isinstance(world.stores.citizens, FakeCitizens)
    document = next(iter(world.stores.citizens.documents.values()))
    today = world.hasher._argon
    world.hasher._argon = type(today)(time_cost=1, memory_cost=8, parallelism=1)
    document["password"] = await world.hasher.hash(form.password)
    world.hasher._argon = today
    assert await world.logged_in(form)
    assert not world.hasher.is_outdated(next(iter(world.stores.citizens.documents.values()))["password"])
    assert await world.logged_in(form)


async def test_rehashing_does_not_restore_an_old_password(world: World) -> None:
    form = await world.verified()
    before = await world.accounts.by_login(form.cnic)
    assert before is not None
    await world.passwords.change(before.id, "", form.password, "lanterns on the long canal")
    await world.accounts.set_password(before, await world.hasher.hash(form.password))
    assert await world.logged_in(dataclasses.replace(form, password="lanterns on the long canal"))


async def test_unchecked_password_does_not_count_as_a_failure() -> None:
    busy = World(fake_stores(), queue=-2)
    with pytest.raises(UnavailableError):
        await busy.logins.login("35202-9999999-1", "some password")
    assert isinstance(busy.stores.throttles, FakeThrottles)
    address, *others = busy.stores.throttles.kept.values()
    assert FAILURES_OF_AN_ADDRESS.wait(address, busy.clock()) is None
    assert address.at <= (busy.clock(),)
    assert [tries.at for tries in others] == [(), ()]


async def test_keys_rotate_by_order_without_anyone_being_logged_out(world: World) -> None:
    form = await world.verified()
    granted = await world.logged_in(form)
    assert not await world.tokens.rotate()
    world.clock.forward(minutes=21)
    assert await world.tokens.rotate()
    assert not await world.tokens.rotate()
    world.clock.forward(minutes=3)
    kids = [key["kid"] for key in (await world.tokens.published())["keys"]]
    assert len(kids) == 2
    assert (await world.logins.refresh(granted.refresh_token)).account == granted.account
