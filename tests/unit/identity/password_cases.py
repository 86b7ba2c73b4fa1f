"""Tests of passwords and own sessions, on stores in memory; some also run on MongoDB."""

import dataclasses

import pytest

from services.identity.citizens.service.registration import Registration
from services.identity.codes.service.codes import CodeFailedError
from services.identity.codes.service.password_check import PasswordWrongError
from services.identity.sessions.service.sessions import LoginFailedError
from shared.errors import InvalidError, NotFoundError, TooManyRequestsError, UnauthenticatedError
from tests.unit.identity.world import World, also_over_mongodb, new_address, new_form, outcomes, wrong

NEW = "lanterns on the long canal"


async def token_for(world: World, form: Registration) -> tuple[str, str]:
    """The challenge of a password reset, and the token for its code."""
    pending = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
    return pending.id, (await world.passwords.prove_reset(pending.id, await world.code_for(form))).token


class ResetPromises:
    """Resetting a forgotten password."""

    @also_over_mongodb
    async def test_a_code_lets_a_password_be_chosen_and_all_sessions_end(self, world: World) -> None:
        form = await world.verified()
        before = await world.logged_in(form)
        challenge, token = await token_for(world, form)
        await world.passwords.reset(challenge, token, NEW)
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(before.refresh_token)
        assert (await world.types_said(form))[-1] == "password_changed"
        with pytest.raises(LoginFailedError):
            await world.logged_in(form)
        assert (await world.logged_in(dataclasses.replace(form, password=NEW))).account == before.account

    @also_over_mongodb
    async def test_a_token_is_good_once(self, world: World) -> None:
        form = await world.verified()
        challenge, token = await token_for(world, form)
        tries = (world.passwords.reset(challenge, token, NEW) for _ in range(5))
        done, raised = await outcomes(*tries)
        assert (len(done), {str(error) for error in raised}) == (1, {"reset-failed"})

    async def test_a_token_is_good_for_ten_minutes_and_for_its_own_challenge(self, world: World) -> None:
        one, two = await world.verified(), await world.verified()
        challenge, token = await token_for(world, one)
        other, _ = await token_for(world, two)
        for wrong_one in ((other, token), (challenge, "guessed"), ("nothing", token)):
            with pytest.raises(InvalidError, match="reset-failed"):
                await world.passwords.reset(*wrong_one, NEW)
        world.clock.forward(minutes=10)
        with pytest.raises(InvalidError, match="reset-failed"):
            await world.passwords.reset(challenge, token, NEW)

    async def test_pairs_that_lead_nowhere_are_answered_alike_and_the_mobile_alone_opens_nothing(
        self, world: World
    ) -> None:
        known, unproven = await world.verified(), new_form()
        await world.registrations.register(unproven, new_address())
        world.clock.forward(hours=1)
        stranger, before = new_form(), len(await world.issued_codes(known))
        answers = [
            await world.passwords.ask_reset(cnic, mobile, new_address())
            for cnic, mobile in (
                (known.cnic, known.mobile),
                (stranger.cnic, known.mobile),
                (known.cnic, stranger.mobile),
                (stranger.cnic, stranger.mobile),
                (unproven.cnic, unproven.mobile),
            )
        ]
        assert {(len(a.id), a.resend_after, a.channels) for a in answers} == {(40, 30, ("sms",))}
        assert len(await world.issued_codes(known)) == before + 1
        for answer in answers[1:]:
            with pytest.raises(CodeFailedError):
                await world.passwords.prove_reset(answer.id, "123456")

    async def test_fifth_code_of_an_hour_is_the_last_for_known_and_unknown_accounts(self, world: World) -> None:
        known = await world.verified()
        world.clock.forward(hours=1)
        for person in (known, new_form()):
            for _ in range(5):
                await world.passwords.ask_reset(person.cnic, person.mobile, new_address())
            with pytest.raises(TooManyRequestsError):
                await world.passwords.ask_reset(person.cnic, person.mobile, new_address())

    async def test_unowned_mobile_shares_the_limit_of_registrations(self, world: World) -> None:
        known, unknown = await world.verified(), new_form()
        world.clock.forward(hours=1)
        for person in (known, unknown):
            for _ in range(5):
                await world.passwords.ask_reset(person.cnic, person.mobile, new_address())
            with pytest.raises(TooManyRequestsError):
                await world.registrations.register(new_form(mobile=person.mobile), new_address())

    async def test_a_login_code_resets_no_password(self, world: World) -> None:
        form = await world.verified()
        login = await world.challenged(form, "login")
        with pytest.raises(CodeFailedError):
            await world.passwords.prove_reset(login.id, await world.code_for(form))

    async def test_a_weak_password_leaves_the_token_good(self, world: World) -> None:
        form = await world.verified()
        challenge, token = await token_for(world, form)
        for weak in ("password1", "short", form.mobile, f"{form.cnic}ab"):
            with pytest.raises(InvalidError) as refused:
                await world.passwords.reset(challenge, token, weak)
            assert refused.value.problem_code == "new-password-refused"
        await world.passwords.reset(challenge, token, NEW)

    async def test_reset_lifts_the_lock(self, world: World) -> None:
        form = await world.verified()
        for _ in range(5):
            with pytest.raises(LoginFailedError):
                await world.login(form.cnic, "mistyped", known=False)
        with pytest.raises(TooManyRequestsError):
            await world.login(form.cnic, form.password, known=False)
        await world.passwords.reset(*await token_for(world, form), NEW)
        assert (await world.login(form.cnic, NEW, known=False)).account

    async def test_wrong_codes_lock_resets_only(self, world: World) -> None:
        form = await world.verified()
        pending = await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        code = wrong(await world.code_for(form))
        await outcomes(*(world.passwords.prove_reset(pending.id, code) for _ in range(5)))
        with pytest.raises(TooManyRequestsError):
            await world.passwords.ask_reset(form.cnic, form.mobile, new_address())
        assert (await world.logged_in(form)).account


