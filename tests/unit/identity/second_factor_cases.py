"""Tests of second factors, on stores in memory; some also run on MongoDB."""

import asyncio
import base64
import dataclasses

import pytest

from services.identity.accounts.models.totp import code_at, step_of
from services.identity.sessions.service.sessions import GrantedTokens, LoginFailedError
from services.identity.staff.service.accounts import OPERATOR
from services.identity.staff.service.login import TotpNeeded
from services.identity.staff.service.second_factor import TotpFailedError
from shared.errors import ConflictError, InvalidError, TooManyRequestsError
from shared.rights import Role
from shared.seal import SealBrokenError
from tests.unit.identity.staff_cases import SECRET, ended, entered, made
from tests.unit.identity.world import World, also_over_mongodb


class Phone:
    """An authenticator app with one secret, which uses the clock of the test."""

    def __init__(self, world: World, secret: str) -> None:
        self._world = world
        self._secret = base64.b32decode(secret)

    def code(self, steps: int = 0) -> str:
        """The present code, or the code that many steps away."""
        return code_at(self._secret, step_of(self._world.clock.now) + steps)

    def next_code(self) -> str:
        """A code of a later step than all earlier codes."""
        self._world.clock.forward(seconds=30)
        return self.code()


async def enrolled(world: World, member_id: str) -> tuple[Phone, list[str]]:
    """Enrol a phone for a member; returns it with the recovery codes."""
    phone = Phone(world, (await world.factors.enrol(member_id)).secret)
    return phone, await world.factors.confirm(member_id, phone.code())


async def challenged(world: World) -> str:
    """A login after the password, before the second factor."""
    needed = await world.logins.login("zafar", SECRET)
    assert isinstance(needed, TotpNeeded)
    return needed.challenge


async def finish(world: World, challenge: str, code: str | None = None, recovery: str | None = None) -> GrantedTokens:
    """The second step of the login."""
    return await world.logins.open(await world.staff_logins.finish(challenge, code=code, recovery_code=recovery))


