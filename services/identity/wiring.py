"""Creates the use cases of the service, and lists its background sweeps."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from starlette.datastructures import State

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.models.throttle import TokenBucket
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
from services.identity.staff.service.accounts import StaffAccounts
from services.identity.staff.service.audit import Audit, OtherServicesActs
from services.identity.staff.service.login import StaffLogins
from services.identity.staff.service.members import Members
from services.identity.staff.service.second_factor import SecondFactors
from services.identity.staff.service.services import StaffServices
from services.identity.stores import IdentityStores
from shared.clock import Clock, utc_now
from shared.seal import KeyRing

FORGET_EVERY = 600.0
Sweep = tuple[str, float, Callable[[], Awaitable[object]]]
"""Name, seconds between two runs, and what runs."""


def staff_services(
    stores: IdentityStores,
    accounts: Accounts,
    hasher: Hasher,
    keys: KeyRing,
    clock: Clock,
    *,
    totp_required: bool,
    chosen_passwords: bool,
) -> StaffServices:
    """The use cases of staff. `totp_required`: see `StaffLogins`; `chosen_passwords`: see `StaffAccounts`."""
    audit = Audit(stores.audit, keys)
    members = Members(stores.staff, stores.published, stores.sessions, stores.steps, audit, keys, clock)
    factors = SecondFactors(members, stores.throttles, keys, clock)
    staff_accounts = StaffAccounts(
        stores.staff,
        members,
        PasswordCheck(accounts, stores.throttles, hasher, clock),
        hasher,
        keys,
        clock,
        chosen_passwords=chosen_passwords,
        alone_is_long=not chosen_passwords and not totp_required,
    )
    logins = StaffLogins(accounts, stores.steps, factors, clock, required=totp_required)
    return StaffServices(audit, members, staff_accounts, factors, logins)


def wire(state: State, stores: IdentityStores, settings: IdentitySettings, hasher: Hasher, tokens: Tokens) -> None:
    """Put every use case into `state`, where the routes find it."""
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
    staff = state.staff = staff_services(
        stores,
        accounts,
        hasher,
        keys,
        utc_now,
        totp_required=settings.needs_totp,
        chosen_passwords=not settings.is_production,
    )
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
    state.accesses = stores.accesses
    state.own_data = OwnData(citizens, stores.sessions, stores.devices, stores.accesses, keys, utc_now)


def sweeps_of(
    state: State, stores: IdentityStores, settings: IdentitySettings, registry: IdentityRegistry | None
) -> list[Sweep]:
    """The background sweeps."""
    acts = OtherServicesActs((stores.departments, stores.noted_acts), state.staff.audit)
    sweeps: list[Sweep] = [
        ("staff", settings.sweep_every, state.staff.members.sweep),
        ("sessions", settings.sweep_every, state.session_ends.sweep),
        ("acts", settings.sweep_every, acts.sweep),
        ("undos", FORGET_EVERY, state.mobiles.forget_undos),
        ("unproven", FORGET_EVERY, state.erasure.sweep),
    ]
    if registry is not None:
        again = timedelta(seconds=settings.registry_again)
        checking = RegistryChecks(stores.citizens, registry, settings.keys, utc_now, again)
        sweeps.append(("registry", settings.registry_every, checking.sweep))
    return sweeps