class ChangePromises:
    """Changing the password with the present one."""

    async def test_other_sessions_end_and_this_one_goes_on(self, world: World) -> None:
        form = await world.verified()
        here = await world.logged_in(form)
        world.clock.forward(minutes=1)
        there = await world.logged_in(form)
        [_, mine] = await world.ends.running(here.account)
        await world.passwords.change(here.account, mine.id, form.password, NEW)
        assert await world.logins.refresh(here.refresh_token)
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(there.refresh_token)
        assert (await world.types_said(form))[-1] == "password_changed"

    async def test_the_present_password_is_asked_for_and_guesses_are_counted(self, world: World) -> None:
        form = await world.verified()
        account = (await world.logged_in(form)).account
        for _ in range(5):
            with pytest.raises(PasswordWrongError):
                await world.passwords.change(account, "", "not the password", NEW)
        with pytest.raises(TooManyRequestsError):
            await world.passwords.change(account, "", form.password, NEW)

    @also_over_mongodb
    async def test_reset_during_a_password_check_is_kept(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        form = await world.verified()
        account = (await world.logged_in(form)).account
        challenge, token = await token_for(world, form)
        look = world.proving.verify

        async def overtaken(account_id: str, password: str) -> None:
            await look(account_id, password)
            await world.passwords.reset(challenge, token, NEW)

        monkeypatch.setattr(world.proving, "verify", overtaken)
        with pytest.raises(PasswordWrongError):
            await world.passwords.change(account, "", form.password, "another monsoon over the hills")
        assert (await world.login(form.cnic, NEW, known=False)).account == account

    @pytest.mark.parametrize("weak", ["password1", "short", "monsoon over the blue hills"])
    async def test_a_weak_or_the_same_password_is_refused(self, world: World, weak: str) -> None:
        form = await world.verified()
        account = (await world.logged_in(form)).account
        with pytest.raises(InvalidError):
            await world.passwords.change(account, "", form.password, weak)

    @also_over_mongodb
    async def test_sweep_ends_sessions_left_by_a_crash(self, world: World) -> None:
        form = await world.verified()
        granted = await world.logged_in(form)
        citizen = await world.citizen(form)
        citizen.ending = {"keep": None, "how": "reset"}
        await world.stores.citizens.save_many([citizen])
        assert await world.ends.sweep() == 1
        assert await world.ends.sweep() == 0
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(granted.refresh_token)


class OwnSessionPromises:
    """The caller's own sessions."""

    @also_over_mongodb
    async def test_they_are_listed_and_ended_by_their_owner_alone(self, world: World) -> None:
        form, other = await world.verified(), await world.verified()
        one = await world.logged_in(form)
        world.clock.forward(minutes=1)
        two = await world.logged_in(form)
        stranger = await world.logged_in(other)
        sessions = await world.ends.running(one.account)
        assert [session.opened_at for session in sessions] == sorted((s.opened_at for s in sessions), reverse=True)
        with pytest.raises(NotFoundError):
            await world.ends.end(stranger.account, sessions[0].id)
        await world.ends.end(one.account, sessions[0].id)
        with pytest.raises(UnauthenticatedError):
            await world.logins.refresh(two.refresh_token)
        assert await world.logins.refresh(one.refresh_token)
        with pytest.raises(NotFoundError):
            await world.ends.end(one.account, sessions[0].id)

    @also_over_mongodb
    async def test_all_others_end_at_once(self, world: World) -> None:
        form = await world.verified()
        granted = [await world.logged_in(form) for _ in range(3)]
        keep = (await world.ends.running(granted[0].account))[0].id
        await world.ends.end_others(granted[0].account, keep)
        assert [session.id for session in await world.ends.running(granted[0].account)] == [keep]
