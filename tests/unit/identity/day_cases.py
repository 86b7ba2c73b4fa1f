"""Ten codes a day for a number: after them email, and the answer says when a code comes by SMS again."""

import dataclasses

import pytest

from services.identity.accounts.models.challenge import BY_SMS
from services.identity.accounts.models.device import Caller
from services.identity.accounts.models.throttle import CODES_A_DAY
from services.identity.citizens.service.registration import Registration
from services.identity.codes.service.codes import CodeRequest, Pending
from shared.errors import InvalidError, TooManyRequestsError
from tests.unit.identity.world import World, also_over_mongodb, new_address, new_form, outcomes

DAY = 24 * 3600
QUARTER = 15 * 60


async def used_up(world: World, form: Registration | None = None) -> Registration:
    """A citizen whose number got all codes of the day, one every 15 minutes, the last 15 minutes ago."""
    form = await world.verified(form)
    world.clock.forward(seconds=QUARTER)
    for _ in range(CODES_A_DAY.most - 1):
        await world.challenged(form, "login")
        world.clock.forward(seconds=QUARTER)
    return form


async def channels_of(world: World, form: Registration) -> list[str]:
    """The channels of an account's codes."""
    return [event.channel for event in await world.issued_codes(form)]


class DayPromises:
    """The limit of codes to a number in a day."""

    async def test_the_tenth_code_of_a_day_goes_by_sms_and_the_eleventh_by_email(self, world: World) -> None:
        form = await used_up(world)
        assert await channels_of(world, form) == ["sms"] * CODES_A_DAY.most
        pending = await world.challenged(form, "login")
        assert (pending.sent_by, pending.channels) == ("email", ("email",))
        assert pending.sms_after == DAY - CODES_A_DAY.most * QUARTER
        assert (await channels_of(world, form))[-1] == "email"
        await world.codes.answer("login", pending.id, await world.code_for(form), lambda *_: None)

    async def test_sms_is_available_again_at_the_announced_second(self, world: World) -> None:
        form = await used_up(world)
        wait = (await world.challenged(form, "login")).sms_after or 0
        world.clock.forward(seconds=wait - 1)
        late = await world.challenged(form, "login")
        assert (late.sent_by, late.sms_after) == ("email", 1)
        world.clock.forward(seconds=1)
        again = await world.challenged(form, "login")
        assert again.sent_by == "sms"
        assert again.channels == ("email",)  # until the second of the ten is a day old
        assert again.sms_after == QUARTER

    async def test_a_resend_by_sms_is_refused_with_the_time_and_by_email_it_is_sent(self, world: World) -> None:
        form = await used_up(world)
        pending = await world.challenged(form, "reset")
        world.clock.forward(seconds=31)
        with pytest.raises(TooManyRequestsError) as refused:
            await world.codes.resend("reset", pending.id, "here")
        assert refused.value.problem_code == "sms-used-up"
        assert refused.value.headers["Retry-After"] == str((pending.sms_after or 0) - 31)
        assert (await world.codes.resend("reset", pending.id, "here", "email")).sent_by == "email"
        assert (await channels_of(world, form))[-2:] == ["email", "email"]

    async def test_unused_number_gets_the_same_answers(self, world: World) -> None:
        citizen = await world.citizen(await world.verified())
        world.clock.forward(days=1)
        for _ in range(CODES_A_DAY.most + 3):
            world.clock.forward(seconds=QUARTER)
            known = CodeRequest("reset", citizen.id, citizen.mobile_index, new_address())
            one = await world.codes.start(known, citizen)
            other = await world.codes.start(CodeRequest("reset", "nobody", "nobody's", new_address()), None)
            assert dataclasses.replace(one, id="") == dataclasses.replace(other, id="")
        assert one.sent_by == "email"

    async def test_a_new_number_is_proven_by_sms_alone_so_that_it_waits(self, world: World) -> None:
        form, other = await used_up(world), await world.verified()
        citizen = await world.citizen(other)
        with pytest.raises(TooManyRequestsError) as refused:
            await world.mobiles.ask(citizen.id, form.mobile, other.password, new_address())
        assert refused.value.problem_code == "codes-of-a-day"
        assert refused.value.headers["Retry-After"] == str(DAY - CODES_A_DAY.most * QUARTER)

    async def test_counter_registration_without_email_waits_too(self, world: World) -> None:
        form = await used_up(world)
        with pytest.raises(TooManyRequestsError):
            await world.registrations.register(new_form(mobile=form.mobile, email=""), new_address())
        assert (await world.registrations.register(new_form(mobile=form.mobile), new_address())).sent_by == "email"

    async def test_citizen_without_email_gets_no_eleventh_sms(self, world: World) -> None:
        form = await used_up(world, new_form(email=""))
        pending = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        assert pending.sms_after == DAY - CODES_A_DAY.most * QUARTER  # told to everybody, with or without email
        world.clock.forward(seconds=31)
        await world.codes.resend("reset", pending.id, "here", "email")
        assert await channels_of(world, form) == ["sms"] * CODES_A_DAY.most

    async def test_login_without_email_has_the_time_of_the_next_sms(self, world: World) -> None:
        form = await used_up(world, new_form(email=""))
        with pytest.raises(TooManyRequestsError) as refused:
            await world.logins.login(form.cnic, form.password, Caller(new_address(), "Firefox", None))
        wait = DAY - CODES_A_DAY.most * QUARTER
        assert refused.value.headers["Retry-After"] == str(wait)
        world.clock.forward(seconds=wait)
        step = await world.logins.login(form.cnic, form.password, Caller(new_address(), "Firefox", None))
        assert isinstance(step, Pending)
        assert (step.sent_by, step.channels) == ("sms", ("sms",))
        assert await channels_of(world, form) == ["sms"] * (CODES_A_DAY.most + 1)

    async def test_refused_lookup_does_not_count(self, world: World) -> None:
        form = await used_up(world)
        citizen = await world.citizen(form)
        asked = CodeRequest("contact", citizen.id, citizen.mobile_index, "one place", BY_SMS)
        for _ in range(30):
            with pytest.raises(TooManyRequestsError):
                await world.codes.start(asked, citizen, "sealed")
        assert (await world.challenged(form, "login")).sent_by == "email"

    @also_over_mongodb
    async def test_of_many_at_once_no_more_than_ten_go_by_sms(self, world: World) -> None:
        form = await world.verified()
        for _ in range(3):
            world.clock.forward(hours=1)
            await outcomes(*(world.challenged(form, "login") for _ in range(20)))
        sent = await channels_of(world, form)
        assert (sent.count("sms"), sent.count("email")) == (CODES_A_DAY.most, 6)

    async def test_email_is_not_open_before(self, world: World) -> None:
        form = await world.verified()
        pending = await world.challenged(form, "login")
        world.clock.forward(seconds=31)
        with pytest.raises(InvalidError):
            await world.codes.resend("login", pending.id, "here", "email")
