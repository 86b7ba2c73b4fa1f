"""The limits of an address that hundreds of people share."""

import dataclasses
from collections import Counter

import pytest

from services.identity.accounts.models.device import Caller
from services.identity.accounts.models.throttle import TokenBucket
from services.identity.codes.service.codes import CodeFailedError, Pending
from services.identity.codes.service.limits import AddressLimits
from services.identity.sessions.service.sessions import GrantedTokens, LoginFailedError
from shared.errors import Problem, TooManyRequestsError
from tests.unit.identity.world import World, new_form, outcomes, wrong

MAX_TRIES = 6
STRICT_LIMITS = AddressLimits(codes=TokenBucket.an_hour(MAX_TRIES), failures=TokenBucket.an_hour(MAX_TRIES))
RETRY_AFTER = str(3600 // MAX_TRIES)
HERE, ELSEWHERE = Caller("one place", "Firefox"), Caller("another place", "Firefox")


def strict(world: World) -> World:
    """The world with low limits of an address, so that a test can reach them."""
    return dataclasses.replace(world, address=STRICT_LIMITS)


def why(raised: list[BaseException]) -> Counter[str]:
    """The number of each problem among responses."""
    return Counter(error.problem_code for error in raised if isinstance(error, Problem))


class AddressPromises:
    """Limits of an address."""

    async def test_one_guess_at_each_of_many_accounts_is_stopped(self, world: World) -> None:
        form, world = await world.verified(), strict(world)
        _, raised = await outcomes(*(world.logins.login(new_form().cnic, "guess", HERE) for _ in range(3 * MAX_TRIES)))
        assert why(raised) == {"login-failed": MAX_TRIES, "network-failures": 2 * MAX_TRIES}
        with pytest.raises(TooManyRequestsError) as refused:
            await world.logins.login(form.cnic, form.password, HERE)
        assert (refused.value.problem_code, refused.value.headers["Retry-After"]) == ("network-failures", RETRY_AFTER)
        assert isinstance(await world.logins.login(form.cnic, form.password, ELSEWHERE), Pending)
        world.clock.forward(seconds=int(RETRY_AFTER))
        assert isinstance(await world.logins.login(form.cnic, form.password, HERE), Pending)

    async def test_known_device_is_not_limited_by_failures_of_others_at_its_address(self, world: World) -> None:
        form = await world.verified()
        known, world = dataclasses.replace(HERE, device=world.tokens_of[form.cnic]), strict(world)
        await outcomes(*(world.logins.login(new_form().cnic, "guess", HERE) for _ in range(2 * MAX_TRIES)))
        assert isinstance(await world.logins.login(form.cnic, form.password, known), GrantedTokens)

    async def test_successful_logins_do_not_count_against_the_address(self, world: World) -> None:
        form, world = await world.verified(), strict(world)
        for _ in range(MAX_TRIES + 2):
            world.clock.forward(hours=1)  # of its number
            assert isinstance(await world.logins.login(form.cnic, form.password, HERE), Pending)
        with pytest.raises(LoginFailedError):
            await world.logins.login(form.cnic, "guess", HERE)

    async def test_unused_codes_are_counted_by_address(self, world: World) -> None:
        world = strict(world)
        for _ in range(MAX_TRIES):
            await world.registrations.register(new_form(), HERE.address)
        with pytest.raises(TooManyRequestsError) as refused:
            await world.registrations.register(new_form(), HERE.address)
        assert (refused.value.problem_code, refused.value.headers["Retry-After"]) == ("network-codes", RETRY_AFTER)
        await world.registrations.register(new_form(), ELSEWHERE.address)
        world.clock.forward(seconds=int(RETRY_AFTER))
        await world.registrations.register(new_form(), HERE.address)

    async def test_used_code_does_not_count_against_the_address(self, world: World) -> None:
        world = strict(world)
        for _ in range(MAX_TRIES + 2):
            form = new_form()
            pending = await world.registrations.register(form, HERE.address)
            await world.registrations.verify(pending.id, await world.code_for(form), HERE.address)

    async def test_one_code_tried_at_each_of_many_numbers_is_stopped(self, world: World) -> None:
        form, others, world = new_form(), [new_form() for _ in range(MAX_TRIES)], strict(world)
        asked = [(await world.registrations.register(other, f"of {n}")).id for n, other in enumerate(others)]
        pending = await world.registrations.register(form, ELSEWHERE.address)
        code = await world.code_for(form)
        for challenge, other in zip(asked, others, strict=True):
            with pytest.raises(CodeFailedError):
                await world.registrations.verify(challenge, wrong(await world.code_for(other)), HERE.address)
        with pytest.raises(TooManyRequestsError) as refused:
            await world.registrations.verify(pending.id, code, HERE.address)
        assert refused.value.problem_code == "network-failures"
        assert (await world.registrations.verify(pending.id, code, ELSEWHERE.address)).verified_at
