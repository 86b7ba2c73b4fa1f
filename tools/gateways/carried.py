"""A separate suite that sends its messages to stand-ins for providers."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.portal import Portal
from tools.suites import ADMIN, QUICK, own_vhost


@asynccontextmanager
async def carried(home: Path, servers: Servers, **settings: str) -> AsyncIterator[Portal]:
    """The portal of such a suite; settings by name, without the prefix RABTA_."""
    name = f"carried-{secrets.token_hex(3)}"
    broker = await own_vhost({"amqp_url": servers.amqp_url, "amqp_admin_url": servers.amqp_admin_url}, name)
    own = {"RABTA_MONGO_PREFIX": name, "RABTA_AMQP_URL": broker, "RABTA_COURIER_EVERY": "0.2"}
    given = {f"RABTA_{setting.upper()}": value for setting, value in settings.items()}
    suite = Suite(home / name, servers, extra_env=QUICK | own | given)
    await asyncio.to_thread(suite.start)
    try:
        yield Portal(suite.url, ADMIN)
    finally:
        await asyncio.to_thread(suite.stop)
