"""Live streams for pages: opened with the cookie, because a browser's EventSource sends no other credential."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gateway.live.streams import LiveStreams
from shared.auth import Principal
from shared.errors import Problem


class LiveResponse(Response):
    """A live stream as a response. If the stream cannot begin, the response has only a status."""

    def __init__(
        self,
        streams: LiveStreams,
        path: str,
        query: str,
        headers: dict[str, str],
        client: Callable[[], Awaitable[Principal | str]],
    ) -> None:
        """`path` and `query` are those of the stream in the API; `client` returns its account or address."""
        super().__init__(headers={"Cache-Control": "no-store"})
        self._streams, self._path, self._query, self._forwarded, self._client = streams, path, query, headers, client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""
        stream = {**scope, "path": self._path, "query_string": self._query.encode()}
        cookies = [(name, value) for name, value in self.raw_headers if name == b"set-cookie"]

        async def with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *cookies]
            await send(message)

        try:
            await self._streams.serve(stream, receive, with_cookies, self._forwarded, await self._client())
        except Problem as problem:
            await Response(status_code=problem.status, headers=problem.headers)(scope, receive, with_cookies)