class SecondFactorPromises:
    """Enrolling, logging in, losing the phone."""

    async def test_an_enrolment_counts_once_it_is_confirmed_and_ends_all_sessions(self, world: World) -> None:
        member = await made(world)
        session = await world.login("zafar", SECRET)
        enrolment = await world.factors.enrol(member.id)
        assert enrolment.uri.startswith("otpauth://totp/Rabta:zafar?")
        assert f"secret={enrolment.secret}" in enrolment.uri
        assert isinstance(await world.logins.login("zafar", SECRET), GrantedTokens)
        with pytest.raises(TotpFailedError):
            await world.factors.confirm(member.id, Phone(world, enrolment.secret).code(steps=5))
        codes = await world.factors.confirm(member.id, Phone(world, enrolment.secret).code())
        assert len(set(codes)) == 10
        assert await ended(world, session)
        assert (await entered(world))[-1] == ("totp_enrolled", member.id, member.id)
        assert isinstance(await world.logins.login("zafar", SECRET), TotpNeeded)

    async def test_nothing_of_it_is_kept_in_the_clear(self, world: World) -> None:
        member = await made(world)
        enrolment = await world.factors.enrol(member.id)
        codes = await world.factors.confirm(member.id, Phone(world, enrolment.secret).code())
        kept = repr(await world.stores.staff.get(member.id))
        assert enrolment.secret not in kept
        assert not any(code in kept or code.replace("-", "") in kept for code in codes)

    async def test_swapped_totp_secret_does_not_open(self, world: World) -> None:
        member, thief = await made(world), await made(world, login="thief")
        await enrolled(world, member.id)
        phone, _ = await enrolled(world, thief.id)
        kept, theirs = await world.stores.staff.get(member.id), await world.stores.staff.get(thief.id)
        assert kept is not None
        assert theirs is not None
        await world.stores.staff.save(dataclasses.replace(kept, totp=theirs.totp))
        with pytest.raises(SealBrokenError):
            await finish(world, await challenged(world), phone.next_code())

    async def test_active_second_factor_is_not_replaced(self, world: World) -> None:
        member = await made(world)
        with pytest.raises(ConflictError, match="totp-not-enrolled"):
            await world.factors.confirm(member.id, "000000")
        phone, _ = await enrolled(world, member.id)
        with pytest.raises(ConflictError, match="totp-there"):
            await world.factors.enrol(member.id)
        with pytest.raises(ConflictError, match="totp-there"):
            await world.factors.confirm(member.id, phone.next_code())

    @pytest.mark.parametrize("steps", [-1, 0, 1])
    async def test_code_of_an_adjacent_time_step_is_accepted(self, world: World, steps: int) -> None:
        phone, _ = await enrolled(world, (await made(world)).id)
        world.clock.forward(seconds=120)
        assert (await finish(world, await challenged(world), phone.code(steps))).role is Role.OFFICER

    @pytest.mark.parametrize("steps", [-2, 2])
    async def test_two_steps_away_are_refused(self, world: World, steps: int) -> None:
        phone, _ = await enrolled(world, (await made(world)).id)
        world.clock.forward(seconds=120)
        with pytest.raises(TotpFailedError):
            await finish(world, await challenged(world), phone.code(steps))

    @also_over_mongodb
    async def test_of_parallel_logins_with_one_code_one_succeeds(self, world: World) -> None:
        phone, _ = await enrolled(world, (await made(world)).id)
        code = phone.next_code()
        challenges = [await challenged(world) for _ in range(5)]
        results = await asyncio.gather(*(finish(world, one, code) for one in challenges), return_exceptions=True)
        assert sum(isinstance(result, GrantedTokens) for result in results) == 1
        assert sum(isinstance(result, TotpFailedError) for result in results) == 4

    async def test_a_step_before_an_accepted_one_is_never_accepted(self, world: World) -> None:
        phone, _ = await enrolled(world, (await made(world)).id)
        world.clock.forward(seconds=60)
        await finish(world, await challenged(world), phone.code(steps=1))
        for steps in (-1, 0, 1):
            with pytest.raises(TotpFailedError):
                await finish(world, await challenged(world), phone.code(steps))

    @also_over_mongodb
    async def test_challenge_is_valid_once_and_for_five_minutes(self, world: World) -> None:
        phone, _ = await enrolled(world, (await made(world)).id)
        challenge = await challenged(world)
        await finish(world, challenge, phone.next_code())
        with pytest.raises(TotpFailedError):
            await finish(world, challenge, phone.next_code())
        late = await challenged(world)
        world.clock.forward(minutes=5)
        with pytest.raises(TotpFailedError):
            await finish(world, late, phone.code())
        with pytest.raises(TotpFailedError):
            await finish(world, "never given", phone.code())

    @also_over_mongodb
    async def test_challenge_opens_one_session_for_parallel_codes(self, world: World) -> None:
        _, codes = await enrolled(world, (await made(world)).id)
        challenge = await challenged(world)
        logins = (finish(world, challenge, recovery=code) for code in codes[:4])
        results = await asyncio.gather(*logins, return_exceptions=True)
        assert sum(isinstance(result, GrantedTokens) for result in results) == 1

    async def test_correct_code_is_locked_after_five_tries(self, world: World) -> None:
        phone, codes = await enrolled(world, (await made(world)).id)
        for wrong in range(5):
            with pytest.raises(TotpFailedError):
                await finish(world, await challenged(world), f"{wrong:06}")
        with pytest.raises(TooManyRequestsError) as refused:
            await finish(world, await challenged(world), phone.next_code())
        assert 0 < int(refused.value.headers["Retry-After"]) <= 15 * 60
        with pytest.raises(TooManyRequestsError):
            await finish(world, await challenged(world), recovery=codes[0])
        world.clock.forward(minutes=15)
        assert await finish(world, await challenged(world), phone.code())

    @also_over_mongodb
    async def test_five_of_parallel_guesses_are_checked(self, world: World) -> None:
        await enrolled(world, (await made(world)).id)
        challenge = await challenged(world)
        guesses = (finish(world, challenge, f"{guess:06}") for guess in range(40))
        results = await asyncio.gather(*guesses, return_exceptions=True)
        assert sum(isinstance(result, TotpFailedError) for result in results) == 5
        assert sum(isinstance(result, TooManyRequestsError) for result in results) == 35

    async def test_a_recovery_code_is_good_once_in_any_spelling(self, world: World) -> None:
        member = await made(world)
        _, codes = await enrolled(world, member.id)
        assert await finish(world, await challenged(world), recovery=f" {codes[0].upper().replace('-', ' ')} ")
        assert (await entered(world))[-1] == ("recovery_used", member.id, member.id)
        with pytest.raises(TotpFailedError):
            await finish(world, await challenged(world), recovery=codes[0])
        challenges = [await challenged(world) for _ in range(4)]
        used = await asyncio.gather(
            *(finish(world, one, recovery=codes[1]) for one in challenges), return_exceptions=True
        )
        assert sum(isinstance(result, GrantedTokens) for result in used) == 1
        known = await world.stores.staff.get(member.id)
        assert known is not None
        assert known.recovery_codes_left == 8

    async def test_a_factor_is_removed_by_its_code(self, world: World) -> None:
        member = await made(world)
        phone, _ = await enrolled(world, member.id)
        session = await finish(world, await challenged(world), phone.next_code())
        with pytest.raises(InvalidError):
            await world.factors.remove(member.id, code="000000")
        await world.factors.remove(member.id, code=phone.next_code())
        assert await ended(world, session)
        assert isinstance(await world.logins.login("zafar", SECRET), GrantedTokens)

    async def test_a_lost_phone_is_reset_by_an_administrator(self, world: World) -> None:
        member = await made(world)
        await enrolled(world, member.id)
        challenge = await challenged(world)
        await world.factors.reset(member.id, by="first")
        assert (await entered(world))[-1] == ("totp_reset", "first", member.id)
        assert isinstance(await world.logins.login("zafar", SECRET), GrantedTokens)
        with pytest.raises(TotpFailedError):
            await finish(world, challenge, "000000")

    async def test_an_administrators_phone_only_by_an_operator(self, world: World) -> None:
        member = await made(world, Role.ADMIN)
        await world.staff.accounts.confirm(member.id, by="second")
        with pytest.raises(ConflictError, match="operator-needed"):
            await world.factors.reset(member.id, by="first")
        with pytest.raises(ConflictError, match="own-account"):
            await world.factors.reset(member.id, by=member.id)
        await world.factors.reset(member.id, by="operator", even_administrators=True)

    @also_over_mongodb
    async def test_a_change_ends_logins_that_wait_for_a_code(self, world: World) -> None:
        member = await made(world)
        phone, _ = await enrolled(world, member.id)
        challenge = await challenged(world)
        await world.staff.accounts.reset_password(member.id, by="first")
        with pytest.raises(TotpFailedError):
            await finish(world, challenge, phone.next_code())

    @also_over_mongodb
    async def test_member_disabled_during_login_gets_no_session(self, world: World) -> None:
        member = await made(world)
        phone, _ = await enrolled(world, member.id)
        challenge = await challenged(world)
        await world.staff.accounts.change(member.id, {"disabled": True}, by="first")
        with pytest.raises(TotpFailedError):
            await finish(world, challenge, phone.next_code())

    async def test_session_without_a_required_second_factor_is_limited(self, world: World) -> None:
        member = await made(world)
        world = dataclasses.replace(world, totp_required=True)
        limited = await world.login("zafar", SECRET)
        assert limited.limited
        assert (await world.logins.refresh(limited.refresh_token)).limited
        phone, _ = await enrolled(world, member.id)
        assert not (await finish(world, await challenged(world), phone.next_code())).limited

    async def test_a_start_password_opens_a_limited_session_for_three_days(self, world: World) -> None:
        member = await made(world)
        started = await world.staff.accounts.reset_password(member.id, by="first")
        assert (await world.login("zafar", started.start_password or "")).limited
        world.clock.forward(days=3)
        with pytest.raises(LoginFailedError):
            await world.login("zafar", started.start_password or "")

    @also_over_mongodb
    async def test_login_overtaken_by_a_change_opens_no_session(self, world: World) -> None:
        member = await made(world)
        account = await world.accounts.staff(member.id)
        assert account is not None
        await world.staff.accounts.change(member.id, {"department": "power"}, by="first")
        with pytest.raises(LoginFailedError):
            await world.logins.open(account)
        assert await world.stores.sessions.of_account(member.id, world.clock.now) == []

    async def test_codes_are_those_of_the_standard(self, world: World) -> None:
        secret = b"12345678901234567890"
        told = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}  # RFC 6238, appendix B
        assert {at: code_at(secret, at // 30) for at in told} == told

    async def test_a_colleague_cannot_become_an_administrator_who_has_no_second_factor(self, world: World) -> None:
        member = await made(world, Role.ADMIN)
        assert (await world.staff.accounts.reset_password(member.id, by="first")).start_password
        await world.staff.accounts.confirm(member.id, by="second")
        with pytest.raises(ConflictError, match="operator-needed"):
            await world.staff.accounts.reset_password(member.id, by="first")
        assert (await world.staff.accounts.reset_password(member.id, by=OPERATOR)).start_password
        await enrolled(world, member.id)
        assert (await world.staff.accounts.reset_password(member.id, by="first")).start_password
