"""The HTTP interface for controlling a stand-in, and for reading what it has accepted."""

import asyncio
import json
import signal
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import uvloop
from aiohttp import web

from tools.gateways.faults import Conduct, rules_of
from tools.gateways.ledger import Ledger


def add_control(app: web.Application, ledger: Ledger, conduct: Conduct, more: Callable[[dict[str, Any]], None]) -> None:
    """Add routes under /control. `more` takes the settings that only this stand-in has."""

    async def counts(_: web.Request) -> web.Response:
        return web.json_response(ledger.counts())

    async def messages(request: web.Request) -> web.Response:
        asked = request.query
        found = ledger.select(asked.get("to"), int(asked.get("since", "0")), codes="codes" in asked)
        return web.json_response([asdict(message) for message in found])

    async def behave(request: web.Request) -> web.Response:
        told = await request.json()
        try:
            if "faults" in told:
                conduct.rules = rules_of(told.pop("faults"))
            conduct.seed = told.pop("seed", conduct.seed)
            more(told)
        except (KeyError, ValueError) as error:
            raise web.HTTPBadRequest(text=json.dumps({"wrong": str(error)})) from error
        return web.json_response({})

    async def forget(_: web.Request) -> web.Response:
        ledger.forget()
        return web.json_response({})

    app.router.add_get("/control", counts)
    app.router.add_get("/control/messages", messages)
    app.router.add_put("/control", behave)
    app.router.add_delete("/control", forget)


def serve(app: web.Application, port: int) -> None:
    """Serve on loopback until SIGTERM or Ctrl-C. A handler is cancelled when its client disconnects."""
    uvloop.run(_serve(app, port))


async def _serve(app: web.Application, port: int) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await ended.wait()
    await runner.cleanup()
