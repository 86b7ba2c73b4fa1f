"""Tests of logging in and of sessions, on stores in memory; some also run on MongoDB."""

import base64
import json

import pytest

from services.identity.accounts.models.throttle import LOGIN_FAILURES
from services.identity.sessions.service.sessions import LoginFailedError
from shared.errors import TooManyRequestsError, UnauthenticatedError
from shared.rights import Role
from tests.unit.identity.world import World, also_over_mongodb, new_form, outcomes


class SessionPromises:
    """Logging in, refreshing, logging out."""

    @also_over_mongodb
    async def test_cnic_and_mobile_in_any_spelling_lead_to_one_account(self, world: World) -> None:
        form = await world.verified()
        cnic, mobile = form.cnic, form.mobile.removeprefix("+92")
        logins = (cnic, f"{cnic[:5]}-{cnic[5:12]}-{cnic[12]}", f"0{mobile[:3]} {mobile[3:]}", f"0092{mobile}")
        granted = [await world.login(login, form.password) for login in logins]
        assert len({each.account for each in granted}) == 1
        assert (granted[0].expires_in, granted[0].refresh_expires_in, granted[0].role) == (600, 3600, Role.CITIZEN)

    async def test_unverified_account_cannot_log_in(self, world: World) -> None:
        form = new_form()
        await world.registrations.register(form)
        with pytest.raises(LoginFailedError):
            await world.logged_in(form)

    @also_over_mongodb
    @pytest.mark.parametrize("login", ["35202-9999999-1", "0300 9999999", "nobody.here", "", "\u0000$ne"])
    async def test_unknown_accounts_are_refused_and_throttled_like_known_ones(self, world: World, login: str) -> None:
        for _ in range(LOGIN_FAILURES.most):
            with pytest.raises(LoginFailedError):
                await world.login(login, "some password")
        with pytest.raises(TooManyRequestsError):
            await world.login(login, "some password")

    async def test_correct_password_is_locked_after_five_failures(self, world: World) -> None:
        form = await world.verified()
        for login in (form.cnic, form.mobile, form.cnic, form.mobile, form.cnic):
            with pytest.raises(LoginFailedError):
                await world.login(login, "not the password", known=False)
        with pytest.raises(TooManyRequestsError) as refused:
            await world.login(form.cnic, form.password, known=False)
        assert refused.value.headers["Retry-After"] == "900"
        world.clock.forward(minutes=15)
        assert (await world.logged_in(form)).account

    @also_over_mongodb
    async def test_five_of_parallel_guesses_are_checked(self, world: World) -> None:
        form = await world.verified()
        _, raised = await outcomes(*(world.login(form.cnic, f"guess number {n}", known=False) for n in range(200)))
        assert len([error for error in raised if isinstance(error, LoginFailedError)]) == LOGIN_FAILURES.most
        assert len([error for error in raised if isinstance(error, TooManyRequestsError)]) == 200 - LOGIN_FAILURES.most

    @also_over_mongodb
    async def test_a_login_clears_the_failures(self, world: World) -> None:
        form = await world.verified()
        for _ in range(3):
            await outcomes(*(world.login(form.cnic, "not the password") for _ in range(4)))
            assert (await world.logged_in(form)).account

    @also_over_mongodb
    async def test_session_ends_after_an_idle_hour(self, world: World) -> None:
        granted = await world.logged_in(await world.verified())
        world.clock.forward(minutes=59)
        granted = await world.logins.refresh(granted.refresh_token)
        world.clock.forward(minutes=60)
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(granted.refresh_token)

    async def test_a_session_ends_after_twelve_hours_in_any_case(self, world: World) -> None:
        granted = await world.logged_in(await world.verified())
        for _ in range(14):
            world.clock.forward(minutes=50)
            granted = await world.logins.refresh(granted.refresh_token)
        assert granted.refresh_expires_in == 20 * 60
        world.clock.forward(minutes=15)
        granted = await world.logins.refresh(granted.refresh_token)
        assert granted.expires_in == 5 * 60
        claims = json.loads(base64.urlsafe_b64decode(granted.access_token.split(".")[1] + "=="))
        assert claims["exp"] == int(world.clock.now.timestamp()) + 5 * 60
        world.clock.forward(minutes=5)
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(granted.refresh_token)
