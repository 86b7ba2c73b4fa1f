"""Wiring of the identity service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI

from services.identity import api, handlers
from services.identity.hashing import Hasher
from services.identity.models.access import AccessNote
from services.identity.models.staff import Department
from services.identity.models.throttle import ADDRESS_FAILURES, SENDS_AN_ADDRESS
from services.identity.registry import registry_of
from services.identity.service.accesses import Accesses
from services.identity.service.accounts import Accounts
from services.identity.service.checking import Checking
from services.identity.service.clients import Clients
from services.identity.service.code_limits import CodeLimits
from services.identity.service.codes import Codes
from services.identity.service.corrections import Corrections
from services.identity.service.counter import Counter
from services.identity.service.delivery import Latency
from services.identity.service.devices import Devices
from services.identity.service.erasure import Erasure
from services.identity.service.login_limits import LoginLimits
from services.identity.service.mobiles import MobileChanges
from services.identity.service.own_data import OwnData
from services.identity.service.passwords import Passwords
from services.identity.service.proving import Proving
from services.identity.service.registration import Registrations
from services.identity.service.session_ends import SessionEnds
from services.identity.service.sessions import Logins
from services.identity.service.staff_room import StaffRoom, StaffStores
from services.identity.settings import IdentitySettings
from services.identity.store import (
    AccessStore,
    AuditStore,
    ChallengeStore,
    CitizenStore,
    DepartmentStore,
    DeviceStore,
    KeyStore,
    LoginStepStore,
    SessionStore,
    StaffStore,
    ThrottleStore,
)
from services.identity.tokens import Tokens
from shared import errors, health
from shared.auth import Authenticator
from shared.clock import utc_now
from shared.inbox import Inbox
from shared.mongo import OUTAGES, ServerClock, connect
from shared.runtime import Stream, checks, record_stream, running
from shared.sweep import sweep_forever

FORGET_EVERY = 600.0


def build_app(settings: IdentitySettings) -> FastAPI:
    """The service as an ASGI application; it connects and starts its background side in its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_identity") as database:
            clock = ServerClock(database)
            await clock.measure()
            marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
            citizens = CitizenStore(database["citizens"], clock, **marks)
            departments = DepartmentStore(database["departments"], clock, **marks)
            challenges, throttles = ChallengeStore(database), ThrottleStore(database)
            sessions, staff, audit_entries = SessionStore(database), StaffStore(database), AuditStore(database)
            steps, accesses = LoginStepStore(database), AccessStore(database["accesses"], clock, **marks)
            device_store = DeviceStore(database)
            for store in (
                device_store,
                citizens,
                departments,
                challenges,
                throttles,
                sessions,
                staff,
                audit_entries,
                steps,
                accesses,
            ):
                await store.create_indexes()

            keys = settings.keys
            hasher = Hasher(keys, workers=settings.hash_workers, queue=settings.hash_queue)
            issuer, days = settings.issuer, settings.key_days
            tokens = Tokens(KeyStore(database), keys, utc_now, issuer=issuer, days=days, outages=OUTAGES)
            await tokens.prepare()
            accounts = Accounts(citizens, staff, keys)
            latency = Latency()
            limits = CodeLimits(throttles, from_an_address=replace(SENDS_AN_ADDRESS, most=settings.codes_per_address))
            codes = Codes(citizens, challenges, limits, keys, utc_now, latency)
            room = StaffRoom(
                StaffStores(staff, sessions, steps, audit_entries, throttles),
                accounts,
                hasher,
                keys,
                utc_now,
                totp_required=settings.needs_totp,
                chosen_passwords=not settings.is_production,
            )
            if settings.admin_login and settings.admin_password:
                await room.office.ensure_admin(settings.admin_login, settings.admin_password.get_secret_value())

            app.state.settings = settings
            app.state.authenticator = Authenticator(settings.jwks_url, settings.issuer)
            registrations = Registrations(citizens, codes, hasher, keys, utc_now)
            app.state.codes, app.state.accounts, app.state.tokens = codes, accounts, tokens
            app.state.registrations, app.state.staff = registrations, room
            app.state.counter = Counter(citizens, registrations, throttles, room.audit, accesses, keys, utc_now)
            failures = replace(ADDRESS_FAILURES, most=settings.failed_logins_per_address)
            attempts = LoginLimits(throttles, utc_now, from_an_address=failures)
            devices = app.state.devices = Devices(device_store, utc_now)
            app.state.logins = Logins(
                accounts, sessions, attempts, devices, codes, hasher, tokens, utc_now, room.logins
            )
            proving = Proving(accounts, throttles, hasher, utc_now)
            registry = registry_of(settings)
            again = settings.registry_again
            sweeps = [Checking(citizens, registry, keys, utc_now, again=again).sweep] if registry else []
            ends = app.state.session_ends = SessionEnds(citizens, sessions, device_store, utc_now)
            app.state.erasure = Erasure(citizens, ends, accesses, proving, utc_now)
            app.state.passwords = Passwords(citizens, accounts, codes, proving, ends, hasher, keys, utc_now)
            app.state.accesses = Accesses(accesses)
            app.state.own_data = OwnData(citizens, sessions, device_store, app.state.accesses, keys, utc_now)
            app.state.corrections = Corrections(citizens, proving, keys, utc_now)
            app.state.mobiles = MobileChanges(citizens, ends, proving, codes, hasher, keys, utc_now)
            app.state.clients = Clients(departments, tokens)
            of_departments = Inbox(departments, handlers.HANDLERS, lambda code: Department(id=code))
            of_codes = Inbox(citizens, handlers.delivery_handlers(latency), handlers.nobody)
            of_looks = Inbox(accesses, handlers.access_handlers(keys), lambda key: AccessNote(id=key), begun_here=True)
            streams: dict[str, Stream] = {
                "department": record_stream(departments, of_departments),
                "notification": record_stream(citizens, of_codes),
                "access": record_stream(accesses, of_looks),
            }
            async with running("identity", settings, clock, stores={"citizen": citizens}, streams=streams) as runtime:
                app.state.checks = checks(runtime, database)
                async with asyncio.TaskGroup() as tasks:
                    timers = [
                        tasks.create_task(sweep_forever("staff", settings.sweep_every, room.settling.sweep)),
                        *(tasks.create_task(sweep_forever("registry", settings.registry_every, s)) for s in sweeps),
                        tasks.create_task(sweep_forever("sessions", settings.sweep_every, ends.sweep)),
                        tasks.create_task(sweep_forever("undos", FORGET_EVERY, app.state.mobiles.forget_undos)),
                        tasks.create_task(sweep_forever("unproven", FORGET_EVERY, app.state.erasure.sweep)),
                    ]
                    try:
                        yield
                    finally:
                        for timer in timers:
                            timer.cancel()
            if registry is not None:
                await registry.close()
            hasher.close()

    app = FastAPI(title="Rabta identity", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    errors.install(app, OUTAGES)
    app.include_router(api.router)
    app.include_router(health.router)
    return app
