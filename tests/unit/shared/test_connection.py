"""Lines to the broker that could not be opened."""

from typing import Any

import aio_pika
import pytest

from shared.bus.connection import BROKER_TROUBLE, open_connection


async def test_failed_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[aio_pika.Connection] = []

    class Noted(aio_pika.Connection):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            made.append(self)

    monkeypatch.setattr(aio_pika, "Connection", Noted)
    with pytest.raises(BROKER_TROUBLE):
        async with open_connection("amqp://u:p@127.0.0.1:1/", "test"):
            raise AssertionError("nothing listens there")
    # Collected in another thread, one that is open would leave its closing never awaited.
    assert [connection.is_closed for connection in made] == [True]
