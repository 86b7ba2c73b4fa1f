"""The identity service as an ASGI application; `wiring` creates its use cases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import State

from services.identity import api, handlers
from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.access import AccessNote
from services.identity.accounts.models.staff import DepartmentSecret, NotedActs
from services.identity.citizens.registry import registry_of
from services.identity.keys.tokens import Tokens
from services.identity.settings import IdentitySettings
from services.identity.stores import IdentityStores
from services.identity.wiring import sweeps_of, wire
from shared.application import service_app
from shared.auth import Authenticator
from shared.clock import utc_now
from shared.inbox import Inbox
from shared.mongo import RecordStore, ServerClock, connect
from shared.runtime import Stream, checks, record_stream, running
from shared.sweep import in_background, sweep_forever

EXAMPLES = Path(__file__).with_name("examples.yaml")


def build_app(settings: IdentitySettings) -> FastAPI:
    """The application; its lifespan connects and runs the background tasks."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_identity") as database:
            clock = ServerClock(database)
            await clock.measure()
            stores = IdentityStores(database, clock, settings)
            await stores.create_indexes()
            await stores.staff.note_unpublished()
            issuer, days = settings.issuer, settings.key_days
            tokens = Tokens(stores.keys, settings.keys, utc_now, issuer=issuer, days=days)
            await tokens.prepare()
            hasher = Hasher(
                settings.keys,
                workers=settings.hash_workers,
                queue=settings.hash_queue,
                memory_kib=settings.hash_memory_kib,
            )
            registry = registry_of(settings)

            app.state.settings = settings
            app.state.authenticator = Authenticator(settings.jwks_url, settings.issuer)
            wire(app.state, stores, settings, hasher, tokens)
            if settings.admin_login and settings.admin_password:
                password = settings.admin_password.get_secret_value()
                await app.state.staff.accounts.ensure_admin(settings.admin_login, password)
            streams = streams_of(app.state, stores, settings)
            publishing: dict[str, RecordStore[Any]] = {"citizen": stores.citizens, "staff": stores.published}
            async with running("identity", settings, clock, stores=publishing, streams=streams) as runtime:
                app.state.checks = checks(runtime, database)
                sweeps = sweeps_of(app.state, stores, settings, registry)
                async with in_background(sweep_forever(*sweep) for sweep in sweeps):
                    yield
            if registry is not None:
                await registry.close()
            hasher.close()

    return service_app("identity", api.router, EXAMPLES, lifespan)


def streams_of(state: State, stores: IdentityStores, settings: IdentitySettings) -> dict[str, Stream]:
    """The streams of other services that this one consumes."""
    looks = handlers.access_handlers(settings.keys)
    of_departments = Inbox(stores.departments, handlers.HANDLERS, lambda code: DepartmentSecret(id=code))
    of_codes = Inbox(stores.citizens, handlers.DELIVERY_HANDLERS, handlers.unknown_citizen)
    of_looks = Inbox(stores.accesses, looks, lambda key: AccessNote(id=key), expect_new=True)
    of_services = Inbox(stores.noted_acts, handlers.SERVICE_HANDLERS, lambda code: NotedActs(id=code))
    of_rules = Inbox(stores.noted_acts, handlers.RULES_HANDLERS, lambda name: NotedActs(id=name))
    return {
        "department": record_stream(stores.departments, of_departments),
        "service": record_stream(stores.noted_acts, of_services),
        "rules": record_stream(stores.noted_acts, of_rules),
        "notification": record_stream(stores.citizens, of_codes),
        "access": record_stream(stores.accesses, of_looks),
    }
