"""Tests of changing the mobile and undoing it, on stores in memory; some also run on MongoDB."""

import asyncio
import dataclasses

import pytest

from services.identity.citizens.service.registration import Registration
from services.identity.codes.service.codes import CodeFailedError
from shared.errors import InvalidError, UnauthenticatedError
from shared.events import CitizenMobileChanged
from shared.seal import SealPurpose
from tests.unit.identity.world import World, also_over_mongodb, new_address, new_form

NEW = "lanterns on the long canal"


async def moved(world: World, form: Registration) -> tuple[Registration, str]:
    """Change the mobile; returns the citizen and the code that undoes the change."""
    citizen, new = await world.citizen(form), dataclasses.replace(form, mobile=new_form().mobile)
    pending = await world.mobiles.ask(citizen.id, new.mobile, form.password, new_address())
    await world.mobiles.prove(citizen.id, pending.id, await world.code_for(form))
    [*_, told] = [e.data for e in await world.published(form) if e.type == CitizenMobileChanged.type]
    return new, world.ring.unseal(
        CitizenMobileChanged.model_validate_json(told).undo, SealPurpose.CITIZEN_UNDO, owner=citizen.id
    )


async def mobile_of(world: World, form: Registration) -> str:
    """The mobile of the account."""
    citizen = await world.citizen(form)
    return world.ring.unseal(citizen.mobile, SealPurpose.CITIZEN_MOBILE, owner=citizen.id)


class MobilePromises:
    """Changing the mobile."""

    async def test_a_second_change_does_not_take_the_undo_from_the_first_number(self, world: World) -> None:
        form = await world.verified()
        second, first_undo = await moved(world, form)
        await moved(world, second)
        await world.mobiles.undo(first_undo)
        assert await mobile_of(world, form) == form.mobile

    @also_over_mongodb
    async def test_each_old_number_can_undo_its_own_change(self, world: World) -> None:
        form = await world.verified()
        second, first_undo = await moved(world, form)
        _, second_undo = await moved(world, second)
        await world.mobiles.undo(second_undo)
        assert await mobile_of(world, form) == second.mobile
        await world.mobiles.undo(first_undo)
        assert await mobile_of(world, form) == form.mobile
        with pytest.raises(InvalidError, match="undo-failed"):
            await world.mobiles.undo(second_undo)

    @also_over_mongodb
    async def test_second_of_two_parallel_proofs_fails(self, world: World) -> None:
        number, ways = new_form().mobile, []
        for form in (await world.verified(), await world.verified()):
            citizen = await world.citizen(form)
            pending = await world.mobiles.ask(citizen.id, number, form.password, new_address())
            ways.append((citizen.id, pending.id, await world.code_for(form)))
        done = await asyncio.gather(*(world.mobiles.prove(*way) for way in ways), return_exceptions=True)
        assert sorted(type(one).__name__ for one in done) == ["CodeFailedError", "NoneType"]

    async def test_a_code_that_is_sent_again_goes_to_the_new_number_too(self, world: World) -> None:
        form, number = await world.verified(), new_form().mobile
        citizen = await world.citizen(form)
        pending = await world.mobiles.ask(citizen.id, number, form.password, new_address())
        world.clock.forward(seconds=30)
        await world.codes.resend("contact", pending.id, new_address())
        [*_, first, again] = await world.issued_codes(form)
        sent_to = [
            world.ring.unseal(code.to or "", SealPurpose.CITIZEN_MOBILE, owner=citizen.id) for code in (first, again)
        ]
        assert sent_to == [number, number]
        await world.mobiles.prove(citizen.id, pending.id, await world.code_for(form))
        assert await mobile_of(world, form) == number

    @also_over_mongodb
    async def test_an_undo_is_good_for_a_day_and_then_forgotten(self, world: World) -> None:
        form = await world.verified()
        _, undo = await moved(world, form)
        world.clock.forward(hours=23, minutes=59)
        await world.mobiles.undo(undo)
        assert await mobile_of(world, form) == form.mobile
        other = await world.verified()
        _, undo = await moved(world, other)
        world.clock.forward(hours=24)
        with pytest.raises(InvalidError, match="undo-failed"):
            await world.mobiles.undo(undo)
        world.clock.forward(seconds=1)
        await world.mobiles.forget_undos()
        assert (await world.citizen(other)).mobile_undos == []

    async def test_an_undo_ends_sessions_devices_and_a_reset_that_was_allowed(self, world: World) -> None:
        form = await world.verified()
        new, undo = await moved(world, form)
        session = await world.login(form.cnic, form.password)
        reset = await world.passwords.ask_reset(new.cnic, new.mobile, new_address())
        token = (await world.passwords.prove_reset(reset.id, await world.code_for(form))).token
        await world.mobiles.undo(undo)
        with pytest.raises(InvalidError, match="reset-failed"):
            await world.passwords.reset(reset.id, token, NEW)
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(session.refresh_token)
        citizen = await world.citizen(form)
        assert (await world.devices.of_account(citizen.id), citizen.ending) == ([], None)

    async def test_code_sent_to_the_old_number_is_invalid_after_a_change(self, world: World) -> None:
        form = await world.verified()
        asked = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        code = await world.code_for(form)
        allowed = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        token = (await world.passwords.prove_reset(allowed.id, await world.code_for(form))).token
        await moved(world, form)
        with pytest.raises(CodeFailedError):
            await world.passwords.prove_reset(asked.id, code)
        with pytest.raises(InvalidError, match="reset-failed"):
            await world.passwords.reset(allowed.id, token, NEW)

    @also_over_mongodb
    async def test_lapsed_registration_does_not_reserve_the_number(self, world: World) -> None:
        form, unproven = await world.verified(), new_form()
        await world.registrations.register(unproven, new_address())
        citizen = await world.citizen(form)
        held = await world.mobiles.ask(citizen.id, unproven.mobile, form.password, new_address())
        assert await world.stores.citizens.by_challenge(held.id) is None
        world.clock.forward(minutes=11)
        pending = await world.mobiles.ask(citizen.id, unproven.mobile, form.password, new_address())
        await world.mobiles.prove(citizen.id, pending.id, await world.code_for(form))
        assert await mobile_of(world, form) == unproven.mobile
