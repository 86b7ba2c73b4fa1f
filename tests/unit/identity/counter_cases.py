"""Tests of clerks acting for citizens, on stores in memory; some also run on MongoDB."""

import pytest

from services.identity.codes.service.codes import CodeFailedError
from services.identity.sessions.service.sessions import LoginFailedError
from shared.errors import NotFoundError, TooManyRequestsError
from tests.unit.identity.staff_cases import entered
from tests.unit.identity.world import World, also_over_mongodb, new_form


class CounterPromises:
    """Finding and registering, each entered in the audit."""

    @also_over_mongodb
    async def test_a_citizen_is_found_by_cnic_or_mobile_and_shown_masked(self, world: World) -> None:
        form = await world.verified()
        by_cnic = await world.counter.look_up("clerk", cnic=form.cnic)
        by_mobile = await world.counter.look_up("clerk", mobile=form.mobile)
        assert by_cnic == by_mobile
        assert (by_cnic.name, by_cnic.verified) == ("A*** K***", True)
        assert by_cnic.mobile == f"{form.mobile[:6]}*****{form.mobile[-2:]}"
        assert form.mobile[-4:] not in by_cnic.mobile
        assert (await entered(world))[-2:] == [("looked_up", "clerk", by_cnic.id)] * 2

    async def test_lookups_without_a_result_are_audited(self, world: World) -> None:
        with pytest.raises(NotFoundError):
            await world.counter.look_up("clerk", cnic=new_form().cnic)
        assert await entered(world) == [("looked_up", "clerk", None)]

    async def test_clerk_can_look_up_sixty_people_an_hour(self, world: World) -> None:
        form = new_form()
        for _ in range(60):
            with pytest.raises(NotFoundError):
                await world.counter.look_up("clerk", mobile=form.mobile)
        with pytest.raises(TooManyRequestsError):
            await world.counter.look_up("clerk", mobile=form.mobile)
        with pytest.raises(NotFoundError):
            await world.counter.look_up("another", mobile=form.mobile)
        world.clock.forward(hours=1)
        with pytest.raises(NotFoundError):
            await world.counter.look_up("clerk", mobile=form.mobile)

    async def test_counter_registration_uses_the_code_that_the_citizen_tells(self, world: World) -> None:
        form = new_form(email="", address="", password="")
        pending = await world.counter.register("clerk", form)
        assert not (await world.counter.look_up("clerk", cnic=form.cnic)).verified
        with pytest.raises(CodeFailedError):
            await world.counter.verify("clerk", pending.id, "000000")
        assert [issued.counter for issued in await world.issued_codes(form)] == [True]
        account = (await world.counter.verify("clerk", pending.id, await world.code_for(form))).id
        found = await world.counter.look_up("clerk", cnic=form.cnic)
        assert (found.id, found.verified) == (account, True)
        assert [(what, of) for what, _, of in await entered(world) if what != "looked_up"] == [
            ("registered", None),
            ("verified", account),
        ]

    @pytest.mark.parametrize("password", ["", " ", "monsoon over the blue hills"])
    async def test_nobody_logs_in_without_a_password(self, world: World, password: str) -> None:
        form = new_form(email="", address="", password="")
        pending = await world.counter.register("clerk", form)
        await world.counter.verify("clerk", pending.id, await world.code_for(form))
        with pytest.raises(LoginFailedError):
            await world.login(form.cnic, password)

    async def test_for_somebody_known_the_answer_is_the_same_and_the_owner_is_told(self, world: World) -> None:
        form = await world.verified()
        pending = await world.counter.register("clerk", form)
        assert pending.id
        assert (await world.types_said(form))[-1] == "registration_repeated"
