"""Accounts that were opened by a code by email: they are usable, and do not hold their mobile."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable

import pytest

from services.identity.accounts.models.challenge import WAITS
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.device import Caller
from services.identity.accounts.models.throttle import CODES_A_DAY
from services.identity.citizens.models.changes import DataCorrection
from services.identity.citizens.service.corrections import Corrections
from services.identity.citizens.service.registration import Registration
from services.identity.codes.service.codes import CodeFailedError, Pending
from services.identity.codes.service.password_check import PasswordWrongError
from services.identity.sessions.service.sessions import LoginFailedError
from shared.errors import InvalidError, UnauthenticatedError
from shared.events import CitizenMobileUnproven, CitizenRegistrationRepeated
from shared.seal import SealPurpose
from tests.unit.identity.day_cases import used_up
from tests.unit.identity.world import World, also_over_mongodb, new_address, new_form

OWN = "lanterns on the long canal"


async def by_email(world: World, form: Registration) -> Pending:
    """A registration whose newest code went by email, after two SMS."""
    pending = await world.registrations.register(form, new_address())
    for wait, channel in zip(WAITS, ("sms", "email"), strict=False):
        world.clock.forward(seconds=wait)
        pending = await world.codes.resend("register", pending.id, new_address(), channel)  # type: ignore[arg-type]
    return pending


async def unproven(world: World, form: Registration | None = None) -> Registration:
    """A citizen whose account was opened by a code by email."""
    form = form or new_form()
    pending = await by_email(world, form)
    await world.registrations.verify(pending.id, await world.code_for(form))
    world.clock.forward(hours=2)
    return form


async def anew(world: World, taken: Registration) -> tuple[Registration, Pending, str]:
    """A registration with CNIC and mobile of an account whose mobile is unproven, and the code sent to the mobile."""
    form = dataclasses.replace(taken, name="Zarmina Gul", email="zarmina@example.com", password=OWN)
    pending = await world.registrations.register(form, new_address())
    return form, pending, await world.code_for(form)


async def holder(world: World, form: Registration) -> Citizen | None:
    """The account that holds the mobile."""
    return await world.stores.citizens.by_index(world.ring.blind(form.mobile, SealPurpose.CITIZEN_MOBILE))


def corrections_of(world: World) -> Corrections:
    """The use case of correcting own details."""
    return Corrections(world.stores.citizens, world.proving, world.ring, world.clock)


class UnprovenPromises:
    """A code by email opens the account and proves no mobile."""

    async def test_the_account_is_usable_and_says_that_its_mobile_is_unproven(self, world: World) -> None:
        form = await unproven(world)
        assert await world.logged_in(form)
        citizen = await world.citizen(form)
        assert (citizen.verified_at is not None, citizen.mobile_proven) == (True, False)
        with pytest.raises(LoginFailedError):  # it is nobody's login
            await world.login(form.mobile, form.password)
        assert (await world.citizen(await world.verified())).mobile_proven

    async def test_mobile_gets_a_message(self, world: World) -> None:
        form = await unproven(world)
        [body] = [e.data for e in await world.published(form) if e.type == CitizenMobileUnproven.type]
        citizen, mobile = await world.citizen(form), CitizenMobileUnproven.model_validate_json(body).mobile
        assert world.ring.unseal(mobile or "", SealPurpose.CITIZEN_MOBILE, owner=citizen.id) == form.mobile

    async def test_a_number_that_had_all_its_sms_gets_none_about_accounts_that_give_it(self, world: World) -> None:
        form = new_form(mobile=(await used_up(world)).mobile)
        other = await holder(world, form)
        assert other is not None
        await world.erasure.close(other.id)
        pending = await world.registrations.register(form, new_address())
        assert pending.sent_by == "email"
        await world.registrations.verify(pending.id, await world.code_for(form))
        [body] = [e.data for e in await world.published(form) if e.type == CitizenMobileUnproven.type]
        assert CitizenMobileUnproven.model_validate_json(body).mobile is None

    @also_over_mongodb
    async def test_sms_code_proves_the_mobile(self, world: World) -> None:
        first = await unproven(world)
        owner = await world.verified(new_form(mobile=first.mobile))
        found = await holder(world, first)
        assert found is not None
        assert found.id == (await world.citizen(owner)).id
        assert await world.login(owner.mobile, owner.password)
        assert await world.logged_in(first)  # the first account is what it was, without the mobile
        assert not (await world.citizen(first)).mobile_proven

    async def test_the_answer_to_a_second_registration_is_that_to_a_first(self, world: World) -> None:
        taken, free = await unproven(world), new_form()
        same_mobile = new_form(mobile=taken.mobile)
        answers = [await world.registrations.register(form, new_address()) for form in (taken, same_mobile, free)]
        assert len({dataclasses.replace(answer, id="") for answer in answers}) == 1
        states = [dataclasses.replace(await world.codes.state("register", answer.id), id="") for answer in answers]
        assert len({(s.sent_by, s.channels, s.resend_after, len(s.sends)) for s in states}) == 1

    @also_over_mongodb
    async def test_one_of_many_parallel_proofs_gets_the_mobile(self, world: World) -> None:
        first = await unproven(world)
        number = first.mobile
        citizen = await world.citizen(first)
        change = await world.mobiles.ask(citizen.id, number, first.password, new_address())
        change_code = await world.code_for(first)
        other = new_form(mobile=number)
        pending = await world.registrations.register(other, new_address())
        code = await world.code_for(other)
        done = await asyncio.gather(
            world.mobiles.prove(citizen.id, change.id, change_code),
            world.registrations.verify(pending.id, code),
            return_exceptions=True,
        )
        assert [type(one) for one in done if isinstance(one, BaseException)] == [CodeFailedError]
        found = await holder(world, first)
        assert found is not None
        assert found.id == (await world.citizen(other)).id

    async def test_its_codes_go_by_email_and_never_to_the_mobile(self, world: World) -> None:
        form = await unproven(world)
        step = await world.logins.login(form.cnic, form.password, Caller(new_address(), "Firefox", None))
        assert isinstance(step, Pending)
        assert (step.sent_by, step.channels, step.sms_after) == ("email", ("email",), None)
        world.clock.forward(seconds=31)
        with pytest.raises(InvalidError):
            await world.codes.resend("login", step.id, new_address())
        await world.codes.resend("login", step.id, new_address(), "email")
        told, nobody = [
            await world.passwords.ask_reset(person.cnic, person.mobile, new_address()) for person in (form, new_form())
        ]
        assert dataclasses.replace(told, id="") == dataclasses.replace(nobody, id="")
        world.clock.forward(seconds=31)
        await world.codes.resend("reset", told.id, new_address())
        assert [code.channel for code in await world.issued_codes(form)][3:] == ["email"] * 4
        token = await world.passwords.prove_reset(told.id, await world.code_for(form))
        await world.passwords.reset(told.id, token.token, OWN)

    async def test_its_codes_take_nothing_from_the_number(self, world: World) -> None:
        form = await unproven(world)
        world.clock.forward(days=1)
        for _ in range(CODES_A_DAY.most):
            world.clock.forward(minutes=15)
            await world.logins.login(form.cnic, form.password, Caller(new_address(), "Firefox", None))
        assert (await world.registrations.register(new_form(mobile=form.mobile), new_address())).sent_by == "sms"

    async def test_the_citizen_proves_the_mobile_later_and_nobody_can_undo_that(self, world: World) -> None:
        form = await unproven(world)
        citizen = await world.citizen(form)
        pending = await world.mobiles.ask(citizen.id, form.mobile, form.password, new_address())
        [*_, sent] = await world.issued_codes(form)
        assert sent.channel == "sms"
        assert world.ring.unseal(sent.to or "", SealPurpose.CITIZEN_MOBILE, owner=citizen.id) == form.mobile
        await world.mobiles.prove(citizen.id, pending.id, await world.code_for(form))
        citizen = await world.citizen(form)
        assert (citizen.mobile_proven, citizen.mobile_undos) == (True, [])
        assert (await world.types_said(form))[-1] == "mobile_proven"
        assert await world.login(form.mobile, form.password)

    async def test_another_number_is_proven_in_its_place(self, world: World) -> None:
        form = await unproven(world)
        await world.verified(new_form(mobile=form.mobile))
        citizen, new = await world.citizen(form), new_form().mobile
        lost = await world.mobiles.ask(citizen.id, form.mobile, form.password, new_address())
        assert await world.stores.citizens.by_challenge(lost.id) is None  # it is another's now
        pending = await world.mobiles.ask(citizen.id, new, form.password, new_address())
        await world.mobiles.prove(citizen.id, pending.id, await world.code_for(form))
        assert await world.login(new, form.password)
        assert (await world.citizen(form)).mobile_undos == []


class AnewPromises:
    """The owner of CNIC and mobile gets back an account that another person opened with them."""

    @also_over_mongodb
    async def test_sms_code_reopens_registration_for_the_owner_of_the_mobile(self, world: World) -> None:
        taken = await unproven(world)
        session = await world.logged_in(taken)
        before = await world.citizen(taken)
        form, pending, code = await anew(world, taken)
        citizen = await world.registrations.verify(pending.id, code)
        assert (citizen.id, citizen.mobile_proven, citizen.codes) == (before.id, True, [])
        email = world.ring.unseal(citizen.email, SealPurpose.CITIZEN_EMAIL, owner=citizen.id)
        assert email == form.email  # where the first one's codes went, none goes any more
        assert await world.login(form.mobile, OWN)
        with pytest.raises(LoginFailedError):
            await world.login(taken.cnic, taken.password, known=False)
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(session.refresh_token)
        assert await world.devices.of_account(citizen.id) == []
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(pending.id, code)

    async def test_nothing_is_changed_until_it_is_proven_and_the_account_is_told(self, world: World) -> None:
        taken = await unproven(world)
        form, pending, code = await anew(world, taken)
        assert await world.login(taken.cnic, taken.password)
        [body] = [e.data for e in await world.published(form) if e.type == CitizenRegistrationRepeated.type]
        assert CitizenRegistrationRepeated.model_validate_json(body).anew
        world.clock.forward(minutes=11)
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(pending.id, code)
        assert await world.login(taken.cnic, taken.password)

    async def test_owner_is_notified_of_every_change(self, world: World) -> None:
        taken = await unproven(world)
        await world.registrations.register(dataclasses.replace(taken, mobile=new_form().mobile), new_address())
        await anew(world, taken)
        body = [e.data for e in await world.published(taken) if e.type == CitizenRegistrationRepeated.type]
        assert [CitizenRegistrationRepeated.model_validate_json(each).anew for each in body] == [None, True]

    async def test_another_password_of_the_account_does_not_stop_it(self, world: World) -> None:
        taken = await unproven(world)
        granted = await world.logged_in(taken)
        form, pending, code = await anew(world, taken)
        await world.passwords.change(granted.account, "session", taken.password, "rivers under the old moon")
        reset = await world.passwords.ask_reset(taken.cnic, taken.mobile, new_address())
        token = await world.passwords.prove_reset(reset.id, await world.code_for(taken))
        await world.passwords.reset(reset.id, token.token, "deserts under the old moon")
        await world.registrations.verify(pending.id, code)
        assert await world.login(form.mobile, OWN)

    @also_over_mongodb
    @pytest.mark.parametrize("act", ["email", "erasure", "mobile"])
    async def test_earlier_session_cannot_use_an_outdated_password_proof(
        self, world: World, monkeypatch: pytest.MonkeyPatch, act: str
    ) -> None:
        """Checking a password takes time; a person who proves the mobile meanwhile has the account."""
        taken = await unproven(world)
        account = (await world.citizen(taken)).id
        form, pending, code = await anew(world, taken)
        look = world.proving.verify

        async def overtaken(account_id: str, password: str) -> str:
            proven = await look(account_id, password)
            await world.registrations.verify(pending.id, code)
            return proven

        monkeypatch.setattr(world.proving, "verify", overtaken)
        acts: dict[str, Callable[[], Awaitable[object]]] = {
            "email": lambda: corrections_of(world).correct(
                account, DataCorrection(email="thief@example.com", password=taken.password)
            ),
            "erasure": lambda: world.erasure.erase(account, taken.password),
            "mobile": lambda: world.mobiles.ask(account, "+923000000001", taken.password, new_address()),
        }
        with pytest.raises(PasswordWrongError):
            await acts[act]()
        citizen = await world.citizen(form)
        assert world.ring.unseal(citizen.email, SealPurpose.CITIZEN_EMAIL, owner=account) == form.email
        assert (citizen.erased_at, citizen.mobile_proven) == (None, True)

    async def test_ended_session_cannot_change_data(self, world: World) -> None:
        taken = await unproven(world)
        citizen = await world.citizen(taken)
        citizen.ending = {"keep": None, "how": "anew"}
        assert not await world.stores.citizens.save_many([citizen])
        with pytest.raises(UnauthenticatedError):
            await corrections_of(world).correct(citizen.id, DataCorrection(name="Thief"))

    async def test_email_code_does_not_reopen_the_registration(self, world: World) -> None:
        taken = await unproven(world)
        form = dataclasses.replace(taken, email="zarmina@example.com", password=OWN)
        told = len(await world.issued_codes(form))
        pending = await by_email(world, form)
        assert pending.sent_by == "email"
        assert [code.channel for code in await world.issued_codes(form)][told:] == ["sms"] * 3
        citizen = await world.registrations.verify(pending.id, await world.code_for(form))
        assert citizen.mobile_proven

    async def test_other_mobile_does_not_reopen_the_registration(self, world: World) -> None:
        taken = await unproven(world)
        told = len(await world.issued_codes(taken))
        await world.registrations.register(dataclasses.replace(taken, mobile=new_form().mobile), new_address())
        assert len(await world.issued_codes(taken)) == told
        assert (await world.types_said(taken))[-1] == "registration_repeated"

    async def test_a_mobile_that_another_has_proven_opens_nothing_anew(self, world: World) -> None:
        taken = await unproven(world)
        await world.verified(new_form(mobile=taken.mobile))
        told = len(await world.issued_codes(taken))
        await world.registrations.register(taken, new_address())
        assert len(await world.issued_codes(taken)) == told

    async def test_the_same_key_sends_one_code(self, world: World) -> None:
        taken = await unproven(world)
        told = len(await world.issued_codes(taken))
        ids = {(await world.registrations.register(taken, new_address(), "a key")).id for _ in range(3)}
        assert len(ids) == 1
        assert len(await world.issued_codes(taken)) == told + 1

    @also_over_mongodb
    async def test_lapsed_registration_does_not_block_a_new_one(self, world: World) -> None:
        taken = await unproven(world)
        await world.registrations.register(new_form(mobile=taken.mobile), new_address())
        world.clock.forward(minutes=11)
        _, pending, code = await anew(world, taken)
        assert (await world.registrations.verify(pending.id, code)).mobile_proven
