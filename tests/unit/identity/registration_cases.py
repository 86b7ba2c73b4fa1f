"""Tests of registering, proven or not, on stores in memory; some also run on MongoDB."""

import dataclasses
import json

import pytest

from services.identity.accounts.models.citizen import Citizen
from services.identity.codes.service.codes import CodeFailedError
from services.identity.sessions.service.sessions import LoginFailedError
from shared.events import CitizenErased
from shared.rights import Role
from shared.seal import SealPurpose
from tests.unit.identity.world import World, also_over_mongodb, new_address, new_form, outcomes


class RegistrationPromises:
    """Registering and proving the mobile."""

    async def test_a_new_citizen_gets_a_code_and_is_verified_by_it(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        assert pending.resend_after == 30
        assert [issued.counter for issued in await world.issued_codes(form)] == [None]
        assert await world.types_said(form) == ["registered", "code_issued"]
        await world.registrations.verify(pending.id, await world.code_for(form))
        assert await world.types_said(form) == ["registered", "code_issued", "verified"]

    @also_over_mongodb
    @pytest.mark.parametrize("same", ["cnic", "mobile"])
    async def test_known_cnic_or_mobile_gets_the_same_answer_and_notifies_the_owner(
        self, world: World, same: str
    ) -> None:
        owner = await world.verified()
        other = dataclasses.replace(new_form(), **{same: getattr(owner, same)})
        pending = await world.registrations.register(other)
        assert pending.resend_after == 30
        assert len(pending.id) == 40
        assert (await world.types_said(owner))[-1] == "registration_repeated"
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(pending.id, "123456")

    async def test_the_owner_is_told_once_an_hour(self, world: World) -> None:
        owner = await world.verified()
        for _ in range(3):
            await world.registrations.register(owner)
        world.clock.forward(minutes=59)
        await world.registrations.register(owner, new_address())
        assert (await world.types_said(owner)).count("registration_repeated") == 1
        world.clock.forward(minutes=2)
        await world.registrations.register(owner)
        assert (await world.types_said(owner)).count("registration_repeated") == 2

    @also_over_mongodb
    async def test_the_owner_is_told_also_when_another_write_is_quicker(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        owner = await world.verified()
        find = world.stores.citizens.owners

        async def outdated(cnic_index: str, mobile_index: str) -> list[Citizen]:
            found = await find(cnic_index, mobile_index)
            monkeypatch.undo()
            assert not await world.stores.citizens.save_many(await find(cnic_index, mobile_index))
            return found

        monkeypatch.setattr(world.stores.citizens, "owners", outdated)
        await world.registrations.register(owner, new_address())
        assert (await world.types_said(owner))[-1] == "registration_repeated"

    @also_over_mongodb
    async def test_both_owners_are_notified_when_cnic_and_mobile_belong_to_two_people(self, world: World) -> None:
        one, two = await world.verified(), await world.verified()
        await world.registrations.register(new_form(cnic=one.cnic, mobile=two.mobile))
        assert (await world.types_said(one))[-1] == "registration_repeated"
        assert (await world.types_said(two))[-1] == "registration_repeated"

    @also_over_mongodb
    async def test_an_idempotency_key_gives_the_same_registration_again(self, world: World) -> None:
        form = new_form()
        first = await world.registrations.register(form, new_address(), "key-1")
        world.clock.forward(seconds=10)
        again = await world.registrations.register(form, new_address(), "key-1")
        assert (again.id, again.resend_after) == (first.id, 20)
        await world.registrations.verify(again.id, await world.code_for(form))
        assert await world.types_said(form) == ["registered", "code_issued", "verified"]
        assert (await world.registrations.register(form, new_address(), "key-1")).id == first.id
        assert await world.types_said(form) == ["registered", "code_issued", "verified"]

    async def test_an_idempotency_key_is_bound_to_cnic_and_mobile(self, world: World) -> None:
        first = await world.registrations.register(new_form(), new_address(), "key-1")
        assert (await world.registrations.register(new_form(), new_address(), "key-1")).id != first.id

    @also_over_mongodb
    async def test_parallel_registrations_of_one_cnic_make_one_account(self, world: World) -> None:
        form = new_form()
        forms = [form, *(dataclasses.replace(form, mobile=new_form().mobile) for _ in range(19))]
        done, raised = await outcomes(*(world.registrations.register(each) for each in forms))
        assert (len(done), raised) == (20, [])
        owners = [
            await world.stores.citizens.by_index(world.ring.blind(f.mobile, SealPurpose.CITIZEN_MOBILE)) for f in forms
        ]
        assert len([owner for owner in owners if owner]) == 1


class LapsePromises:
    """A registration that was not proven frees its CNIC and mobile after a time."""

    async def test_reset_is_valid_for_ten_minutes(self, world: World) -> None:
        form = new_form()
        await world.registrations.register(form)
        world.clock.forward(minutes=9)
        again = await world.registrations.register(form)
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(again.id, await world.code_for(form))

    async def test_repeated_registration_is_sent_the_code_again(self, world: World) -> None:
        unproven, proven = new_form(), await world.verified()
        await world.registrations.register(unproven)
        for form, told in ((unproven, {"unproven": True}), (proven, {})):
            await world.registrations.register(form)
            assert json.loads((await world.published(form))[-1].data) == told

    async def test_then_the_same_person_registers_again(self, world: World) -> None:
        form = new_form()
        old = await world.registrations.register(form)
        old_code = await world.code_for(form)
        world.clock.forward(minutes=11)
        renewed = dataclasses.replace(form, password="another long sentence", name="Ayesha K")
        new = await world.registrations.register(renewed)
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(old.id, old_code)
        await world.registrations.verify(new.id, await world.code_for(form))
        assert (await world.logged_in(renewed)).role is Role.CITIZEN
        with pytest.raises(LoginFailedError):
            await world.logged_in(form)

    async def test_next_user_of_a_device_gets_no_data_of_the_previous_one(self, world: World) -> None:
        before = new_form()
        old = await world.registrations.register(before)
        world.clock.forward(minutes=11)
        after = new_form(cnic=before.cnic)
        await world.registrations.register(after)
        await world.codes.resend("register", old.id, new_address())
        assert len(await world.issued_codes(after)) == 2
        citizen = await world.citizen(after)
        assert len(citizen.codes) == len(citizen.deliveries) == 1
        await world.registrations.register(after, new_address())
        assert (await world.types_said(after))[-1] == "registration_repeated"

    async def test_same_key_returns_the_same_answer(self, world: World) -> None:
        form = new_form()
        first = await world.registrations.register(form, new_address(), "key")
        world.clock.forward(minutes=11)
        again = await world.registrations.register(form, new_address(), "key")
        assert (again.id, again.resend_after) == (first.id, 30)
        await world.registrations.verify(again.id, await world.code_for(form))

    async def test_nobody_holds_a_cnic_with_a_foreign_mobile(self, world: World) -> None:
        squatter = new_form()
        await world.registrations.register(squatter)
        world.clock.forward(minutes=11)
        owner = await world.verified(new_form(cnic=squatter.cnic))
        assert (await world.logged_in(owner)).account

    @also_over_mongodb
    async def test_new_registration_replaces_two_lapsed_ones(self, world: World) -> None:
        one, two = new_form(), new_form()
        await world.registrations.register(one)
        await world.registrations.register(two)
        world.clock.forward(minutes=11)
        form = await world.verified(new_form(cnic=one.cnic, mobile=two.mobile))
        by_cnic, by_mobile = (
            await world.login(form.cnic, form.password),
            await world.login(form.mobile, form.password),
        )
        assert by_cnic.account == by_mobile.account
        citizen = await world.citizen(form)
        assert world.ring.unseal(citizen.address, SealPurpose.CITIZEN_ADDRESS, owner=citizen.id) == form.address

    @also_over_mongodb
    async def test_replaced_registration_is_erased(self, world: World) -> None:
        one, two = new_form(), new_form()
        for form in (one, two):
            await world.registrations.register(form)
        kept, gone = await world.citizen(one), await world.citizen(two)
        world.clock.forward(minutes=11)
        await world.registrations.register(new_form(cnic=one.cnic, mobile=two.mobile), new_address())
        erased, opened = await world.stores.citizens.get(gone.id), await world.stores.citizens.get(kept.id)
        assert erased is not None
        assert opened is not None
        assert (erased.name, erased.stored["events"][-1]["type"]) == ("", CitizenErased.type)
        if "forget_to" in opened.stored:  # the stores in memory keep no such mark
            assert opened.stored["forget_to"] == kept.seq

    @also_over_mongodb
    async def test_unproven_registration_is_deleted_after_a_day(self, world: World) -> None:
        form, proven = new_form(), await world.verified()
        await world.registrations.register(form)
        citizen = await world.citizen(form)
        world.clock.forward(hours=23, minutes=59)
        assert await world.erasure.sweep() == 0
        world.clock.forward(minutes=2)
        assert [await world.erasure.sweep(), await world.erasure.sweep()] == [1, 0]
        left = await world.stores.citizens.get(citizen.id)
        assert left is not None
        assert (left.name, left.mobile, left.stored["events"][-1]["type"]) == ("", "", CitizenErased.type)
        assert (await world.logged_in(proven)).account

    async def test_a_verified_account_never_lapses(self, world: World) -> None:
        form = await world.verified()
        world.clock.forward(days=400)
        await world.registrations.register(dataclasses.replace(form, password="somebody else's words"))
        assert (await world.logged_in(form)).account
