"""Tests of one-time codes, on stores in memory; some also run on MongoDB."""

from datetime import datetime

import pytest

from services.identity.accounts.models.challenge import Purpose
from services.identity.accounts.models.citizen import Citizen
from services.identity.citizens.models.changes import erase
from services.identity.citizens.service.registration import Registration
from services.identity.codes.service.codes import CodeFailedError, CodeRequest
from shared.errors import InvalidError, NotFoundError, TooManyRequestsError
from shared.events import CitizenErased
from tests.unit.identity.world import World, also_over_mongodb, new_address, new_form, outcomes, wrong

PURPOSES: tuple[Purpose, ...] = ("register", "login", "reset", "contact")


class CodePromises:
    """The validity of codes."""

    @also_over_mongodb
    async def test_parallel_right_codes_count_once(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        code = await world.code_for(form)
        done, raised = await outcomes(*(world.registrations.verify(pending.id, code) for _ in range(20)))
        assert (len(done), {type(error) for error in raised}) == (1, {CodeFailedError})
        assert (await world.types_said(form)).count("verified") == 1

    async def test_code_is_valid_once(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        code = await world.code_for(form)
        await world.registrations.verify(pending.id, code)
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(pending.id, code)

    async def test_code_is_valid_for_ten_minutes(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        world.clock.forward(minutes=10)
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(pending.id, await world.code_for(form))

    @also_over_mongodb
    async def test_correct_code_fails_after_five_wrong_tries(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        code = await world.code_for(form)
        _, raised = await outcomes(*(world.registrations.verify(pending.id, wrong(code)) for _ in range(5)))
        assert len(raised) == 5
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(pending.id, code)

    async def test_a_code_serves_one_purpose_only(self, world: World) -> None:
        form = await world.verified()
        pending = await world.challenged(form, "reset")
        code = await world.code_for(form)
        for other in ("register", "login", "contact"):
            with pytest.raises(CodeFailedError):
                await world.codes.answer(other, pending.id, code, nothing)
        assert (await world.codes.answer("reset", pending.id, code, nothing)).verified_at

    async def test_codes_of_two_purposes_are_independent(self, world: World) -> None:
        form = await world.verified()
        login = await world.challenged(form, "login")
        code = await world.code_for(form)
        await world.challenged(form, "reset")
        assert await world.codes.answer("login", login.id, code, nothing)

    @also_over_mongodb
    @pytest.mark.parametrize("purpose", PURPOSES[1:])
    async def test_of_fifty_right_answers_at_once_one_counts(self, world: World, purpose: Purpose) -> None:
        form = await world.verified()
        pending = await world.challenged(form, purpose)
        code = await world.code_for(form)
        tries = (world.codes.answer(purpose, pending.id, code, nothing) for _ in range(50))
        done, raised = await outcomes(*tries)
        assert len(done) == 1
        assert {type(error) for error in raised} <= {CodeFailedError, TooManyRequestsError}

    @also_over_mongodb
    async def test_a_new_code_ends_the_older(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        old = await world.code_for(form)
        world.clock.forward(seconds=31)
        await world.codes.resend("register", pending.id, "here")
        new = await world.code_for(form)
        if old != new:
            with pytest.raises(CodeFailedError):
                await world.registrations.verify(pending.id, old)
        await world.registrations.verify(pending.id, new)

    @also_over_mongodb
    @pytest.mark.parametrize("purpose", ["login", "reset"])
    async def test_two_devices_at_once_have_a_code_each(self, world: World, purpose: Purpose) -> None:
        form = await world.verified()
        one = await world.challenged(form, purpose)
        first = await world.code_for(form)
        two = await world.challenged(form, purpose)
        second = await world.code_for(form)
        await world.codes.answer(purpose, two.id, second, nothing)
        await world.codes.answer(purpose, one.id, first, nothing)
        for challenge, code in ((one, first), (two, second)):
            with pytest.raises(CodeFailedError):
                await world.codes.answer(purpose, challenge.id, code, nothing)

    async def test_a_new_code_for_one_device_leaves_the_other_its_own(self, world: World) -> None:
        form = await world.verified()
        one, two = await world.challenged(form, "login"), await world.challenged(form, "login")
        of_two = await world.code_for(form)
        world.clock.forward(seconds=31)
        await world.codes.resend("login", one.id, new_address())
        await world.codes.answer("login", one.id, await world.code_for(form), nothing)
        await world.codes.answer("login", two.id, of_two, nothing)

    async def test_code_is_valid_for_its_own_challenge_only(self, world: World) -> None:
        one, two = new_form(), new_form()
        await world.registrations.register(one)
        other = await world.registrations.register(two)
        code = await world.code_for(one)
        if code != await world.code_for(two):
            with pytest.raises(CodeFailedError):
                await world.registrations.verify(other.id, code)


class SendPromises:
    """How often a code is sent, and to which channel."""

    async def test_resend_for_an_unknown_id_gets_the_same_answer(self, world: World) -> None:
        owner = await world.verified()
        world.clock.forward(minutes=61)
        new, decoy = await world.registrations.register(new_form()), await world.registrations.register(owner)
        for seconds, wait in ((31, 60), (61, 120), (121, 120), (121, 3266)):
            for pending in (new, decoy):
                with pytest.raises(TooManyRequestsError):
                    await world.codes.resend("register", pending.id, "here")
            world.clock.forward(seconds=seconds)
            again = [await world.codes.resend("register", pending.id, "here") for pending in (new, decoy)]
            assert [pending.resend_after for pending in again] == [wait, wait]
        assert (await world.types_said(owner)).count("code_issued") == 1

    async def test_sixth_code_waits_for_the_hour(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        for _ in range(4):
            world.clock.forward(seconds=121)
            await world.codes.resend("register", pending.id, "here")
        world.clock.forward(seconds=121)
        with pytest.raises(TooManyRequestsError) as refused:
            await world.codes.resend("register", pending.id, "here")
        assert refused.value.headers["Retry-After"] == str(3600 - 5 * 121)
        assert (await world.types_said(form)).count("code_issued") == 5

    @also_over_mongodb
    async def test_of_resends_at_once_one_sends(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        world.clock.forward(seconds=31)
        done, raised = await outcomes(*(world.codes.resend("register", pending.id, "here") for _ in range(8)))
        assert (len(done), {type(error) for error in raised}) == (1, {TooManyRequestsError})
        assert (await world.types_said(form)).count("code_issued") == 2

    async def test_nobody_can_resend_for_an_unknown_id(self, world: World) -> None:
        with pytest.raises(CodeFailedError):
            await world.codes.resend("register", "no such registration", "here")

    async def test_a_number_gets_five_codes_an_hour_over_all_purposes(self, world: World) -> None:
        form = await world.verified()
        for purpose in ("login", "reset", "login", "reset"):
            await world.challenged(form, purpose)
        with pytest.raises(TooManyRequestsError) as refused:
            await world.challenged(form, "login")
        assert refused.value.headers["Retry-After"] == "3600"
        with pytest.raises(TooManyRequestsError):
            await world.registrations.register(form, new_address())
        assert (await world.types_said(form)).count("code_issued") == 5
        world.clock.forward(hours=1)
        await world.challenged(form, "login")

    @also_over_mongodb
    async def test_fifty_parallel_requests_send_five_codes(self, world: World) -> None:
        form = await world.verified()
        world.clock.forward(hours=1)
        done, raised = await outcomes(*(world.challenged(form, "login") for _ in range(50)))
        assert (len(done), {type(error) for error in raised}) == (5, {TooManyRequestsError})

    @also_over_mongodb
    async def test_code_refused_by_the_limit_of_a_number_does_not_count_against_the_address(self, world: World) -> None:
        form = new_form()
        for turn in range(30):
            await outcomes(world.registrations.register(form, "one place", f"key {turn}"))
        await world.registrations.register(new_form(), "one place")

    async def test_email_is_open_after_two_messages_and_gets_the_next_code(self, world: World) -> None:
        form = new_form()
        pending = await world.registrations.register(form)
        assert pending.channels == ("sms",)
        world.clock.forward(seconds=31)
        with pytest.raises(InvalidError) as refused:
            await world.codes.resend("register", pending.id, "here", "email")
        assert refused.value.problem_code == "otp-channel"
        assert (await world.codes.resend("register", pending.id, "here")).channels == ("sms", "email")
        world.clock.forward(seconds=61)
        await world.codes.resend("register", pending.id, "here", "email")
        assert [event.channel for event in await world.issued_codes(form)] == ["sms", "sms", "email"]
        await world.registrations.verify(pending.id, await world.code_for(form))

    async def test_a_code_for_another_mobile_goes_there_each_time(self, world: World) -> None:
        form = await world.verified()
        pending = await world.challenged(form, "contact", to="sealed")
        world.clock.forward(seconds=31)
        assert (await world.codes.resend("contact", pending.id, "here")).channels == ("sms",)
        assert [event.to for event in await world.issued_codes(form)] == [None, "sealed", "sealed"]

    async def test_delivery_status_of_a_code_is_visible_to_its_citizen_only(self, world: World) -> None:
        form = await world.verified()
        pending = await world.challenged(form, "contact", to="sealed")
        world.clock.forward(seconds=31)
        with pytest.raises(NotFoundError):
            await world.codes.state("contact", pending.id, of="somebody else")
        with pytest.raises(CodeFailedError):
            await world.codes.resend("contact", pending.id, "here", of="somebody else")
        assert [event.to for event in await world.issued_codes(form)] == [None, "sealed"]
        assert (await world.codes.state("contact", pending.id, of=(await world.citizen(form)).id)).sends


class ResendPromises:
    """Sending a code again while another is answered."""

    @also_over_mongodb
    async def test_correct_code_during_a_resend_is_the_last(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        form = new_form()
        pending = await world.registrations.register(form, new_address())
        code, find = await world.code_for(form), world.stores.citizens.by_challenge

        async def overtaken(challenge: str) -> Citizen | None:
            found = await find(challenge)
            monkeypatch.undo()
            await world.registrations.verify(challenge, code)
            return found

        world.clock.forward(seconds=30)
        monkeypatch.setattr(world.stores.citizens, "by_challenge", overtaken)
        await world.codes.resend("register", pending.id, new_address())
        assert await world.types_said(form) == ["registered", "code_issued", "verified"]

    async def test_citizen_without_email_gets_another_sms(self, world: World) -> None:
        form = await world.verified(new_form(email=""))
        pending = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        for channel in ("sms", "email"):
            world.clock.forward(minutes=2)
            pending = await world.codes.resend("reset", pending.id, new_address(), channel)
        assert pending.sent_by == "email"
        assert [code.channel for code in await world.issued_codes(form)] == ["sms", "sms", "sms", "sms"]

    async def test_citizen_without_email_is_not_offered_email(self, world: World) -> None:
        pending = await world.registrations.register(new_form(email=""), new_address())
        for _ in range(2):
            assert pending.channels == ("sms",)
            world.clock.forward(minutes=2)
            with pytest.raises(InvalidError):
                await world.codes.resend("register", pending.id, new_address(), "email")
            pending = await world.codes.resend("register", pending.id, new_address())

    @also_over_mongodb
    async def test_nothing_is_sent_to_somebody_who_is_erased_meanwhile(self, world: World) -> None:
        form = await world.verified()
        citizen = await world.citizen(form)
        gone = await world.citizen(form)
        assert erase(gone, world.clock.now)
        assert not await world.stores.citizens.save_many([gone])
        await world.codes.start(CodeRequest("login", citizen.id, citizen.mobile_index, new_address()), citizen)
        left = await world.stores.citizens.get(citizen.id)
        assert left is not None
        assert (left.codes, left.stored["events"][-1]["type"]) == ([], CitizenErased.type)


class LockPromises:
    """Wrong codes lock a purpose of an account for a time."""

    @also_over_mongodb
    async def test_five_wrong_codes_lock_the_purpose_for_a_quarter_of_an_hour(self, world: World) -> None:
        form = await world.verified()
        await storm(world, form, "login")
        with pytest.raises(TooManyRequestsError) as refused:
            await world.challenged(form, "login")
        assert refused.value.headers["Retry-After"] == "900"
        reset = await world.challenged(form, "reset")
        assert await world.codes.answer("reset", reset.id, await world.code_for(form), nothing)
        world.clock.forward(minutes=15)
        login = await world.challenged(form, "login")
        assert await world.codes.answer("login", login.id, await world.code_for(form), nothing)

    async def test_new_code_does_not_lift_the_lock(self, world: World) -> None:
        form = await world.verified()
        pending = [await world.challenged(form, "login") for _ in range(2)]
        code = await world.code_for(form)
        await outcomes(*(world.codes.answer("login", pending[0].id, wrong(code), nothing) for _ in range(5)))
        with pytest.raises(TooManyRequestsError):
            await world.codes.answer("login", pending[1].id, code, nothing)
        with pytest.raises(TooManyRequestsError):
            await world.codes.resend("login", pending[1].id, "here")

    async def test_ten_wrong_codes_are_looked_at_in_an_hour(self, world: World) -> None:
        form = await world.verified()
        world.clock.forward(hours=1)
        for _ in range(2):
            await storm(world, form, "login")
            world.clock.forward(minutes=15)
        pending = await world.challenged(form, "login")
        with pytest.raises(TooManyRequestsError) as refused:
            await world.codes.answer("login", pending.id, await world.code_for(form), nothing)
        assert refused.value.headers["Retry-After"] == "1800"
        world.clock.forward(minutes=30)
        pending = await world.challenged(form, "login")
        assert await world.codes.answer("login", pending.id, await world.code_for(form), nothing)

    async def test_many_calls_with_unknown_ids_get_the_same_answers(self, world: World) -> None:
        owner = await world.verified()
        pending = await world.registrations.register(owner, new_address())
        for _ in range(5):
            with pytest.raises(CodeFailedError):
                await world.registrations.verify(pending.id, "123456")
        with pytest.raises(CodeFailedError):
            await world.registrations.verify(pending.id, "123456")
        with pytest.raises(TooManyRequestsError):
            await world.codes.resend("register", pending.id, "here")


class DeliveryPromises:
    """The delivery of a code is shown."""

    @also_over_mongodb
    async def test_a_code_of_a_login_is_sent_and_then_delivered(self, world: World) -> None:
        form = await world.verified()
        pending = await world.challenged(form, "login")
        assert await told(world, "login", pending.id) == [None]
        arrived = world.clock.forward(seconds=3)
        await world.deliver(form)
        [arrived_at] = await told(world, "login", pending.id)
        assert arrived_at is not None
        assert round(arrived_at.timestamp()) == round(arrived.timestamp())

    async def test_undelivered_code_is_not_reported_as_the_next_one(self, world: World) -> None:
        form = await world.verified()
        pending = await world.challenged(form, "login")
        citizen = await world.citizen(form)
        citizen.deliveries = []  # as after a crash before the code was written
        assert not await world.stores.citizens.save_many([citizen])
        world.clock.forward(minutes=1)
        await world.codes.resend("login", pending.id, new_address())
        world.clock.forward(seconds=3)
        await world.deliver(form)
        first, second = await told(world, "login", pending.id)
        assert first is None
        assert second is not None

    async def test_delivery_is_not_reported_where_it_is_false_or_discloses_an_account(self, world: World) -> None:
        """No code is sent for a known CNIC or mobile; so the delivery of other codes is not shown either."""
        owner, free = await world.verified(), new_form()
        world.clock.forward(hours=1)
        for form in (owner, new_form(mobile=owner.mobile), free):
            pending = await world.registrations.register(form, new_address())
            world.clock.forward(minutes=2)
            if form is free:
                await world.deliver(free)
            assert await told(world, "register", pending.id) == [None]
        reset = await world.passwords.ask_reset(owner.cnic, owner.mobile, new_address())
        await world.deliver(owner)
        assert await told(world, "reset", reset.id) == [None]

    async def test_unknown_id_discloses_nothing(self, world: World) -> None:
        with pytest.raises(NotFoundError):
            await world.codes.state("register", "no such registration")


async def told(world: World, purpose: Purpose, challenge: str) -> list[datetime | None]:
    """The reported delivery times of a challenge's codes."""
    return [send.delivered_at for send in (await world.codes.state(purpose, challenge)).sends]


async def storm(world: World, form: Registration, purpose: Purpose) -> None:
    """Five wrong answers to a new challenge."""
    pending = await world.challenged(form, purpose)
    code = wrong(await world.code_for(form))
    _, raised = await outcomes(*(world.codes.answer(purpose, pending.id, code, nothing) for _ in range(5)))
    assert len(raised) == 5


def nothing(_: Citizen, __: datetime) -> None:
    """Do nothing after a correct code."""
