"""Tests of known devices and limits of logins, on stores in memory; some also run on MongoDB."""

from datetime import timedelta

import pytest

from services.identity.accounts.models.device import Caller
from services.identity.accounts.models.throttle import FAILURES_IN_A_ROW, LOGIN_FAILURES, TryLimit
from services.identity.citizens.service.registration import Registration
from services.identity.codes.service.codes import CodeFailedError, Pending
from services.identity.sessions.service.sessions import GrantedTokens, LoginFailedError
from shared.errors import NotFoundError, TooManyRequestsError
from tests.unit.identity.staff_cases import SECRET, made
from tests.unit.identity.world import World, also_over_mongodb, new_address, new_form, outcomes

HERE = Caller("a place", "Firefox, Android")


async def begun(world: World, form: Registration, caller: Caller = HERE) -> Pending:
    """A login on an unknown device."""
    step = await world.logins.login(form.cnic, form.password, caller)
    assert isinstance(step, Pending)
    return step


async def proven(world: World, form: Registration, *, remember: bool = True) -> GrantedTokens:
    """A login on an unknown device, completed by its code."""
    step = await begun(world, form)
    return await world.logins.answer_code(step.id, await world.code_for(form), HERE, remember=remember)


class DevicePromises:
    """A new device needs a code besides the password."""

    @also_over_mongodb
    async def test_a_new_device_needs_a_code_and_is_known_after_it(self, world: World) -> None:
        form = await world.verified()
        first = await proven(world, form)
        assert first.device is not None
        again = await world.logins.login(form.cnic, form.password, Caller("elsewhere", "Chrome, Mac", first.device))
        assert isinstance(again, GrantedTokens)
        assert {session.device for session in await world.ends.running(again.account)} == {HERE.program, "Chrome, Mac"}

    async def test_device_is_not_remembered_without_consent(self, world: World) -> None:
        assert (await proven(world, await world.verified(), remember=False)).device is None

    async def test_the_device_of_somebody_else_and_a_guessed_one_are_new(self, world: World) -> None:
        form, other = await world.verified(), await world.verified()
        for token in (world.tokens_of[other.cnic], "guessed", ""):
            await begun(world, form, Caller(new_address(), "", token))

    async def test_device_cookie_without_the_password_does_not_log_in(self, world: World) -> None:
        form = await world.verified()
        with pytest.raises(LoginFailedError):
            await world.logins.login(form.cnic, "not the password", Caller("x", "", world.tokens_of[form.cnic]))

    @also_over_mongodb
    async def test_of_fifty_right_answers_at_once_one_opens_a_session(self, world: World) -> None:
        form = await world.verified()
        step, code = await begun(world, form), await world.code_for(form)
        tries = (world.logins.answer_code(step.id, code, HERE, remember=True) for _ in range(50))
        done, raised = await outcomes(*tries)
        assert len(done) == 1
        assert {type(error) for error in raised} <= {CodeFailedError, TooManyRequestsError}

    async def test_a_code_of_another_purpose_opens_nothing(self, world: World) -> None:
        form = await world.verified()
        reset = await world.challenged(form, "reset")
        with pytest.raises(CodeFailedError):
            await world.logins.answer_code(reset.id, await world.code_for(form), HERE, remember=True)

    @also_over_mongodb
    async def test_devices_are_listed_and_forgotten_by_their_owner_alone(self, world: World) -> None:
        form, other = await world.verified(), await world.verified()
        account, stranger = (await world.citizen(form)).id, (await world.citizen(other)).id
        [device] = await world.devices.of_account(account)
        with pytest.raises(NotFoundError):
            await world.devices.forget(stranger, device.id)
        await world.devices.forget(account, device.id)
        await begun(world, form, Caller("x", "", world.tokens_of[form.cnic]))

    @also_over_mongodb
    async def test_a_device_that_was_not_used_for_half_a_year_is_new(self, world: World) -> None:
        form = await world.verified()
        world.clock.forward(days=181)
        await begun(world, form, Caller("x", "", world.tokens_of[form.cnic]))

    @also_over_mongodb
    async def test_reset_forgets_all_devices(self, world: World) -> None:
        form = await world.verified()
        pending = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        token = (await world.passwords.prove_reset(pending.id, await world.code_for(form))).token
        await world.passwords.reset(pending.id, token, form.password)
        assert await world.devices.of_account((await world.citizen(form)).id) == []
        await begun(world, form, Caller("x", "", world.tokens_of[form.cnic]))

    @also_over_mongodb
    async def test_a_password_changed_meanwhile_ends_the_challenge(self, world: World) -> None:
        form = await world.verified()
        step, code = await begun(world, form), await world.code_for(form)
        account = (await world.citizen(form)).id
        await world.passwords.change(account, "", form.password, "lanterns on the long canal")
        with pytest.raises(CodeFailedError):
            await world.logins.answer_code(step.id, code, HERE, remember=True)


