"""Closed days: each has a root that covers the previous root and every history that grew on that day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
import pytest_asyncio
from joserfc import jws
from joserfc.jwk import KeySet

from deploy.local.servers import Servers
from services.requests.proof import store as tiles
from shared.proof import merkle
from shared.proof.roots import Leaf, root_hash
from shared.tracking_number import new_number
from tests.integration.proof_world import ProofWorld, proof_world


@pytest_asyncio.fixture
async def world(servers: Servers) -> AsyncIterator[ProofWorld]:
    """An empty world."""
    async with proof_world(servers.mongo_url, "test_days") as world:
        yield world


def holds(inclusion: dict[str, Any], number: str, roots: list[dict[str, Any]]) -> bool:
    """Whether a proof of inclusion leads to the root of its day."""
    [root] = [root for root in roots if root["date"] == inclusion["date"]]
    leaf = Leaf(number, inclusion["count"], inclusion["head"]).hash
    return bool(merkle.root_by(leaf, inclusion["index"], inclusion["size"], inclusion["path"]) == root["tree"])


async def test_every_day_has_a_signed_root_over_the_one_before_also_when_nothing_happened(world: ProofWorld) -> None:
    assert await world.book.close_due() == ["2026-03-01"]
    await world.file(new_number())
    world.clock.advance(days=3)
    assert await world.book.close_due() == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert await world.book.close_due() == []
    page = await world.book.published(None, 10)
    assert [(root["date"], root["count"]) for root in page["roots"]] == [
        ("2026-03-04", 0),
        ("2026-03-03", 0),
        ("2026-03-02", 1),
        ("2026-03-01", 0),
    ]
    keys = KeySet.import_key_set(cast(Any, world.receipts.published()))
    for root, before in zip(page["roots"], [*page["roots"][1:], None], strict=True):
        assert root["previous"] == (before["root"] if before else None)
        assert root["root"] == root_hash(root)
        signed = jws.deserialize_compact(root["signature"], keys, algorithms=["Ed25519"])
        assert root["root"].encode() in signed.payload
    assert page["next"] is None
    first = await world.book.published(None, 3)
    assert [root["date"] for root in (await world.book.published(first["next"], 3))["roots"]] == ["2026-03-01"]


async def test_a_day_is_closed_ten_minutes_after_its_end(world: ProofWorld) -> None:
    await world.book.close_due()
    world.clock.at = world.clock.at.replace(hour=0, minute=9) + timedelta(days=1)
    assert await world.book.close_due() == []
    world.clock.advance(minutes=1)
    assert await world.book.close_due() == ["2026-03-02"]


@pytest.mark.parametrize("tile", [4, 1024])
async def test_each_history_is_in_the_tree_of_each_day_on_which_it_grew(
    world: ProofWorld, tile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merkle, "TILE", tile)
    monkeypatch.setattr(tiles, "TILE", tile)
    await world.book.close_due()
    numbers = [new_number() for _ in range(11)]
    for number in numbers:
        await world.file(number)
    world.clock.advance(days=2)
    for number in numbers[:3]:
        await world.step(number)
    world.clock.advance(days=1)
    await world.book.close_due()
    for number in numbers:
        proof = await world.proof(number)
        grown = ["2026-03-02", "2026-03-04"] if number in numbers[:3] else ["2026-03-02"]
        assert [inclusion["date"] for inclusion in proof["inclusions"]] == grown
        assert [inclusion["count"] for inclusion in proof["inclusions"]] == [2, 3][: len(grown)]
        assert all(holds(inclusion, number, proof["roots"]) for inclusion in proof["inclusions"])
        assert [root["date"] for root in proof["roots"]] == ["2026-03-02", "2026-03-03", "2026-03-04"]


async def test_days_that_were_missed_get_what_was_true_at_their_end(world: ProofWorld) -> None:
    await world.book.close_due()
    number = new_number()
    await world.file(number)
    for _ in range(3):
        world.clock.advance(days=1)
        await world.step(number)
    world.clock.advance(days=1)
    assert len(await world.book.close_due()) == 4
    inclusions = (await world.proof(number))["inclusions"]
    assert [inclusion["count"] for inclusion in inclusions] == [2, 3, 4, 5]


async def test_a_write_that_came_to_the_database_after_its_day_was_closed_is_in_the_next(world: ProofWorld) -> None:
    await world.book.close_due()
    numbers = [new_number() for _ in range(2)]
    for number in numbers:
        await world.file(number)
    world.clock.at = world.clock.at.replace(hour=23, minute=59)
    await world.step(numbers[1])
    before_midnight = world.clock.at
    world.clock.advance(minutes=15)
    assert await world.book.close_due() == ["2026-03-02"]
    world.clock.at = before_midnight
    await world.step(numbers[0])
    world.clock.advance(days=1, minutes=15)
    assert await world.book.close_due() == ["2026-03-03"]
    late = (await world.proof(numbers[0]))["inclusions"]
    assert [(inclusion["date"], inclusion["count"]) for inclusion in late] == [("2026-03-02", 2), ("2026-03-03", 3)]
    in_time = (await world.proof(numbers[1]))["inclusions"]
    assert [inclusion["date"] for inclusion in in_time] == ["2026-03-02"]


async def test_a_request_that_changes_while_its_day_is_closed_is_in_the_tree_once(
    world: ProofWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "PAGE", 2)
    await world.book.close_due()
    numbers = [(await world.file(new_number())).id for _ in range(5)]
    world.clock.advance(days=1)
    read = world.days.grown

    async def grown(since: datetime | None) -> AsyncIterator[tiles.Grown]:
        """The requests that were read. The first takes a step during the read, and so comes again at the end."""
        seen: list[str] = []
        async for number, history in read(since):
            yield number, history
            seen.append(number)
            if len(seen) == 1:
                await world.step(number)

    monkeypatch.setattr(world.days, "grown", grown)
    await world.book.close_due()
    [root] = (await world.book.published(None, 1))["roots"]
    assert (root["date"], root["count"]) == ("2026-03-02", len(numbers))
    for number in numbers:
        proof = await world.proof(number)
        assert [holds(inclusion, number, proof["roots"]) for inclusion in proof["inclusions"]] == [True]


async def test_many_replicas_close_a_day_once(world: ProofWorld) -> None:
    await world.file(new_number())
    world.clock.advance(days=5)
    closed = await asyncio.gather(*(world.book.close_due() for _ in range(8)))
    assert sum(len(days) for days in closed) == 1
    assert await world.days.roots.count_documents({}) == 1


async def test_the_last_millisecond_belongs_to_the_old_day_and_midnight_to_the_new_one(world: ProofWorld) -> None:
    await world.book.close_due()
    midnight = world.clock.at.replace(hour=0) + timedelta(days=1)
    last, first = new_number(), new_number()
    for number, at in ((last, midnight - timedelta(milliseconds=1)), (first, midnight)):
        world.clock.at = at
        await world.file(number)
    world.clock.at = midnight + timedelta(days=1, minutes=10)
    assert await world.book.close_due() == ["2026-03-02", "2026-03-03"]
    held = [[each["date"] for each in (await world.proof(number))["inclusions"]] for number in (last, first)]
    assert held == [["2026-03-02"], ["2026-03-03"]]
