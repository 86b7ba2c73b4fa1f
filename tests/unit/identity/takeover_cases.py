"""A SIM alone is not enough to take over an account, for a thief or for the next owner of the number."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import cast

import pytest

from services.identity.accounts.models.proof import SILENT_AFTER
from services.identity.accounts.store.accesses import AccessTrailStore
from services.identity.citizens.models.changes import DataCorrection
from services.identity.citizens.service.own_data import OwnData
from services.identity.citizens.service.registration import Registration
from services.identity.codes.models.new_password import SETTLING_TIME
from services.identity.codes.service.codes import CodeFailedError
from shared.errors import ConflictError
from shared.events import CitizenDeviceSeen
from tests.unit.identity.mobile_cases import mobile_of
from tests.unit.identity.test_own_data import Looks
from tests.unit.identity.unproven_cases import corrections_of
from tests.unit.identity.world import World, new_address, new_form

NEW = "lanterns on the long canal"


async def reset(world: World, form: Registration) -> Registration:
    """Reset the password by a code."""
    asked = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
    token = (await world.passwords.prove_reset(asked.id, await world.code_for(form))).token
    await world.passwords.reset(asked.id, token, NEW)
    return dataclasses.replace(form, password=NEW)


async def exported(world: World, form: Registration) -> dict[str, object]:
    """The account in the export of own data."""
    stores, looks = world.stores, cast(AccessTrailStore, Looks(world.clock.now, 0))
    own = OwnData(stores.citizens, stores.sessions, stores.devices, looks, world.ring, world.clock)
    return dict((await own.export((await world.citizen(form)).id))["account"])


class NewPasswordPromises:
    """The restrictions for a day after a password was reset by a code."""

    async def test_full_cnic_is_exported_after_a_day(self, world: World) -> None:
        form = await world.verified()
        assert (await exported(world, form))["cnic"] == form.cnic
        await reset(world, form)
        known_from = world.clock.now + SETTLING_TIME
        masked = await exported(world, form)
        assert (masked["cnic"], masked["cnic_masked_until"]) == (f"*****-*****{form.cnic[10:12]}-2", known_from)
        world.clock.now = known_from
        assert (await exported(world, form))["cnic"] == form.cnic

    @pytest.mark.parametrize("act", ["mobile", "email", "erasure"])
    async def test_nothing_is_done_that_the_owner_could_not_undo(self, world: World, act: str) -> None:
        form = await reset(world, await world.verified())
        account = (await world.citizen(form)).id
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "mobile": lambda: world.mobiles.ask(account, new_form().mobile, NEW, new_address()),
            "email": lambda: corrections_of(world).correct(
                account, DataCorrection(email="t@example.com", password=NEW)
            ),
            "erasure": lambda: world.erasure.erase(account, NEW),
        }
        world.clock.forward(hours=20)
        with pytest.raises(ConflictError, match="password-new") as refused:
            await acts[act]()
        assert refused.value.headers == {"Retry-After": "14400"}
        world.clock.forward(hours=4)
        await acts[act]()

    async def test_another_password_change_does_not_age_the_password(self, world: World) -> None:
        form = await reset(world, await world.verified())
        account = (await world.citizen(form)).id
        await world.passwords.change(account, "", NEW, "rivers under the old moon")
        with pytest.raises(ConflictError, match="password-new"):
            await world.mobiles.ask(account, new_form().mobile, "rivers under the old moon", new_address())

    async def test_new_device_event_names_the_channel_of_its_code(self, world: World) -> None:
        form = await world.verified()
        await world.login(form.cnic, form.password, known=False)
        [*_, body] = await world.published(form)
        assert CitizenDeviceSeen.model_validate_json(body.data).channel == "sms"
        await world.login(form.cnic, form.password)
        assert (await world.types_said(form)).count("device_seen") == 1


class SilentNumberPromises:
    """A number that was not proven for a year may belong to another person."""

    async def test_a_reset_goes_by_email_alone_and_the_answers_are_as_ever(self, world: World) -> None:
        form = await world.verified()
        world.clock.forward(days=365)
        asked = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        other = new_form()
        nobody = await world.passwords.ask_reset(other.cnic, other.mobile, new_address())
        assert dataclasses.replace(asked, id="") == dataclasses.replace(nobody, id="")
        for channel in ("sms", "email"):
            world.clock.forward(minutes=2)
            await world.codes.resend("reset", asked.id, new_address(), channel)
        assert [code.channel for code in (await world.issued_codes(form))[1:]] == ["email"] * 3
        assert (await world.passwords.prove_reset(asked.id, await world.code_for(form))).token

    async def test_without_an_email_nothing_is_sent_at_all(self, world: World) -> None:
        form = await world.verified(new_form(email=""))
        world.clock.forward(days=365)
        asked = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        for channel in ("sms", "email"):
            world.clock.forward(minutes=2)
            await world.codes.resend("reset", asked.id, new_address(), channel)
        assert len(await world.issued_codes(form)) == 1
        with pytest.raises(CodeFailedError):
            await world.passwords.prove_reset(asked.id, "")

    async def test_a_login_by_password_and_code_proves_it_anew(self, world: World) -> None:
        form = await world.verified(new_form(email=""))
        world.clock.forward(days=365)
        await world.login(form.cnic, form.password, known=False)
        assert (await reset(world, form)).password == NEW

    async def test_the_citizen_proves_it_anew_and_nothing_else_changes(self, world: World) -> None:
        form = await world.verified(new_form(email=""))
        citizen = await world.citizen(form)
        world.clock.forward(days=365)
        pending = await world.mobiles.ask(citizen.id, form.mobile, form.password, new_address())
        await world.mobiles.prove(citizen.id, pending.id, await world.code_for(form))
        known = await world.citizen(form)
        assert (await mobile_of(world, form), known.mobile_undos, known.mobile_index) == (
            form.mobile,
            [],
            citizen.mobile_index,
        )
        assert "mobile_changed" not in await world.types_said(form)
        assert (await reset(world, form)).password == NEW

    async def test_mobile_proven_at_a_counter_can_reset_the_password(self, world: World) -> None:
        """For a citizen who forgot the password, has no email and kept the number."""
        form = await world.verified(new_form(email=""))
        world.clock.forward(days=365)
        pending = await world.counter.register("clerk", dataclasses.replace(form, password=""))
        [*_, code] = await world.issued_codes(form)
        assert (code.channel, code.counter) == ("sms", True)
        citizen = await world.counter.verify("clerk", pending.id, await world.code_for(form))
        assert (citizen.id, citizen.mobile_proven) == ((await world.citizen(form)).id, True)
        assert (await world.types_said(form)).count("verified") == 1
        assert (await reset(world, form)).password == NEW

    async def test_older_account_counts_from_its_registration(self, world: World) -> None:
        form = await world.verified(new_form(email=""))
        citizen = await world.citizen(form)
        citizen.mobile_proven_at = None  # as an earlier version kept it
        assert not await world.stores.citizens.save_many([citizen])
        world.clock.forward(days=364)
        assert await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        assert len(await world.issued_codes(form)) == 2
        world.clock.now = (citizen.verified_at or world.clock.now) + SILENT_AFTER + timedelta(seconds=1)
        await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        assert len(await world.issued_codes(form)) == 2