class LoginLimitPromises:
    """Wrong passwords are counted by account and address; a known device stays usable."""

    async def test_failures_from_elsewhere_leave_a_known_device_three_tries_of_its_own(self, world: World) -> None:
        form = await world.verified()
        await outcomes(*(world.logins.login(form.cnic, f"guess {n}", Caller(new_address())) for n in range(9)))
        with pytest.raises(TooManyRequestsError):
            await world.logins.login(form.cnic, form.password, Caller(new_address()))
        known = Caller(new_address(), "", world.tokens_of[form.cnic])
        for _ in range(2):
            with pytest.raises(LoginFailedError):
                await world.logins.login(form.cnic, "mistyped", known)
        assert isinstance(await world.logins.login(form.cnic, form.password, known), GrantedTokens)
        for _ in range(3):
            with pytest.raises(LoginFailedError):
                await world.logins.login(form.cnic, "mistyped", known)
        with pytest.raises(TooManyRequestsError):
            await world.logins.login(form.cnic, form.password, known)

    async def test_each_lock_is_twice_as_long_as_the_one_before_up_to_a_day(self, world: World) -> None:
        form, waits = await world.verified(), []
        for _ in range(8):
            await outcomes(*(world.logins.login(form.cnic, "guess", Caller(new_address())) for _ in range(5)))
            with pytest.raises(TooManyRequestsError) as refused:
                await world.logins.login(form.cnic, form.password, Caller(new_address()))
            waits.append(int(refused.value.headers["Retry-After"]))
            world.clock.forward(seconds=waits[-1])
        assert waits == [min(900 * 2**n, 86_400) for n in range(8)]

    async def test_after_a_hundred_failures_in_a_row_the_password_opens_nothing_until_it_is_reset(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert FAILURES_IN_A_ROW.most == 100
        few = TryLimit(8, FAILURES_IN_A_ROW.within)
        assert few.within >= timedelta(days=365)
        monkeypatch.setattr("services.identity.sessions.service.login_limits.FAILURES_IN_A_ROW", few)
        form, nobody = await world.verified(), new_form()
        for login in (form.cnic, nobody.cnic):
            for _ in range(few.most):
                with pytest.raises(LoginFailedError):
                    await world.logins.login(login, "guess", Caller(new_address()))
                world.clock.forward(days=2)
            with pytest.raises(
                TooManyRequestsError, match="reset-needed"
            ):  # the right password too, and nobody's alike
                await world.logins.login(login, form.password, Caller(new_address()))
        known = Caller(new_address(), "", world.tokens_of[form.cnic])
        assert isinstance(await world.logins.login(form.cnic, form.password, known), GrantedTokens)
        pending = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        token = (await world.passwords.prove_reset(pending.id, await world.code_for(form))).token
        await world.passwords.reset(pending.id, token, "another monsoon over the hills")
        step = await world.logins.login(form.cnic, "another monsoon over the hills", Caller(new_address()))
        assert isinstance(step, Pending)

    async def test_staff_are_locked_without_a_forced_reset(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "services.identity.sessions.service.login_limits.FAILURES_IN_A_ROW", TryLimit(3, FAILURES_IN_A_ROW.within)
        )
        await made(world)
        for _ in range(LOGIN_FAILURES.most):
            with pytest.raises(LoginFailedError):
                await world.logins.login("zafar", "guess", Caller(new_address()))
        with pytest.raises(TooManyRequestsError) as refused:  # the right password waits too
            await world.logins.login("zafar", SECRET, Caller(new_address()))
        assert refused.value.problem_code == "account-locked"
        world.clock.forward(minutes=15)
        assert isinstance(await world.logins.login("zafar", SECRET, Caller(new_address())), GrantedTokens)

    async def test_staff_reset_does_not_disclose_whether_an_account_exists(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few = TryLimit(2, FAILURES_IN_A_ROW.within)
        monkeypatch.setattr("services.identity.sessions.service.login_limits.FAILURES_IN_A_ROW", few)
        await made(world)
        for login in ("zafar", "nobody.here"):
            for _ in range(4):
                with pytest.raises(LoginFailedError):
                    await world.logins.login(login, "guess", Caller(new_address()))

    async def test_correct_password_resets_the_failure_count(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few = TryLimit(3, FAILURES_IN_A_ROW.within)
        monkeypatch.setattr("services.identity.sessions.service.login_limits.FAILURES_IN_A_ROW", few)
        form = await world.verified()
        for _ in range(3):
            for _ in range(2):
                with pytest.raises(LoginFailedError):
                    await world.logins.login(form.cnic, "guess", Caller(new_address()))
            assert isinstance(await world.logins.login(form.cnic, form.password, Caller(new_address())), Pending)
            world.clock.forward(hours=2)
