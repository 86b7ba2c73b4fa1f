"""uvicorn's reading of HTTP, with an end to waiting for a head: without one a few slow senders hold all connections."""

import asyncio
from asyncio import TimerHandle

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0


class HeaderTimeoutProtocol(HttpToolsProtocol):
    """Closes a connection whose next head has begun and is not whole after `patience` seconds, or never begins.

    Between two requests of one connection uvicorn's own `timeout_keep_alive` counts.
    """

    patience = HEADER_SECONDS
    _limit: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected: the first head is waited for."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Bytes have come: of a head, unless a request is being answered."""
        super().data_received(data)
        if self._limit is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()

    def on_headers_complete(self) -> None:
        """The head is whole; bodies have a limit of their own (`gateway.door`)."""
        self._wait_no_more()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._limit = self.loop.call_later(self.patience, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
