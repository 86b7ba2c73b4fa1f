"""Access tokens and the keys that sign them."""

import asyncio
import json
from typing import Any, cast

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from pymongo.errors import ServerSelectionTimeoutError

from services.identity.keys.store.keys import KeyStore
from services.identity.keys.tokens import Tokens
from shared.auth import ALGORITHM
from shared.rights import Role
from shared.seal import SealPurpose
from tests.unit.identity.fakes import FakeKeys
from tests.unit.identity.world import ISSUER, RING, Clock, World


def keys_of(world: World) -> FakeKeys:
    """The store behind a world in memory."""
    assert isinstance(world.stores.keys, FakeKeys)
    return world.stores.keys


async def decoded(world: World, token: str) -> jwt.Token:
    """The token, verified with the published keys."""
    return jwt.decode(token, KeySet.import_key_set(cast(Any, await world.tokens.published())), algorithms=[ALGORITHM])


async def test_token_has_account_and_expiry_and_no_personal_data(world: World) -> None:
    token = await decoded(world, await world.tokens.issue("id-1", Role.OFFICER, "water", "sid-1"))
    at = int(world.clock.now.timestamp())
    claims: dict[str, Any] = dict(token.claims)
    assert len(claims.pop("jti")) == 32
    assert claims == {
        "iss": ISSUER, "aud": "rabta", "sub": "id-1", "role": "officer", "department": "water", "sid": "sid-1",
        "iat": at, "nbf": at, "exp": at + 600,
    }  # fmt: skip
    assert token.header["typ"] == "at+jwt"
    assert token.header["kid"] == keys_of(world).kept[0].kid


async def test_private_keys_are_sealed_and_never_published(world: World) -> None:
    published = await world.tokens.published()
    assert "d" not in published["keys"][0]
    private = json.loads(
        RING.unseal(keys_of(world).kept[0].sealed, SealPurpose.TOKEN_KEY, owner=keys_of(world).kept[0].kid)
    )
    assert private["d"] not in json.dumps(published)
    assert private["d"] not in keys_of(world).kept[0].sealed


async def test_processes_that_start_at_once_share_one_key() -> None:
    store, clock = cast(KeyStore, FakeKeys()), Clock()
    all_tokens = [Tokens(store, RING, clock, issuer=ISSUER, days=30) for _ in range(5)]
    await asyncio.gather(*(tokens.prepare() for tokens in all_tokens))
    published = [await tokens.published() for tokens in all_tokens]
    assert all(each == published[0] for each in published)


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_goes_after_a_day(world: World) -> None:
    first = await world.tokens.issue("id-1", Role.CITIZEN, None, "sid-1")
    kid = keys_of(world).kept[0].kid
    world.clock.forward(days=31)
    second = await decoded(world, await world.tokens.issue("id-1", Role.CITIZEN, None, "sid-1"))
    assert len((await world.tokens.published())["keys"]) == 2
    assert second.header["kid"] == kid
    world.clock.forward(minutes=3)
    third = await decoded(world, await world.tokens.issue("id-1", Role.CITIZEN, None, "sid-1"))
    assert third.header["kid"] != kid
    assert (await decoded(world, first)).header["kid"] == kid
    world.clock.forward(hours=24)
    assert [key["kid"] for key in (await world.tokens.published())["keys"]] == [third.header["kid"]]


async def test_known_keys_serve_while_the_store_is_away(world: World) -> None:
    published = await world.tokens.published()
    keys_of(world).away = ServerSelectionTimeoutError()
    world.clock.forward(minutes=5)
    assert await world.tokens.published() == published


async def test_without_keys_the_service_is_unavailable(world: World) -> None:
    keys_of(world).away = ServerSelectionTimeoutError()
    with pytest.raises(ServerSelectionTimeoutError):
        await world.tokens.published()
