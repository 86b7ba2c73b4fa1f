"""Live streams for pages: opened with the cookie, since a browser's EventSource sends no other credential."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from shared.auth import Principal
from shared.errors import Problem


class LiveServer(Protocol):
    """The server of live streams (`gateway.live`)."""

    async def serve(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], who: Principal | str
    ) -> None:
        """Serve one stream until it ends; `who` is the account, or the address of somebody who is not signed in."""


class LiveResponse(Response):
    """A stream as the answer to a page. A stream that cannot begin is answered by its status alone."""

    def __init__(
        self,
        streams: LiveServer,
        path: str,
        query: str,
        headers: dict[str, str],
        who: Callable[[], Awaitable[Principal | str]],
    ) -> None:
        """`path` and `query` are those of the stream in the API."""
        super().__init__(headers={"Cache-Control": "no-store"})
        self._streams, self._path, self._query, self._sent, self._who = streams, path, query, headers, who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it."""
        stream = {**scope, "path": self._path, "query_string": self._query.encode()}
        cookies = [(name, value) for name, value in self.raw_headers if name == b"set-cookie"]

        async def with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *cookies]
            await send(message)

        try:
            await self._streams.serve(stream, receive, with_cookies, self._sent, await self._who())
        except Problem as problem:
            await Response(status_code=problem.status, headers=problem.headers)(scope, receive, with_cookies)
