"""uvicorn's HTTP protocol with a timeout for request headers, so that slow senders cannot hold all connections."""

import asyncio
from asyncio import TimerHandle

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 10.0


class HeaderTimeoutProtocol(HttpToolsProtocol):
    """Closes a connection that has not sent its headers in full after `patience` seconds.

    Between two requests of one connection uvicorn's own `timeout_keep_alive` applies.
    """

    patience = HEADER_SECONDS
    _limit: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timeout for the first headers."""
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        """Start the timeout when the next headers begin, which is not while a request is being answered."""
        super().data_received(data)
        if self._limit is None and (self.cycle is None or self.cycle.response_complete):
            self._start()

    def on_headers_complete(self) -> None:
        """Stop the timeout; bodies have a limit of their own (`gateway.door`)."""
        self._stop()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timeout."""
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        self._limit = self.loop.call_later(self.patience, self.transport.close)

    def _stop(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
