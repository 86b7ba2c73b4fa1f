"""Which use case works over which stores, and what goes on beside requests."""

from collections.abc import Awaitable, Callable

from starlette.datastructures import State

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.throttle import TokenBucket
from services.identity.accounts.service.accesses import AccessTrail
from services.identity.accounts.service.accounts import Accounts
from services.identity.citizens.registry import IdentityRegistry
from services.identity.citizens.service.corrections import Corrections
from services.identity.citizens.service.counter import CounterAccounts
from services.identity.citizens.service.erasure import AccountErasure
from services.identity.citizens.service.mobiles import MobileChanges
from services.identity.citizens.service.own_data import OwnData
from services.identity.citizens.service.passwords import Passwords
from services.identity.citizens.service.registration import Registrations
from services.identity.citizens.service.registry_checks import RegistryChecks
from services.identity.codes.service.codes import Codes
from services.identity.codes.service.limits import AddressLimits, CodeLimits
from services.identity.codes.service.password_check import PasswordCheck
from services.identity.keys.tokens import Tokens
from services.identity.sessions.service.clients import Clients
from services.identity.sessions.service.devices import Devices
from services.identity.sessions.service.login_limits import LoginLimits
from services.identity.sessions.service.own_sessions import OwnSessions
from services.identity.sessions.service.sessions import Logins
from services.identity.settings import IdentitySettings
from services.identity.staff.service.audit import DepartmentActs
from services.identity.staff.service.services import StaffServices, StaffStores
from services.identity.stores import IdentityStores
from shared.clock import utc_now

FORGET_EVERY = 600.0
Sweep = tuple[str, float, Callable[[], Awaitable[object]]]
"""Its name, every how many seconds, and what is done."""


def staff_services(
    stores: IdentityStores, settings: IdentitySettings, hasher: Hasher, *, chosen_passwords: bool
) -> StaffServices:
    """The use cases of staff."""
    return StaffServices(
        StaffStores(stores.staff, stores.published, stores.sessions, stores.steps, stores.audit, stores.throttles),
        Accounts(stores.citizens, stores.staff, settings.keys),
        hasher,
        settings.keys,
        utc_now,
        totp_required=settings.needs_totp,
        chosen_passwords=chosen_passwords,
    )


def wire(state: State, stores: IdentityStores, settings: IdentitySettings, hasher: Hasher, tokens: Tokens) -> None:
    """Put every use case where the routes find it."""
    keys, citizens = settings.keys, stores.citizens
    address = AddressLimits(
        codes=TokenBucket.an_hour(settings.codes_per_address),
        failures=TokenBucket.an_hour(settings.failures_per_address),
    )
    sends = CodeLimits(stores.throttles, address)
    attempts = LoginLimits(stores.throttles, utc_now, address)

    state.tokens = tokens
    accounts = state.accounts = Accounts(citizens, stores.staff, keys)
    codes = state.codes = Codes(citizens, stores.challenges, sends, keys, utc_now)
    staff = state.staff = staff_services(stores, settings, hasher, chosen_passwords=not settings.is_production)
    ends = state.session_ends = OwnSessions(citizens, stores.sessions, stores.devices, utc_now)
    registrations = state.registrations = Registrations(citizens, codes, ends, hasher, keys, utc_now)
    state.counter = CounterAccounts(
        citizens, registrations, stores.throttles, staff.audit, stores.accesses, keys, utc_now
    )
    devices = state.devices = Devices(stores.devices, utc_now)
    state.logins = Logins(accounts, stores.sessions, attempts, devices, codes, hasher, tokens, utc_now, staff.logins)
    state.clients = Clients(stores.departments, tokens, utc_now)

    password_check = PasswordCheck(accounts, stores.throttles, hasher, utc_now)
    state.passwords = Passwords(citizens, accounts, codes, password_check, ends, hasher, keys, utc_now)
    state.mobiles = MobileChanges(citizens, ends, password_check, codes, hasher, keys, utc_now)
    state.corrections = Corrections(citizens, password_check, keys, utc_now)
    state.erasure = AccountErasure(citizens, ends, stores.accesses, password_check, utc_now)
    state.accesses = AccessTrail(stores.accesses)
    state.own_data = OwnData(citizens, stores.sessions, stores.devices, state.accesses, keys, utc_now)


def sweeps_of(
    state: State, stores: IdentityStores, settings: IdentitySettings, registry: IdentityRegistry | None
) -> list[Sweep]:
    """What is looked for again and again."""
    sweeps: list[Sweep] = [
        ("staff", settings.sweep_every, state.staff.members.sweep),
        ("sessions", settings.sweep_every, state.session_ends.sweep),
        ("departments", settings.sweep_every, DepartmentActs(stores.departments, state.staff.audit).sweep),
        ("undos", FORGET_EVERY, state.mobiles.forget_undos),
        ("unproven", FORGET_EVERY, state.erasure.sweep),
    ]
    if registry is not None:
        checking = RegistryChecks(stores.citizens, registry, settings.keys, utc_now, again=settings.registry_again)
        sweeps.append(("registry", settings.registry_every, checking.sweep))
    return sweeps
