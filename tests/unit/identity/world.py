"""All use cases of identity over one set of stores, with a clock that a test moves."""

import asyncio
import dataclasses
import itertools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.challenge import ANY_WAY, BY_SMS, Purpose
from services.identity.accounts.models.citizen import Citizen
from services.identity.accounts.models.device import Caller
from services.identity.accounts.models.spellings import read_cnic
from services.identity.accounts.models.staff import PublishedMember
from services.identity.accounts.service.accounts import Accounts
from services.identity.accounts.store.accesses import AccessTrailStore
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.accounts.store.sessions import SessionStore
from services.identity.accounts.store.staff import PublishedMemberStore, StaffStore
from services.identity.accounts.store.throttles import ThrottleStore
from services.identity.citizens.service.counter import CounterAccounts
from services.identity.citizens.service.erasure import AccountErasure
from services.identity.citizens.service.mobiles import MobileChanges
from services.identity.citizens.service.passwords import Passwords
from services.identity.citizens.service.registration import Registration, Registrations
from services.identity.codes.service.codes import CodeRequest, Codes, Pending
from services.identity.codes.service.limits import AddressLimits, CodeLimits
from services.identity.codes.service.password_check import PasswordCheck
from services.identity.codes.store.challenges import ChallengeStore
from services.identity.handlers import DELIVERY_HANDLERS
from services.identity.keys.store.keys import KeyStore
from services.identity.keys.tokens import Tokens
from services.identity.sessions.service.clients import Clients
from services.identity.sessions.service.devices import Devices
from services.identity.sessions.service.login_limits import LoginLimits
from services.identity.sessions.service.own_sessions import OwnSessions
from services.identity.sessions.service.sessions import GrantedTokens, Logins
from services.identity.sessions.store.devices import DeviceStore
from services.identity.staff.store.audit import AuditStore
from services.identity.staff.store.departments import DepartmentSecretStore
from services.identity.staff.store.login_steps import LoginStepStore
from services.identity.stores import IdentityStores
from services.identity.wiring import staff_services
from shared.addresses import read_mobile
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import CitizenCodeIssued, NotificationCodeDelivered
from shared.seal import KeyRing, SealPurpose
from tests.fakes import FakeTrail, MemoryStore
from tests.unit.identity.fakes import (
    FakeChallenges,
    FakeCitizens,
    FakeDepartments,
    FakeDevices,
    FakeKeys,
    FakeSessions,
    FakeThrottles,
)
from tests.unit.identity.staff_fakes import FakeAudit, FakeLoginSteps, FakeStaff

RING = KeyRing(b"d" * 32, b"i" * 32)
ISSUER = "https://rabta.example"
PASSWORD = "monsoon over the blue hills"
T = TypeVar("T")
C = TypeVar("C", bound=Callable[..., Any])
OVER_MONGODB: set[str] = set()
"""The qualified names of the cases that also run on MongoDB."""
_serial = itertools.count(1)


def also_over_mongodb(case: C) -> C:
    """Mark a case that depends on the store: concurrent writes, uniqueness, queries, times."""
    OVER_MONGODB.add(case.__qualname__)
    return case


@dataclass
class Clock:
    """A clock that tests move."""

    now: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        """Move the clock; returns the new time."""
        self.now += timedelta(**span)
        return self.now


@dataclass
class Stores:
    """All stores of identity."""

    citizens: CitizenStore
    challenges: ChallengeStore
    throttles: ThrottleStore
    sessions: SessionStore
    staff: StaffStore
    keys: KeyStore
    departments: DepartmentSecretStore
    audit: AuditStore
    steps: LoginStepStore
    devices: DeviceStore
    published: PublishedMemberStore


def fake_stores() -> Stores:
    """All stores in memory."""
    fakes: Any = (
        FakeCitizens(),
        FakeChallenges(),
        FakeThrottles(),
        FakeSessions(),
        FakeStaff(),
        FakeKeys(),
        FakeDepartments(),
        FakeAudit(),
        FakeLoginSteps(),
        FakeDevices(),
        MemoryStore(PublishedMember),
    )
    return Stores(*fakes)


