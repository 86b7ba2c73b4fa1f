"""Starts a stand-in in a separate process for a test, changes its behaviour, and reads what it accepted."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from deploy.local.home import ROOT
from deploy.local.ports import Ports
from deploy.local.probes import http_probe
from deploy.local.process import Process
from tools.portal import PATIENCE, until


@dataclass(frozen=True)
class StandIn:
    """A running stand-in: messages go to `address`; `control` is the address for tests."""

    process: Process
    port: int
    address: str
    control: str

    async def behave(self, **how: Any) -> None:
        """Change its behaviour, by the options of its command line: `faults="hang=1"`, `rate=20`."""
        await self._ask("PUT", "", how)

    async def forget(self) -> None:
        """Empty its ledger."""
        await self._ask("DELETE", "")

    async def counts(self) -> dict[str, Any]:
        """The numbers of messages, of those that came more than once, and of attempts by result."""
        return dict(await self._ask("GET", ""))

    async def messages(self, to: str = "", since: int = 0, *, codes: bool = False) -> list[dict[str, Any]]:
        """The accepted messages, in order of arrival."""
        asked = {"since": str(since), **({"to": to} if to else {}), **({"codes": ""} if codes else {})}
        return list(await self._ask("GET", "/messages", params=asked))

    async def message(self, to: str, patience: float = PATIENCE) -> dict[str, Any]:
        """Wait for the first message to an address."""

        async def look() -> dict[str, Any] | None:
            return next(iter(await self.messages(to)), None)

        return await until(look, "a message at the stand-in", patience)

    async def inbound(self, sender: str, words: str, **more: str) -> int:
        """Send an inbound SMS to the portal; returns the HTTP status of the response."""
        return int((await self._ask("POST", "/inbound", {"from": sender, "words": words, **more}))["status"])

    async def release(self) -> None:
        """Send late receipts now."""
        await self._ask("POST", "/receipts")

    async def _ask(self, method: str, path: str, body: Any = None, params: dict[str, str] | None = None) -> Any:
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, f"{self.control}/control{path}", json=body, params=params) as answer,
        ):
            assert answer.status == 200, await answer.text()
            return await answer.json()


@contextmanager
def sms_gateway(folder: Path, name: str = "sms", **given: str | float) -> Iterator[StandIn]:
    """An SMS gateway, with its options by name."""
    with _ports(1) as (port,), _running(folder, f"gateway-{name}", "sms", port, {"port": port, **given}) as process:
        yield StandIn(process, port, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}")


@contextmanager
def mail_server(folder: Path, **given: str | float) -> Iterator[StandIn]:
    """A mail server, with its options by name."""
    with _ports(2) as (port, control):
        options = {"port": port, "control-port": control, **given}
        with _running(folder, "gateway-mail", "mail", control, options) as process:
            yield StandIn(process, port, f"smtp://127.0.0.1:{port}?tls=never", f"http://127.0.0.1:{control}")


@contextmanager
def _ports(count: int) -> Iterator[list[int]]:
    ports = Ports()
    try:
        yield [ports.take(None) for _ in range(count)]
    finally:
        ports.release()


@contextmanager
def _running(folder: Path, name: str, module: str, port: int, options: dict[str, Any]) -> Iterator[Process]:
    typed = [f"--{option.replace('_', '-')}={value}" for option, value in options.items()]
    process = Process(
        name,
        [sys.executable, "-m", f"tools.gateways.{module}", *typed],
        environment=dict(os.environ),
        folder=ROOT,
        log=folder / f"{name}.log",
        probe=partial(http_probe, f"http://127.0.0.1:{port}/control"),
        port=port,
    )
    process.start()
    try:
        process.wait_ready()
        yield process
    finally:
        process.stop()
