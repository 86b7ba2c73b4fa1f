"""All use cases of staff, wired to one set of stores."""

from dataclasses import dataclass

from services.identity.accounts.hashing import Hasher
from services.identity.accounts.ports import AuditEntries, LoginSteps, PublishedMembers, Sessions, Staff, Throttles
from services.identity.accounts.service.accounts import Accounts
from services.identity.codes.service.password_check import PasswordCheck
from services.identity.staff.service.accounts import StaffAccounts
from services.identity.staff.service.audit import Audit
from services.identity.staff.service.login import StaffLogins
from services.identity.staff.service.members import Members
from services.identity.staff.service.second_factor import SecondFactors
from shared.clock import Clock
from shared.seal import KeyRing


@dataclass(frozen=True)
class StaffStores:
    """The stores of staff, and those of others that changes of staff touch."""

    staff: Staff
    published: PublishedMembers
    sessions: Sessions
    steps: LoginSteps
    entries: AuditEntries
    throttles: Throttles


class StaffServices:
    """The use cases. `totp_required`: see `StaffLogins`; `chosen_passwords`: see `StaffAccounts`."""

    def __init__(
        self,
        stores: StaffStores,
        accounts: Accounts,
        hasher: Hasher,
        keys: KeyRing,
        clock: Clock,
        *,
        totp_required: bool,
        chosen_passwords: bool,
    ) -> None:
        self.audit = Audit(stores.entries, keys)
        self.members = Members(stores.staff, stores.published, stores.sessions, stores.steps, self.audit, keys, clock)
        self.accounts = StaffAccounts(
            stores.staff,
            self.members,
            PasswordCheck(accounts, stores.throttles, hasher, clock),
            hasher,
            keys,
            clock,
            chosen_passwords=chosen_passwords,
            alone_is_long=not chosen_passwords and not totp_required,
        )
        self.factors = SecondFactors(self.members, stores.throttles, keys, clock)
        self.logins = StaffLogins(accounts, stores.steps, self.factors, clock, required=totp_required)