@dataclass
class World:
    """The use cases, wired as the app wires them."""

    stores: Stores
    ring: KeyRing = RING
    clock: Clock = field(default_factory=Clock)
    queue: int = 100
    totp_required: bool = False
    chosen_passwords: bool = True
    address: AddressLimits = field(default_factory=AddressLimits)

    def __post_init__(self) -> None:
        stores, ring, clock = self.stores, self.ring, self.clock
        self.hasher = Hasher(ring, workers=2, queue=self.queue, memory_kib=8)  # the cost of a hash is no rule
        self.tokens = Tokens(stores.keys, ring, clock, issuer=ISSUER, days=30)
        self.accounts = Accounts(stores.citizens, stores.staff, ring, clock)
        limits = CodeLimits(stores.throttles, self.address)
        self.codes = Codes(stores.citizens, stores.challenges, limits, ring, clock)
        self.ends = OwnSessions(stores.citizens, stores.sessions, stores.devices, clock)
        self.registrations = Registrations(stores.citizens, self.codes, self.ends, self.hasher, ring, clock)
        self.staff = staff_services(
            cast(IdentityStores, stores),
            self.accounts,
            self.hasher,
            ring,
            clock,
            totp_required=self.totp_required,
            chosen_passwords=self.chosen_passwords,
        )
        self.audit, self.factors, self.staff_logins = self.staff.audit, self.staff.factors, self.staff.logins
        self.trail = FakeTrail()
        trail = cast(AccessTrailStore, self.trail)
        self.counter = CounterAccounts(
            stores.citizens, self.registrations, stores.throttles, self.audit, trail, ring, clock
        )
        self.devices = Devices(stores.devices, clock)
        self.tokens_of: dict[str, str] = {}
        self.logins = Logins(
            self.accounts,
            stores.sessions,
            LoginLimits(stores.throttles, clock, self.address),
            self.devices,
            self.codes,
            self.hasher,
            self.tokens,
            clock,
            self.staff_logins,
        )
        self.proving = PasswordCheck(self.accounts, stores.throttles, self.hasher, clock)
        self.passwords = Passwords(
            stores.citizens, self.accounts, self.codes, self.proving, self.ends, self.hasher, ring, clock
        )
        self.erasure = AccountErasure(stores.citizens, self.ends, trail, self.proving, clock)
        self.mobiles = MobileChanges(stores.citizens, self.ends, self.proving, self.codes, self.hasher, ring, clock)
        self.clients = Clients(stores.departments, self.tokens, self.clock)

    async def published(self, form: Registration) -> list[Envelope]:
        """All events of the account that holds the CNIC of this form."""
        citizen = await self.stores.citizens.by_index(self.ring.blind(form.cnic, SealPurpose.CITIZEN_CNIC))
        if citizen is None:
            return []
        return [Envelope.of_entry("identity", citizen.id, entry) for entry in citizen.stored["events"]]

    async def types_said(self, form: Registration) -> list[str]:
        """The types of the account's events."""
        return [envelope.type.split(".")[1] for envelope in await self.published(form)]

    async def issued_codes(self, form: Registration) -> list[CitizenCodeIssued]:
        """All issued codes, as the notifier gets them."""
        bodies = [e.data for e in await self.published(form) if e.type == CitizenCodeIssued.type]
        return [CitizenCodeIssued.model_validate_json(body) for body in bodies]

    async def code_for(self, form: Registration) -> str:
        """The newest code."""
        codes, citizen = await self.issued_codes(form), await self.citizen(form)
        return self.ring.unseal(codes[-1].code, SealPurpose.CITIZEN_CODE, owner=citizen.id)

    async def citizen(self, form: Registration) -> Citizen:
        """The account that holds the CNIC of this form."""
        citizen = await self.stores.citizens.by_index(self.ring.blind(form.cnic, SealPurpose.CITIZEN_CNIC))
        assert citizen is not None
        return citizen

    async def challenged(self, form: Registration, purpose: Purpose, to: str | None = None) -> Pending:
        """A challenge of a purpose for a citizen with an account."""
        citizen = await self.citizen(form)
        ways = self.codes.ways_of(citizen) if purpose == "login" else BY_SMS if purpose == "contact" else ANY_WAY
        asked = CodeRequest(purpose, citizen.id, citizen.mobile_index, new_address(), ways)
        return await self.codes.start(asked, citizen, to)

    async def deliver(self, form: Registration) -> None:
        """Handle the notifier's event that the newest code was delivered."""
        citizen = await self.citizen(form)
        [*_, issued] = [e for e in await self.published(form) if e.type == CitizenCodeIssued.type]
        told = NotificationCodeDelivered(code_seq=issued.seq, channel="sms", delivered_at=self.clock.now)
        body = told.model_dump_json().encode()
        envelope = Envelope("notifier", told.type, citizen.id, 1, self.clock.now, body)
        DELIVERY_HANDLERS[told.type](citizen, told, envelope)
        assert not await self.stores.citizens.save_many([citizen])

    async def verified(self, form: Registration | None = None) -> Registration:
        """Register a citizen and prove the mobile."""
        form = form or new_form()
        pending = await self.registrations.register(form, new_address())
        citizen = await self.registrations.verify(pending.id, await self.code_for(form))
        self.tokens_of[form.cnic] = self.tokens_of[form.mobile] = await self.devices.remember(citizen.id, "a test")
        return form

    async def login(self, login: str, password: str, *, known: bool = True) -> GrantedTokens:
        """Log in with the password alone on the device of the registration, otherwise with a code."""
        device = self.tokens_of.get(read_cnic(login) or read_mobile(login) or "") if known else None
        caller = Caller(new_address(), "Firefox", device)
        step = await self.logins.login(login, password, caller)
        if isinstance(step, Pending):
            citizen = await self.stores.citizens.by_challenge(step.id)
            assert citizen is not None
            entries = [Envelope.of_entry("identity", citizen.id, entry) for entry in citizen.stored["events"]]
            [*_, issued] = [e.data for e in entries if e.type == CitizenCodeIssued.type]
            code = self.ring.unseal(
                CitizenCodeIssued.model_validate_json(issued).code, SealPurpose.CITIZEN_CODE, owner=citizen.id
            )
            return await self.logins.answer_code(step.id, code, caller, remember=False)
        assert isinstance(step, GrantedTokens)
        return step

    async def logged_in(self, form: Registration) -> GrantedTokens:
        """A session."""
        return await self.login(form.cnic, form.password)


async def outcomes(*calls: Coroutine[Any, Any, T]) -> tuple[list[T], list[BaseException]]:
    """Results and errors of concurrent calls."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    raised = [result for result in results if isinstance(result, BaseException)]
    return [result for result in results if not isinstance(result, BaseException)], raised


def wrong(code: str) -> str:
    """A wrong code."""
    return f"{(int(code) + 1) % 1_000_000:06}"


def new_address() -> str:
    """An unused address."""
    return f"address {next(_serial)}"


def new_form(**changes: str) -> Registration:
    """The registration of a new person."""
    serial = next(_serial)
    form = Registration(
        name="Ayesha Khan",
        cnic=f"35202{serial:07d}2",
        mobile=f"+92300{serial:07d}",
        email="ayesha@example.com",
        address="House 12, Street 4, Hayatabad",
        password=PASSWORD,
    )
    return dataclasses.replace(form, **changes)  # type: ignore[arg-type]  # all its fields are texts
