"""How routing speaks to the broker's management API."""

import base64
import warnings

import aiohttp
from aiohttp import web

from services.routing.provisioning import Broker


async def test_name_and_password_of_the_address_are_said_as_they_are_meant() -> None:
    said: list[str] = []

    async def users(request: web.Request) -> web.Response:
        said.append(base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode())
        return web.json_response([{"name": "department.water", "password_hash": "h"}])

    app = web.Application()
    app.router.add_get("/api/users", users)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            broker = Broker(f"http://rabta:p%40ss%2Fword@127.0.0.1:{port}", "/")
        async with aiohttp.ClientSession() as http:
            assert await broker.users(http) == {"department.water": "h"}
    finally:
        await runner.cleanup()
    assert said == ["rabta:p@ss/word"]
