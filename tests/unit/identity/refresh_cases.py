"""Tests of refresh tokens, on stores in memory; some also run on MongoDB."""

import asyncio
import dataclasses

import pytest

from services.identity.accounts.models.device import Caller
from services.identity.accounts.models.session import REPEAT_GRACE
from services.identity.sessions.service.sessions import GrantedTokens
from shared.errors import UnauthenticatedError
from tests.unit.identity.world import World, also_over_mongodb, outcomes

FIREFOX, CHROME = Caller("one address", "Firefox"), Caller("one address", "Chrome")
LAST_MOMENT = REPEAT_GRACE.total_seconds() - 1


async def opened(world: World) -> GrantedTokens:
    """A session of a new citizen, opened with Firefox."""
    return await world.logged_in(await world.verified())


async def refused(world: World, token: str, caller: Caller = FIREFOX) -> None:
    """Check that a refresh token is refused."""
    with pytest.raises(UnauthenticatedError):
        await world.logins.refresh(token, caller)


class RefreshPromises:
    """A refresh token works once, and for some seconds again for the program that used it."""

    async def test_each_refresh_token_has_a_successor_that_goes_on(self, world: World) -> None:
        first = await opened(world)
        second = await world.logins.refresh(first.refresh_token, FIREFOX)
        third = await world.logins.refresh(second.refresh_token, FIREFOX)
        assert (second.account, third.account) == (first.account, first.account)
        assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3

    @also_over_mongodb
    async def test_a_token_that_was_just_spent_gives_the_same_successor(self, world: World) -> None:
        spent = (await opened(world)).refresh_token
        first = await world.logins.refresh(spent, FIREFOX)
        world.clock.forward(seconds=LAST_MOMENT)
        again = await world.logins.refresh(spent, FIREFOX)
        assert again.refresh_token == first.refresh_token
        assert again.access_token != first.access_token
        assert again.refresh_expires_in == first.refresh_expires_in - LAST_MOMENT
        assert await world.logins.refresh(again.refresh_token, FIREFOX)

    async def test_repeated_refresh_does_not_extend_the_grace_period(self, world: World) -> None:
        spent = (await opened(world)).refresh_token
        await world.logins.refresh(spent, FIREFOX)
        world.clock.forward(seconds=LAST_MOMENT)
        newest = await world.logins.refresh(spent, FIREFOX)
        world.clock.forward(seconds=1)
        await refused(world, spent)
        await refused(world, newest.refresh_token)

    @also_over_mongodb
    async def test_a_token_whose_successor_was_used_ends_the_session(self, world: World) -> None:
        spent = (await opened(world)).refresh_token
        second = await world.logins.refresh(spent, FIREFOX)
        third = await world.logins.refresh(second.refresh_token, FIREFOX)
        await refused(world, spent)
        await refused(world, third.refresh_token)

    @also_over_mongodb
    async def test_a_token_that_another_program_spent_ends_the_session(self, world: World) -> None:
        spent = (await opened(world)).refresh_token
        second = await world.logins.refresh(spent, FIREFOX)
        await refused(world, spent, CHROME)
        await refused(world, second.refresh_token)

    @also_over_mongodb
    async def test_of_parallel_refreshes_all_get_one_successor(self, world: World) -> None:
        """Also on different replicas: a second world over the same stores acts as one."""
        spent, replica = (await opened(world)).refresh_token, dataclasses.replace(world)
        logins = [world.logins, replica.logins] * 25
        granted = await asyncio.gather(*(each.refresh(spent, FIREFOX) for each in logins))
        replica.hasher.close()
        [successor] = {each.refresh_token for each in granted}
        newest = await world.logins.refresh(successor, FIREFOX)
        await refused(world, spent)
        await refused(world, newest.refresh_token)

    @also_over_mongodb
    async def test_of_parallel_refreshes_by_another_program_none_gets_tokens(self, world: World) -> None:
        spent = (await opened(world)).refresh_token
        newest = await world.logins.refresh(spent, FIREFOX)
        done, raised = await outcomes(*(world.logins.refresh(spent, CHROME) for _ in range(8)))
        assert (done, {type(error) for error in raised}) == ([], {UnauthenticatedError})
        await refused(world, newest.refresh_token)

    @also_over_mongodb
    async def test_grace_period_does_not_restore_an_ended_session(self, world: World) -> None:
        form = await world.verified()
        spent = (await world.logged_in(form)).refresh_token
        granted = await world.logins.refresh(spent, FIREFOX)
        [session] = await world.stores.sessions.of_account(granted.account, world.clock.now)
        await world.logins.log_out(session.id)
        await refused(world, spent)

    async def test_other_sessions_continue_when_one_ends(self, world: World) -> None:
        form = await world.verified()
        one, two = await world.logged_in(form), await world.logged_in(form)
        newest = await world.logins.refresh(one.refresh_token, FIREFOX)
        world.clock.forward(seconds=REPEAT_GRACE.total_seconds())
        await refused(world, one.refresh_token)
        await refused(world, newest.refresh_token)
        assert (await world.logins.refresh(two.refresh_token, FIREFOX)).account == two.account

    async def test_an_unknown_refresh_token_is_refused(self, world: World) -> None:
        await refused(world, "never given")

    async def test_successor_token_cannot_be_derived_without_the_key(self, world: World) -> None:
        other_key = dataclasses.replace(world.ring, index_key=b"another key of the portal".ljust(32))
        stranger = dataclasses.replace(world, ring=other_key)
        assert stranger.tokens.successor("a token") != world.tokens.successor("a token")
        stranger.hasher.close()
