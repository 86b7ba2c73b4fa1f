"""Identity as a single process: its HTTP API over a real MongoDB and a real RabbitMQ."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import uvicorn

from deploy.local.ports import Ports
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.app import build_app
from services.identity.settings import IdentitySettings
from shared.events import CitizenCodeIssued
from shared.mongo import Database, ServerClock, connect
from shared.seal import SealPurpose
from tests.unit.identity.world import new_form
from tools.portal import until
from tools.suites import own_vhost

VHOST = "identity-alone"
ADMIN = ("admin", "the administrator of this test")


@dataclass
class Reply:
    """A complete HTTP response."""

    status: int
    body: Any
    headers: dict[str, str]


@dataclass
class Identity:
    """A running identity service."""

    url: str
    settings: IdentitySettings
    devices: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, *, token: str = "", headers: dict[str, str] | None = None, **more: Any
    ) -> Reply:
        """One request."""
        sent = {**(headers or {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        async with (
            aiohttp.ClientSession(self.url) as http,
            http.request(method, path, headers=sent, **more) as answer,
        ):
            body = await answer.json() if "json" in answer.content_type else await answer.text()
            return Reply(answer.status, body, {name.lower(): value for name, value in answer.headers.items()})

    async def register(self, body: dict[str, str], **more: Any) -> Reply:
        """Register; retries while the queue of passwords to hash is full (503)."""
        while True:
            answer = await self.ask("POST", "/api/v1/registrations", json=body, **more)
            if answer.status != 503:
                return answer
            assert answer.headers["retry-after"] == "1"
            await asyncio.sleep(0.1)

    async def account(self, cnic: str) -> Citizen | None:
        """The account of the citizen with this CNIC, as it is stored."""
        async with self.database() as database:
            store = CitizenStore(database["citizens"], ServerClock(database), lease=1, settle_after=1)
            return await store.by_index(self.settings.keys.blind(cnic, SealPurpose.CITIZEN_CNIC))

    async def citizen_id(self, cnic: str) -> str:
        """The id of the citizen with this CNIC."""
        account = await self.account(cnic)
        assert account is not None
        return account.id

    async def events(self, cnic: str) -> list[dict[str, Any]]:
        """The events in the document of the citizen with this CNIC."""
        account = await self.account(cnic)
        return list(account.stored["events"]) if account else []

    async def code(self, cnic: str) -> str:
        """The newest code, as the notifier reads it."""
        bodies = [event["data"] for event in await self.events(cnic) if event["type"] == CitizenCodeIssued.type]
        code = CitizenCodeIssued.model_validate_json(bodies[-1]).code
        return self.settings.keys.unseal(code, SealPurpose.CITIZEN_CODE, owner=await self.citizen_id(cnic))

    async def citizen(self) -> dict[str, str]:
        """Register and verify a citizen; returns the registration."""
        body = person()
        registration = (await self.register(body)).body["registration"]
        code = {"code": await self.code(body["cnic"])}
        proven = await self.ask("POST", f"/api/v1/registrations/{registration}/otp", json=code)
        assert proven.status == 200
        self.devices[body["cnic"]] = self.devices[body["mobile"]] = proven.body["device"]
        return body

    async def login(self, login: str, password: str) -> dict[str, Any]:
        """A session."""
        known = {"device": self.devices[login]} if login in self.devices else {}
        answer = await self.ask("POST", "/api/v1/sessions", json={"login": login, "password": password, **known})
        assert answer.status == 200, answer
        return dict(answer.body)

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """Its database."""
        name = f"{self.settings.mongo_prefix}_identity"
        async with connect(self.settings.mongo_url.get_secret_value(), name) as database:
            yield database


def person(**changes: str) -> dict[str, str]:
    """A registration of a new citizen."""
    form = new_form()
    body = {name: getattr(form, name) for name in ("name", "cnic", "mobile", "email", "address", "password")}
    return body | changes


@asynccontextmanager
async def served(app: Any, port: int) -> AsyncIterator[None]:
    """The app behind a real HTTP server."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="on"))
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def alone(environment: dict[str, str], **changed: Any) -> AsyncIterator[Identity]:
    """Identity alone, on its own database and virtual host."""
    ports = Ports()
    port = ports.take()
    url = f"http://127.0.0.1:{port}"
    usual = {
        "amqp_url": await own_vhost(environment, VHOST),
        "port": port,
        "mongo_prefix": "alone",
        "jwks_url": f"{url}/.well-known/jwks.json",
        "admin_login": ADMIN[0],
        "admin_password": ADMIN[1],
    }
    settings = IdentitySettings.model_validate({**environment, **usual, **changed})
    identity = Identity(url, settings)

    async def ready() -> bool | None:
        with suppress(aiohttp.ClientError):
            return True if (await identity.ask("GET", "/health/ready")).status == 200 else None
        return None

    async with served(build_app(settings), port):
        await until(ready, "identity to be ready")
        yield identity
    ports.release()
    async with identity.database() as database:
        await database.client.drop_database(database.name)
