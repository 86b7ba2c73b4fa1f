"""Serves an ASGI application on a real socket during a test, and makes valid tokens."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import OKPKey

from gateway.settings import GatewaySettings
from shared.auth import ALGORITHM, AUDIENCE
from shared.header_timeout import HeaderTimeoutProtocol

ISSUER = str(GatewaySettings.model_fields["public_url"].default)
KEY = OKPKey.generate_key("Ed25519", parameters={"kid": "test"})
JWKS: dict[str, Any] = {"keys": [KEY.as_dict(private=False)]}


class QuietServer(uvicorn.Server):
    """A server that leaves signals to the test runner."""

    @contextmanager
    def capture_signals(self) -> Any:
        """Capture none."""
        yield


@asynccontextmanager
async def serving(
    app: Any, port: int = 0, *, operators: int | None = None, http: Any = HeaderTimeoutProtocol
) -> AsyncIterator[str]:
    """The base URL of `app` while the context is open; `operators` is one more port that it listens on."""
    config = uvicorn.Config(
        app,
        http=http,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    server = QuietServer(config)
    sockets = None  # uvicorn's own, without Nagle's algorithm, which delays each response by 40 ms
    if operators is not None:
        more = uvicorn.Config(app, host="127.0.0.1", port=operators, log_config=None)
        sockets = [config.bind_socket(), more.bind_socket()]
    task = asyncio.create_task(server.serve(sockets=sockets))
    try:
        async with asyncio.timeout(30):
            while not server.started:
                if task.done():
                    await task
                    raise RuntimeError("the server did not start")
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


def token(subject: str = "citizen-1", *, role: str = "citizen", lasts: float = 600.0, **claims: Any) -> str:
    """An access token; `lasts` is seconds."""
    now = time.time()
    times = {"iat": int(now), "nbf": int(now) - 5, "exp": now + lasts}
    body = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "role": role, "sid": "session-1", **times, **claims}
    return jwt.encode({"alg": ALGORITHM, "kid": "test", "typ": "at+jwt"}, body, KEY, algorithms=[ALGORITHM])


def bearer(subject: str = "citizen-1", **more: Any) -> dict[str, str]:
    """The headers of a signed-in client."""
    return {"Authorization": f"Bearer {token(subject, **more)}"}
