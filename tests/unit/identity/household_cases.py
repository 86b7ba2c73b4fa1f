"""Several people share a phone: the second gets an account too, and strangers do not learn whose number it is."""

import dataclasses

import pytest

from services.identity.accounts.models.challenge import WAITS
from services.identity.citizens.service.registration import Registration
from services.identity.codes.service.codes import CodeFailedError
from shared.events import CitizenMobileUnproven
from shared.seal import SealPurpose
from tests.unit.identity.unproven_cases import by_email
from tests.unit.identity.world import World, also_over_mongodb, new_address, new_form


async def household(world: World) -> tuple[Registration, Registration]:
    """A citizen with an account, and a person with the same mobile who has none."""
    first = await world.verified()
    world.clock.forward(hours=2)
    return first, new_form(mobile=first.mobile, email="gul@example.com", name="Gul Meena")


class HouseholdPromises:
    """Ways to open an account for a second CNIC with the same mobile."""

    @also_over_mongodb
    async def test_email_code_opens_a_second_account_with_the_same_number(self, world: World) -> None:
        first, second = await household(world)
        pending = await by_email(world, second)
        assert [code.channel for code in await world.issued_codes(second)] == ["email"]
        citizen = await world.registrations.verify(pending.id, await world.code_for(second))
        assert (citizen.mobile_proven, (await world.citizen(first)).mobile_proven) == (False, True)
        assert (await world.login(first.mobile, first.password)).account == (await world.citizen(first)).id
        assert (await world.login(second.cnic, second.password, known=False)).account == citizen.id
        [body] = [e.data for e in await world.published(second) if e.type == CitizenMobileUnproven.type]
        assert CitizenMobileUnproven.model_validate_json(body).held

    async def test_answer_is_the_same_as_for_an_unused_number(self, world: World) -> None:
        """A stranger with a mailbox sees the same answers and the same emails, and learns nothing of the number."""
        first, second = await household(world)
        seen = []
        for form in (second, new_form()):
            told = [await world.registrations.register(form, new_address())]
            assert "email" not in [code.channel for code in await world.issued_codes(form)]  # at once it would tell
            for wait, channel in zip(WAITS, ("sms", "email"), strict=False):
                world.clock.forward(seconds=wait)
                told.append(await world.codes.resend("register", told[0].id, new_address(), channel))  # type: ignore[arg-type]
            mails = [code for code in await world.issued_codes(form) if code.channel == "email"]
            opened = await world.registrations.verify(told[0].id, await world.code_for(form))
            seen.append(([dataclasses.replace(answer, id="") for answer in told], len(mails), opened.mobile_proven))
            world.clock.forward(hours=2)
        assert seen[0] == seen[1]
        assert (await world.types_said(first)).count("code_issued") == 1
        assert (await world.types_said(first))[-1] == "registration_repeated"

    async def test_account_without_email_gets_no_message(self, world: World) -> None:
        first, second = await household(world)
        await world.registrations.register(dataclasses.replace(second, email=""), new_address())
        assert await world.published(second) == []
        assert (await world.types_said(first))[-1] == "registration_repeated"

    @also_over_mongodb
    async def test_registration_continues_with_another_mobile(self, world: World) -> None:
        _, second = await household(world)
        waits = await world.registrations.register(second, new_address())
        mended = dataclasses.replace(second, mobile=new_form().mobile, instead_of=waits.id)
        pending = await world.registrations.register(mended, new_address())
        [code] = await world.issued_codes(second)
        assert code.channel == "sms"
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(waits.id, await world.code_for(mended))
        assert (await world.registrations.verify(pending.id, await world.code_for(mended))).mobile_proven

    async def test_mistyped_mobile_can_be_corrected_at_once(self, world: World) -> None:
        wrong = new_form()
        waits = await world.registrations.register(wrong, new_address())
        right = dataclasses.replace(wrong, mobile=new_form().mobile)
        await world.registrations.register(right, new_address())
        assert (await world.types_said(wrong))[-1] == "registration_repeated"  # it might be anybody's
        mended = dataclasses.replace(right, instead_of=waits.id)
        pending = await world.registrations.register(mended, new_address())
        assert (await world.registrations.verify(pending.id, await world.code_for(right))).mobile_proven
        assert await world.stores.citizens.by_index(world.ring.blind(wrong.mobile, SealPurpose.CITIZEN_MOBILE)) is None

    async def test_proven_registration_is_not_replaced(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form, new_address())
        before = await world.registrations.verify(pending.id, await world.code_for(form))
        thief = dataclasses.replace(form, mobile=new_form().mobile, instead_of=pending.id)
        await world.registrations.register(thief, new_address())
        assert (await world.citizen(form)).mobile == before.mobile
        assert (await world.types_said(form))[-1] == "registration_repeated"

    async def test_counter_code_is_sent_to_a_shared_phone(self, world: World) -> None:
        first, second = await household(world)
        form = dataclasses.replace(second, email="", password="")
        pending = await world.counter.register("clerk", form)
        [code] = await world.issued_codes(form)
        assert (code.channel, code.counter) == ("sms", True)
        citizen = await world.counter.verify("clerk", pending.id, await world.code_for(form))
        assert citizen.mobile_proven
        assert (await world.types_said(first))[-1] != "registration_repeated"
        asked = await world.passwords.ask_reset(second.cnic, second.mobile, new_address())
        token = (await world.passwords.prove_reset(asked.id, await world.code_for(second))).token
        await world.passwords.reset(asked.id, token, "lanterns on the long canal")
        assert (await world.login(second.cnic, "lanterns on the long canal", known=False)).account == citizen.id
        assert (await world.login(first.mobile, first.password)).account != citizen.id
