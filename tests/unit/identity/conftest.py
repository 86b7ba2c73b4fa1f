"""The use cases over stores in memory."""

from collections.abc import Iterator

import pytest

from tests.unit.identity.world import World, fake_stores


@pytest.fixture
def world() -> Iterator[World]:
    """A new world for each test."""
    world = World(fake_stores())
    yield world
    world.hasher.close()
